#include "reports/checks/proxy_injection.hpp"

#include <gtest/gtest.h>

namespace squall::reports {
namespace {

using Weight = InjectionRemark::Weight;

model::RunRecord record_with(std::uint64_t seen, std::uint64_t planned, std::uint64_t fired) {
  model::RunRecord record;
  model::RecordedProxyFault fault;
  fault.name = "slow";
  fault.kind = "latency";
  fault.proxy = "psp";
  fault.seen = seen;
  fault.planned = planned;
  fault.fired = fired;
  record.proxy_faults.push_back(fault);
  model::RecordedAction action;
  action.name = "slow";
  action.kind = "fault";
  action.started = true;
  action.undone = true;
  record.timeline.push_back(action);
  return record;
}

std::string only_sentence(const model::RunRecord& record, double share = 1) {
  const auto remarks = weigh_timeline(record, {{"slow", share}});
  return remarks.size() == 1 && remarks[0].weight == Weight::kInvalid ? remarks[0].sentence : "";
}

TEST(ProxyInjection, AFaultThatTouchedSomethingIsFine) {
  EXPECT_TRUE(weigh_timeline(record_with(10, 10, 3), {}).empty());
}

TEST(ProxyInjection, AFaultThatNothingPassedOrThatDidNothingMakesTheRunInvalid) {
  EXPECT_EQ(only_sentence(record_with(0, 0, 0)),
            "fault slow: none of the connections that it could touch passed proxy psp while it was "
            "on, so it did nothing");
  EXPECT_EQ(only_sentence(record_with(500, 0, 0), 0.5),
            "fault slow: it was decided for none of the 500 connections that passed proxy psp");
  EXPECT_EQ(only_sentence(record_with(10, 10, 0)),
            "fault slow: it was decided for 10 connections, and did nothing to any of them: what "
            "it waits for never passed");
}

TEST(ProxyInjection, ChanceIsNoFailure) {
  const auto remarks = weigh_timeline(record_with(4, 0, 0), {{"slow", 0.1}});
  ASSERT_EQ(remarks.size(), 1U);
  EXPECT_EQ(remarks[0].weight, Weight::kDoubt);
}

TEST(ProxyInjection, WhatCannotBeCountedIsNotJudgedByItsCounts) {
  model::RunRecord record = record_with(0, 0, 0);
  record.proxy_faults[0].counts_nothing = true;
  EXPECT_TRUE(weigh_timeline(record, {}).empty());
}

TEST(ProxyInjection, WhatCouldNotBeDoneMakesTheRunInvalidAndIsSaidOnce) {
  model::RunRecord record = record_with(0, 0, 0);
  record.timeline[0].problem = "no such proxy";
  EXPECT_EQ(only_sentence(record), "fault slow: no such proxy");
  record.interrupted = true;
  EXPECT_EQ(only_sentence(record), "fault slow: no such proxy");
}

TEST(ProxyInjection, OneWhoseTimeNeverCameMakesTheRunInvalidUnlessSomebodyCutItShort) {
  model::RunRecord record = record_with(0, 0, 0);
  record.timeline[0].started = false;
  record.timeline[0].planned_at = std::chrono::seconds(10);
  EXPECT_EQ(only_sentence(record), "fault slow: the load was over before its time came, at 10s");
  record.events.push_back({std::chrono::seconds(3), "abort", "aborted by the plan"});
  EXPECT_TRUE(weigh_timeline(record, {}).empty());
}

TEST(ProxyInjection, OneThatBeganMuchLaterThanPlannedIsDoubted) {
  model::RunRecord record = record_with(5, 5, 5);
  record.timeline[0].late_at = std::chrono::milliseconds(900);
  EXPECT_TRUE(weigh_timeline(record, {}).empty());
  record.timeline[0].late_at = std::chrono::seconds(3);
  const std::vector<InjectionRemark> remarks = weigh_timeline(record, {});
  ASSERT_EQ(remarks.size(), 1U);
  EXPECT_EQ(remarks[0].weight, InjectionRemark::Weight::kDoubt);
  EXPECT_EQ(remarks[0].sentence.find("fault slow: it began 3s later than planned"), 0U)
      << remarks[0].sentence;
}

TEST(ProxyInjection, OfAKilledRunNothingIsKnown) {
  model::RunRecord record = record_with(0, 0, 0);
  record.complete = false;
  EXPECT_TRUE(weigh_timeline(record, {}).empty());
}

}  // namespace
}  // namespace squall::reports
