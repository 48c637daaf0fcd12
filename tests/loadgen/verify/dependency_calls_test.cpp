// What the calls of an operation that was tried several times tell.
#include "loadgen/verify/dependency_calls.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace squall::verify {
namespace {

enum class End { kExecuted, kNothingDone };

model::ProxyExchange call(std::uint64_t key, End end, std::string method = "POST") {
  model::ProxyExchange exchange;
  exchange.proxy = "psp";
  exchange.method = std::move(method);
  exchange.path = "/charges";
  exchange.key = key;
  exchange.asked = end == End::kExecuted;
  exchange.executed = end == End::kExecuted;
  return exchange;
}

DependencyCalls calls_of(std::vector<model::ProxyExchange> exchanges) {
  DependencyCalls calls;
  calls.add({.exchanges = std::move(exchanges)});
  return calls;
}

Trial judged(const DependencyCalls& usual, const DependencyCalls& calls) {
  Trial trial;
  calls.judge_against(usual, trial);
  return trial;
}

TEST(DependencyCalls, TheSameKeyForEachTryIsRight) {
  const auto usual = calls_of({call(1, End::kExecuted)});
  EXPECT_TRUE(judged(usual, calls_of({call(2, End::kNothingDone), call(2, End::kExecuted)}))
                  .breaks()
                  .empty());
  EXPECT_TRUE(
      judged(usual, calls_of({call(2, End::kExecuted), call(2, End::kExecuted)})).breaks().empty());
}

TEST(DependencyCalls, AFreshKeyForEachTryIsAnotherEffect) {
  const auto usual = calls_of({call(1, End::kExecuted)});
  const Trial trial =
      judged(usual, calls_of({call(2, End::kNothingDone), call(3, End::kExecuted)}));
  ASSERT_EQ(trial.breaks().size(), 1U);
  EXPECT_EQ(trial.breaks()[0].harm, model::PropertyHarm::kEffects);
  EXPECT_EQ(trial.breaks()[0].text,
            "POST /charges at psp was called under 2 keys where one operation has 1: tries are not "
            "known as the same");
}

TEST(DependencyCalls, AnOperationMayMakeSeveralCallsOfOneKind) {
  const auto usual = calls_of({call(1, End::kExecuted), call(2, End::kExecuted)});
  EXPECT_TRUE(judged(usual, calls_of({call(3, End::kExecuted), call(4, End::kExecuted),
                                      call(4, End::kExecuted)}))
                  .breaks()
                  .empty());
}

TEST(DependencyCalls, WorkThatIsDoneAgainWithoutAKeyIsAnotherEffect) {
  const auto usual = calls_of({call(0, End::kExecuted)});
  const Trial twice = judged(usual, calls_of({call(0, End::kExecuted), call(0, End::kExecuted)}));
  ASSERT_EQ(twice.breaks().size(), 1U);
  EXPECT_EQ(twice.breaks()[0].harm, model::PropertyHarm::kEffects);
  const Trial once = judged(usual, calls_of({call(0, End::kNothingDone), call(0, End::kExecuted)}));
  ASSERT_EQ(once.breaks().size(), 1U);
  EXPECT_EQ(once.breaks()[0].severity, Severity::kWarn) << "it could have been";
}

TEST(DependencyCalls, WhatMayBeRepeatedAndWhatReadsNeedsNoKey) {
  const auto usual = calls_of({call(0, End::kExecuted, "PUT")});
  EXPECT_TRUE(
      judged(usual, calls_of({call(0, End::kExecuted, "PUT"), call(0, End::kExecuted, "PUT"),
                              call(0, End::kExecuted, "GET")}))
          .breaks()
          .empty());
  EXPECT_TRUE(calls_of({call(0, End::kExecuted, "GET")}).is_empty());
}

TEST(DependencyCalls, CoverAnotherWhenEachRouteWasCalledAsOften) {
  const auto usual = calls_of({call(1, End::kExecuted), call(2, End::kExecuted)});
  EXPECT_FALSE(calls_of({call(3, End::kExecuted)}).covers(usual));
  EXPECT_TRUE(calls_of({call(3, End::kExecuted), call(3, End::kExecuted)}).covers(usual));
  EXPECT_TRUE(DependencyCalls().covers(DependencyCalls()));
}

}  // namespace
}  // namespace squall::verify
