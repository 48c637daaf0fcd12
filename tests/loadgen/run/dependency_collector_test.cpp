// What becomes of the exchanges of proxies.
#include "loadgen/run/dependency_collector.hpp"

#include <gtest/gtest.h>

namespace squall::run {
namespace {

using namespace std::chrono_literals;
using model::AttemptClass;
using model::Phase;
using model::ProxyExchange;

class Collected : public ::testing::Test {
 protected:
  Collected() { bounds_.cover(5s, 10s); }

  ProxyExchange exchange(Duration began, Duration took, int status, std::uint64_t trace = 0,
                         std::uint64_t span = 0) const {
    ProxyExchange made;
    made.proxy = "psp";
    made.began = zero_ + began;
    made.ended = took;
    if (status != 0) {
      made.last_byte = took;
    }
    made.status = status;
    made.asked = true;
    made.executed = status == 200;
    made.trace = trace;
    made.caller_span = span;
    return made;
  }
  model::DependencyView view(std::vector<ProxyExchange> exchanges, std::uint64_t lost = 0) const {
    DependencyCollector collector({"psp"}, zero_, bounds_);
    collector.add({std::move(exchanges), lost});
    return collector.view();
  }

  TimePoint zero_{1000s};
  model::PhaseBounds bounds_;
};

TEST_F(Collected, CallsBelongToThePhaseAndSecondInWhichTheyBegan) {
  const auto seen = view({exchange(4900ms, 3s, 200), exchange(5s, 20ms, 503),
                          exchange(5500ms, 1s, 0), exchange(-1s, 1ms, 200)},
                         7);
  ASSERT_EQ(seen.proxies.size(), 1U);
  EXPECT_EQ(seen.lost, 7U);
  const model::DependencyProxy& psp = seen.proxies[0];
  EXPECT_EQ(psp.phases.at(Phase::kBaseline).calls, 1U);
  EXPECT_EQ(psp.phases.at(Phase::kBaseline).executed, 1U);
  EXPECT_EQ(psp.phases.at(Phase::kFault).calls, 2U);
  EXPECT_EQ(psp.phases.at(Phase::kFault).latency.count(), 1U) << "one got no answer";
  ASSERT_EQ(psp.seconds.size(), 2U);
  EXPECT_EQ(psp.seconds[0].second, 4);
  EXPECT_GE(psp.seconds[0].latency_p50_us, 3000000);
  const auto of = [&](AttemptClass how) {
    return psp.seconds[1].classes[static_cast<std::size_t>(how)];
  };
  EXPECT_EQ(of(AttemptClass::kServerError), 1U);
  EXPECT_EQ(of(AttemptClass::kClosed), 1U);
}

TEST_F(Collected, AnAnswerThatComesWhenItsCallerHasLeftIsNone) {
  ProxyExchange late = exchange(6s, 2s, 200);
  late.caller_left = true;
  const model::DependencyPhase phase = view({late}).proxies[0].phases.at(Phase::kFault);
  EXPECT_EQ(phase.classes[static_cast<std::size_t>(AttemptClass::kClosed)], 1U);
  EXPECT_EQ(phase.executed, 1U);
  EXPECT_EQ(phase.latency.count(), 0U);
}

TEST_F(Collected, OtherProxiesAreNotLookedAt) {
  ProxyExchange other = exchange(1s, 1ms, 200);
  other.proxy = "db";
  EXPECT_TRUE(view({other}).proxies[0].seconds.empty());
}

TEST_F(Collected, TracesTellRetriesAndTheirPauses) {
  // Three tries of trace 1, with 100ms and 200ms between; one call of trace 2. In any order.
  const auto seen = view({exchange(1310ms, 10ms, 503, 1), exchange(1s, 10ms, 503, 1),
                          exchange(2s, 10ms, 200, 2), exchange(1110ms, 0ms, 503, 1)});
  const model::DependencyPhase& phase = seen.proxies[0].phases.at(Phase::kBaseline);
  EXPECT_EQ(phase.traces[0], 1U);
  EXPECT_EQ(phase.traces[2], 1U);
  EXPECT_NEAR(static_cast<double>(phase.gaps[0].max()), 100000, 200);
  EXPECT_NEAR(static_cast<double>(phase.gaps[1].max()), 200000, 200);
  EXPECT_EQ(phase.overlapping, 0U);
}

TEST_F(Collected, ACallInsideAnotherOfTheSameTraceIsTheWayBack) {
  const auto seen = view({exchange(1s, 100ms, 200, 1, 10), exchange(1020ms, 50ms, 200, 1, 11)});
  EXPECT_EQ(seen.proxies[0].phases.at(Phase::kBaseline).nested, 1U);
  const auto parallel = view({exchange(1s, 100ms, 200, 1, 10), exchange(1020ms, 50ms, 200, 1, 10)});
  EXPECT_EQ(parallel.proxies[0].phases.at(Phase::kBaseline).nested, 0U) << "one span calls twice";
  EXPECT_EQ(parallel.proxies[0].phases.at(Phase::kBaseline).overlapping, 1U);
}

}  // namespace
}  // namespace squall::run
