#include "loadgen/verify/minimiser.hpp"

#include <algorithm>
#include <set>

#include <gmock/gmock.h>

#include "loadgen/base/rng.hpp"

namespace squall::verify {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

using Positions = std::vector<std::size_t>;

bool has(std::span<const std::size_t> kept, std::size_t element) {
  return std::find(kept.begin(), kept.end(), element) != kept.end();
}

// Breaks when all of `needed` are there; keeps account of what it was asked.
struct Needs {
  Positions needed;
  std::set<Positions> asked = {};
  bool asked_twice = false;

  StillBreaks predicate() {
    return [this](std::span<const std::size_t> kept) {
      EXPECT_FALSE(kept.empty());
      EXPECT_TRUE(std::is_sorted(kept.begin(), kept.end()));
      asked_twice = !asked.emplace(kept.begin(), kept.end()).second || asked_twice;
      return std::all_of(needed.begin(), needed.end(),
                         [&](std::size_t element) { return has(kept, element); });
    };
  }
};

TEST(MinimiserTest, FindsTheOneThatMatters) {
  Needs needs{{17}};
  const Minimised result = minimise(64, 1000, needs.predicate());
  EXPECT_THAT(result.kept, ElementsAre(17));
  EXPECT_TRUE(result.is_minimal);
  EXPECT_LE(result.tries, 24U);  // by halves: at most two questions a level, and their complements
  EXPECT_FALSE(needs.asked_twice);
}

TEST(MinimiserTest, FindsWhatMattersTogether) {
  for (const Positions& needed : {Positions{0, 19}, {3, 4}, {1, 8, 15}, {0, 1, 2, 17, 18, 19}}) {
    Needs needs{needed};
    const Minimised result = minimise(20, 1000, needs.predicate());
    EXPECT_THAT(result.kept, ElementsAreArray(needed));
    EXPECT_TRUE(result.is_minimal);
    EXPECT_FALSE(needs.asked_twice);
  }
}

TEST(MinimiserTest, AnyTwoOfManyTwinsAreEnough) {
  unsigned asked = 0;
  const Minimised result = minimise(20, 1000, [&](std::span<const std::size_t> kept) {
    ++asked;
    return kept.size() >= 2;
  });
  EXPECT_EQ(result.kept.size(), 2U);
  EXPECT_TRUE(result.is_minimal);
  EXPECT_EQ(result.tries, asked);
}

TEST(MinimiserTest, KeepsAllWhenAllMatter) {
  Needs needs{{0, 1, 2, 3, 4}};
  const Minimised result = minimise(5, 1000, needs.predicate());
  EXPECT_THAT(result.kept, ElementsAre(0, 1, 2, 3, 4));
  EXPECT_TRUE(result.is_minimal);
}

TEST(MinimiserTest, OneElementNeedsNoTry) {
  Needs needs{{0}};
  const Minimised result = minimise(1, 1000, needs.predicate());
  EXPECT_THAT(result.kept, ElementsAre(0));
  EXPECT_EQ(result.tries, 0U);
  EXPECT_TRUE(result.is_minimal);
}

TEST(MinimiserTest, NothingIsNothing) {
  const Minimised result = minimise(0, 10, [](auto) { return true; });
  EXPECT_TRUE(result.kept.empty());
  EXPECT_EQ(result.tries, 0U);
}

TEST(MinimiserTest, StopsWhenTheTriesAreUsedUp) {
  for (const unsigned most : {0U, 1U, 5U, 11U}) {
    Needs needs{{1, 30, 62}};
    const Minimised result = minimise(64, most, needs.predicate());
    EXPECT_EQ(result.tries, most);
    EXPECT_FALSE(result.is_minimal);
    // What it gives is something that did break.
    for (const std::size_t element : needs.needed) {
      EXPECT_TRUE(has(result.kept, element));
    }
  }
}

// Whatever the shape of the failure: the result breaks, and without any one element it does not.
TEST(MinimiserTest, TheResultIsOneMinimalForRandomNeeds) {
  const StreamId chance(7, "minimiser", "test");
  std::uint64_t drawn = 0;
  for (int round = 0; round < 200; ++round) {
    const auto size = static_cast<std::size_t>(1 + chance.unit_at(drawn++) * 30);
    // Two ways to break, so that the failure is not monotonic in an obvious way.
    std::vector<Positions> ways(2);
    for (Positions& way : ways) {
      for (std::size_t i = 0; i < size; ++i) {
        if (chance.unit_at(drawn++) < 0.15) {
          way.push_back(i);
        }
      }
    }
    const auto breaks = [&](std::span<const std::size_t> kept) {
      return std::any_of(ways.begin(), ways.end(), [&](const Positions& way) {
        return std::all_of(way.begin(), way.end(),
                           [&](std::size_t element) { return has(kept, element); });
      });
    };
    const Minimised result = minimise(size, 100'000, breaks);
    ASSERT_TRUE(result.is_minimal);
    ASSERT_TRUE(breaks(result.kept));
    for (std::size_t leave_out = 0; result.kept.size() > 1 && leave_out < result.kept.size();
         ++leave_out) {
      Positions fewer = result.kept;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(leave_out));
      EXPECT_FALSE(breaks(fewer));
    }
  }
}

TEST(BreaksOftenEnoughTest, StopsAsSoonAsItIsDecided) {
  unsigned asked = 0;
  const auto answers = [&asked](std::vector<bool> of) {
    asked = 0;
    return [&asked, of = std::move(of)] { return static_cast<bool>(of.at(asked++)); };
  };
  EXPECT_TRUE(breaks_often_enough(2, 5, answers({true, false, true})));
  EXPECT_EQ(asked, 3U);
  EXPECT_FALSE(breaks_often_enough(3, 5, answers({false, true, false, false})));
  EXPECT_EQ(asked, 4U);
  EXPECT_TRUE(breaks_often_enough(0, 0, answers({})));
  EXPECT_FALSE(breaks_often_enough(1, 0, answers({})));
}

}  // namespace
}  // namespace squall::verify
