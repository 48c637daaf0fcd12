#include "loadgen/run/proxy_watch.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "loadgen/base/clock.hpp"

namespace squall::run {
namespace {

using std::chrono::seconds;

TEST(ProxyWatch, WhatPassedBeforeBelongsToNoSecondAndNothingIsLostAfterwards) {
  std::atomic<std::uint64_t> accepted{100};
  ProxyWatch watch([&] {
    return std::vector<model::ProxySecond>{{.accepted = accepted, .open_links = 3},
                                           {.downstream_bytes = 10 * accepted}};
  });
  // In the middle of a second of the run.
  watch.start(monotonic_now() - seconds(7));
  accepted += 5;
  std::uint64_t links = 0;
  std::uint64_t bytes = 0;
  for (std::int64_t second = 0; second < 40; ++second) {
    const auto passed = watch.take(second);
    ASSERT_EQ(passed.size(), 2U);
    links += passed[0].accepted;
    bytes += passed[1].downstream_bytes;
    if (second == 8) {
      accepted += 2;
    }
    if (second >= 7 && second < 20) {
      EXPECT_EQ(passed[0].open_links, 3U) << "as it stands at the end of a second";
    }
  }
  EXPECT_EQ(links, 7U);
  EXPECT_EQ(bytes, 70U);
}

TEST(ProxyWatch, SecondsBeforeItBeganAreEmpty) {
  ProxyWatch watch([] { return std::vector<model::ProxySecond>{{.accepted = 1}}; });
  watch.start(monotonic_now() - seconds(7));
  const auto passed = watch.take(3);
  ASSERT_EQ(passed.size(), 1U);
  EXPECT_EQ(passed[0].accepted, 0U);
}

TEST(ProxyWatch, WithoutProxiesThereIsNothingToTake) {
  ProxyWatch watch({});
  watch.start(monotonic_now());
  EXPECT_TRUE(watch.take(0).empty());
}

}  // namespace
}  // namespace squall::run
