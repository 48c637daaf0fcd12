#include "loadgen/model/timeline.hpp"

#include <gtest/gtest.h>

namespace squall::model {
namespace {

using namespace std::chrono_literals;

RunRecord with_faults() {
  RunRecord record;
  record.faults = {{"twins", "duplicate", {}, "", {}, {}},
                   {"lost\x1b-ack", "drop", {}, "", {}, {}}};
  return record;
}

TEST(TimelineTest, TellsWhenWhichAttemptAndHowItEnded) {
  EffectAttempt attempt;
  attempt.attempt = 1;
  attempt.copy = 1;
  attempt.first_byte = 12'345ms;
  attempt.end = 12'368ms;
  attempt.how = AttemptClass::kSuccess;
  attempt.status = 201;
  attempt.bytes_sent = 512;
  attempt.faults = {0, 1};
  EXPECT_EQ(
      timeline_line(with_faults(), attempt),
      "+12.345s  attempt 2 copy 2: 201 success after 23ms, 512 B sent [twins, lost\\x1b-ack]");
}

TEST(TimelineTest, WhatWasNeverSentStandsAtItsEnd) {
  EffectAttempt attempt;
  attempt.end = -500ms;
  attempt.how = AttemptClass::kRefused;
  attempt.detail = "connection\nrefused";
  EXPECT_EQ(timeline_line(with_faults(), attempt),
            "-0.500s  attempt 1: refused, nothing sent; connection\\x0arefused");
}

TEST(TimelineTest, ListsFaultsWithTheirKinds) {
  EXPECT_EQ(fault_list(with_faults(), {}), "no client fault");
  EXPECT_EQ(fault_list(with_faults(), {0}), "twins (duplicate)");
  EXPECT_EQ(fault_list(with_faults(), {0, 1, 9}),
            "twins (duplicate), lost\\x1b-ack (drop) and fault 9");
}

}  // namespace
}  // namespace squall::model
