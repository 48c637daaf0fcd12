#include "loadgen/model/outcome.hpp"

#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace squall::model {
namespace {

using enum AttemptClass;

struct Attempt {
  AttemptClass how;
  bool bytes_sent;
};

OperationOutcome outcome_of(const std::vector<Attempt>& attempts) {
  OutcomeFold fold;
  for (const Attempt& attempt : attempts) {
    fold.add(attempt.how, attempt.bytes_sent);
  }
  return fold.outcome();
}

TEST(AttemptClass, NamesGoBothWays) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kAttemptClassCount; ++i) {
    const auto how = static_cast<AttemptClass>(i);
    names.insert(to_string(how));
    EXPECT_EQ(attempt_class_from(to_string(how)), how);
  }
  EXPECT_EQ(names.size(), kAttemptClassCount);
  EXPECT_EQ(to_string(kServerError), "5xx");
  EXPECT_EQ(to_string(kDropped), "dropped");
  EXPECT_FALSE(attempt_class_from("6xx").has_value());
  EXPECT_FALSE(attempt_class_from("").has_value());
}

TEST(OperationOutcome, NamesGoBothWays) {
  for (std::size_t i = 0; i < kOperationOutcomeCount; ++i) {
    const auto outcome = static_cast<OperationOutcome>(i);
    EXPECT_EQ(operation_outcome_from(to_string(outcome)), outcome);
  }
  EXPECT_EQ(to_string(OperationOutcome::kNotSent), "not_sent");
  EXPECT_FALSE(operation_outcome_from("ok").has_value());
}

TEST(OutcomeFold, WithoutAttemptsNothingWasSent) {
  EXPECT_EQ(outcome_of({}), OperationOutcome::kNotSent);
}

TEST(OutcomeFold, ASuccessIsAnAcknowledgementWhateverElseHappened) {
  EXPECT_EQ(outcome_of({{kSuccess, true}}), OperationOutcome::kAcked);
  EXPECT_EQ(outcome_of({{kTimeout, true}, {kSuccess, true}}), OperationOutcome::kAcked);
  EXPECT_EQ(outcome_of({{kSuccess, true}, {kClientError, true}, {kCut, true}}),
            OperationOutcome::kAcked);
}

TEST(OutcomeFold, OnlyDefiniteRefusalsAreARejection) {
  EXPECT_EQ(outcome_of({{kClientError, true}}), OperationOutcome::kRejected);
  EXPECT_EQ(outcome_of({{kClientError, true}, {kClientError, true}}), OperationOutcome::kRejected);
  EXPECT_EQ(outcome_of({{kRefused, false}, {kClientError, true}}), OperationOutcome::kRejected);
  EXPECT_EQ(outcome_of({{kClientError, true}, {kTimeout, true}}), OperationOutcome::kUnknown);
  EXPECT_EQ(outcome_of({{kServerError, true}, {kClientError, true}}), OperationOutcome::kUnknown);
}

TEST(OutcomeFold, WhatWasSentWithoutASuccessIsUnknown) {
  for (const AttemptClass how :
       {kUnexpected, kServerError, kTimeout, kReset, kClosed, kMalformed, kOversized, kCut}) {
    EXPECT_EQ(outcome_of({{how, true}}), OperationOutcome::kUnknown) << to_string(how);
  }
}

TEST(OutcomeFold, WhatNeverLeftIsNotSent) {
  for (const AttemptClass how : {kTimeout, kReset, kClosed, kRefused, kCut, kDropped, kNoData}) {
    EXPECT_EQ(outcome_of({{how, false}}), OperationOutcome::kNotSent) << to_string(how);
  }
  EXPECT_EQ(outcome_of({{kRefused, false}, {kTimeout, true}}), OperationOutcome::kUnknown);
}

TEST(ExposureAndPhase, HaveNames) {
  EXPECT_EQ(to_string(Exposure::kClean), "clean");
  EXPECT_EQ(to_string(Exposure::kFaulted), "faulted");
  EXPECT_EQ(to_string(Phase::kWarmup), "warmup");
  EXPECT_EQ(to_string(Phase::kMeasured), "measured");
}

}  // namespace
}  // namespace squall::model
