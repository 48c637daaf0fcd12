// The search against targets whose true edges are known.
#include "loadgen/run/skew_search.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <set>

namespace squall::run {
namespace {

using model::SkewEdge;
using model::SkewEdgeKind;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

struct Searched {
  SkewEdge edge;
  std::vector<Duration> asked;
};

// `accepts`: of three tries at a distance, how many.
Searched search(const std::function<std::uint64_t(Duration)>& accepts,
                Duration resolution = seconds(1), Duration to = hours(24)) {
  Searched result;
  const auto edge = find_skew_edge(resolution, to, [&](Duration distance) -> Result<SkewAnswers> {
    result.asked.push_back(distance);
    const std::uint64_t accepted = accepts(distance);
    return SkewAnswers{.accepted = accepted, .refused = 3 - accepted};
  });
  EXPECT_TRUE(edge);
  result.edge = edge.value_or(SkewEdge{});
  return result;
}

std::function<std::uint64_t(Duration)> accepts_up_to(Duration window) {
  return [window](Duration distance) { return distance <= window ? 3 : 0; };
}

TEST(SkewSearch, FindsTheEdgeToTheResolution) {
  for (const Duration window : {Duration(0), Duration(seconds(1)), Duration(seconds(30)),
                                Duration(minutes(5)), Duration(hours(23))}) {
    const Searched found = search(accepts_up_to(window));
    EXPECT_EQ(found.edge.kind, SkewEdgeKind::kFound);
    EXPECT_EQ(found.edge.accepted, window);
    EXPECT_EQ(found.edge.refused, window + seconds(1));
    EXPECT_LE(found.asked.size(), 34U);
  }
}

TEST(SkewSearch, AsksAtMultiplesOfTheResolutionOnce) {
  const Searched found = search(accepts_up_to(seconds(299)), milliseconds(250));
  std::set<Duration> distinct(found.asked.begin(), found.asked.end());
  EXPECT_EQ(distinct.size(), found.asked.size());
  for (const Duration distance : found.asked) {
    EXPECT_EQ(distance % milliseconds(250), Duration::zero());
  }
  EXPECT_EQ(found.edge.refused - found.edge.accepted, milliseconds(250));
}

TEST(SkewSearch, NoneWhenEverythingIsAccepted) {
  const Searched found = search(accepts_up_to(hours(1000)), seconds(1), hours(1));
  EXPECT_EQ(found.edge.kind, SkewEdgeKind::kNone);
  EXPECT_EQ(found.edge.accepted, hours(1));
  EXPECT_EQ(found.asked.back(), hours(1));
}

TEST(SkewSearch, ATargetThatRoundsSecondsDoesNotFlap) {
  const Searched found = search([](Duration distance) {
    return distance < seconds(300) ? 3 : distance == seconds(300) ? 1 : 0;
  });
  EXPECT_EQ(found.edge.kind, SkewEdgeKind::kFound);
  EXPECT_EQ(found.edge.accepted, seconds(299));
  EXPECT_EQ(found.edge.refused, seconds(301));
}

TEST(SkewSearch, BothEndsOfAFlappingZoneAreFound) {
  const Searched found = search([](Duration distance) {
    return distance <= seconds(100) ? 3 : distance < seconds(160) ? 2 : 0;
  });
  EXPECT_EQ(found.edge.kind, SkewEdgeKind::kFlapping);
  EXPECT_EQ(found.edge.accepted, seconds(100));
  EXPECT_EQ(found.edge.refused, seconds(160));
}

TEST(SkewSearch, AZoneThatNeverEndsFlapsToo) {
  const Searched found = search([](Duration distance) { return distance <= seconds(10) ? 3 : 1; },
                                seconds(1), hours(1));
  EXPECT_EQ(found.edge.kind, SkewEdgeKind::kFlapping);
  EXPECT_EQ(found.edge.accepted, seconds(10));
  EXPECT_EQ(found.edge.refused, Duration::zero());
}

TEST(SkewSearch, RefusedNearerAndAcceptedFartherFlaps) {
  const Searched found = search([](Duration distance) {
    return distance <= seconds(4) || distance == seconds(16) ? 3 : distance == seconds(8) ? 1 : 0;
  });
  EXPECT_EQ(found.edge.kind, SkewEdgeKind::kFlapping);
  EXPECT_GE(found.edge.refused, seconds(16));
}

TEST(SkewSearch, TheErrorOfAnAskEndsIt) {
  int asked = 0;
  const auto edge = find_skew_edge(seconds(1), hours(1), [&](Duration) -> Result<SkewAnswers> {
    if (++asked == 4) {
      return fail(ErrorCode::kUnavailable, "no answer");
    }
    return SkewAnswers{.accepted = 1, .refused = 0};
  });
  ASSERT_FALSE(edge);
  EXPECT_EQ(edge.error().message, "no answer");
  EXPECT_EQ(asked, 4);
}

}  // namespace
}  // namespace squall::run
