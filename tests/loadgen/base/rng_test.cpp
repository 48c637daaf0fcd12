#include "loadgen/base/rng.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <set>
#include <string>
#include <string_view>

namespace squall {
namespace {

TEST(StreamId, DependsOnEachPartOfItsName) {
  std::set<std::uint64_t> ids;
  for (const std::uint64_t seed : {0U, 1U, 7U}) {
    for (const std::string_view scenario : {"", "buy", "browse"}) {
      for (const std::string_view role : {"", "arrivals", "fault"}) {
        for (const std::uint64_t index : {0U, 1U, 2U}) {
          ids.insert(StreamId(seed, scenario, role, index).value());
        }
      }
    }
  }
  EXPECT_EQ(ids.size(), 81U);
  EXPECT_NE(StreamId(1, "a", "b").value(), StreamId(1, "b", "a").value());
  EXPECT_NE(StreamId(1, "ab", "").value(), StreamId(1, "a", "b").value());
}

// Plans and records of earlier versions name a seed: what it means must not change between versions
// or hosts.
TEST(StreamId, MeansTheSameForEver) {
  EXPECT_EQ(StreamId(7, "buy", "arrivals", 3).value(), 0x931c52796f1dca11ULL);
  EXPECT_EQ(StreamId(7, "buy", "arrivals", 3).bits_at(42, 1), 0xb48a9976b177c838ULL);
}

TEST(StreamId, AnEmptyViewIsAnEmptyName) {
  EXPECT_EQ(StreamId(1, std::string_view(), "x").value(), StreamId(1, "", "x").value());
}

TEST(StreamId, DrawsAtPointsAreUniform) {
  const StreamId stream(11, "s", "r");
  std::array<int, 20> bins{};
  constexpr int kDraws = 200'000;
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    const double unit = stream.unit_at(i);
    ASSERT_GE(unit, 0.0);
    ASSERT_LT(unit, 1.0);
    ++bins[static_cast<std::size_t>(unit * 20)];
  }
  double chi_square = 0;
  for (const int count : bins) {
    const double expected = kDraws / 20.0;
    chi_square += (count - expected) * (count - expected) / expected;
  }
  EXPECT_LT(chi_square, 43.8) << "19 degrees of freedom, p = 0.001";
}

TEST(Rng, RepeatsItselfForOneStreamAndDiffersForAnother) {
  Rng a(StreamId(1, "s", "r"));
  Rng b(StreamId(1, "s", "r"));
  Rng c(StreamId(2, "s", "r"));
  int same = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto bits = a.next_bits();
    EXPECT_EQ(bits, b.next_bits());
    same += bits == c.next_bits() ? 1 : 0;
  }
  EXPECT_EQ(same, 0);
}

TEST(Rng, NextBelowStaysBelowAndReachesAll) {
  Rng rng(StreamId(3, "s", "r"));
  std::array<int, 7> seen{};
  for (int i = 0; i < 70'000; ++i) {
    ++seen.at(rng.next_below(7));
  }
  for (const int count : seen) {
    EXPECT_NEAR(count, 10'000, 500);
  }
  EXPECT_EQ(rng.next_below(1), 0U);
  EXPECT_LT(rng.next_below(~std::uint64_t{0}), ~std::uint64_t{0});
}

struct Moments {
  double mean = 0;
  double variance = 0;
};
template <class Draw>
Moments moments(int count, Draw draw) {
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < count; ++i) {
    const double x = draw();
    sum += x;
    squares += x * x;
  }
  const double mean = sum / count;
  return {mean, squares / count - mean * mean};
}

TEST(Rng, ExponentialAndNormalHaveTheirMoments) {
  Rng rng(StreamId(5, "s", "r"));
  const Moments exponential = moments(400'000, [&] { return rng.next_exponential(); });
  EXPECT_NEAR(exponential.mean, 1.0, 0.01);
  EXPECT_NEAR(exponential.variance, 1.0, 0.02);
  const Moments normal = moments(400'000, [&] { return rng.next_normal(); });
  EXPECT_NEAR(normal.mean, 0.0, 0.01);
  EXPECT_NEAR(normal.variance, 1.0, 0.02);
}

// First outputs of splitmix64 seeded with 0, from its authors' reference code.
TEST(Mix64, IsTheFinaliserOfSplitmix64) {
  EXPECT_EQ(mix64(0x9e3779b97f4a7c15ULL), 0xe220a8397b1dcdafULL);
  EXPECT_EQ(mix64(2 * 0x9e3779b97f4a7c15ULL), 0x6e789e6aa1b965f4ULL);
}

TEST(HashBytes, TellsLengthAndContentApart) {
  EXPECT_NE(hash_bytes(""), hash_bytes(std::string_view("\0", 1)));
  EXPECT_NE(hash_bytes("abcdefgh"), hash_bytes(std::string_view("abcdefgh\0", 9)));
  EXPECT_NE(hash_bytes(std::string(8, 'a')), hash_bytes(std::string(16, 'a')));
  EXPECT_NE(hash_bytes("a", 1), hash_bytes("a", 2));
  EXPECT_EQ(hash_bytes(std::string_view()), hash_bytes(""));
  EXPECT_NE(hash_combine(1, 2), hash_combine(2, 1));
}

}  // namespace
}  // namespace squall
