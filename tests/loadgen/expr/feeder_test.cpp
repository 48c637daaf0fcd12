#include "loadgen/expr/feeder.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <set>

#include "loadgen/expr/template.hpp"

namespace squall::expr {
namespace {

FeederRows numbered(std::size_t count) {
  FeederRows rows({"id", "name"});
  for (std::size_t i = 0; i < count; ++i) {
    rows.add_cell(std::to_string(i));
    rows.add_cell(i % 2 == 0 ? "" : "odd");
  }
  return rows;
}

std::string cell(const FeederRows& rows, std::uint64_t row, std::size_t column) {
  std::string out;
  rows.append_cell(row, column, out);
  return out;
}

TEST(FeederRows, KeepCellsApart) {
  const FeederRows rows = numbered(3);
  EXPECT_EQ(rows.size(), 3U);
  EXPECT_EQ(cell(rows, 0, 0), "0");
  EXPECT_EQ(cell(rows, 0, 1), "");
  EXPECT_EQ(cell(rows, 1, 1), "odd");
  EXPECT_EQ(cell(rows, 2, 0), "2");
}

TEST(FeederRows, CountWithoutKeepingNumbers) {
  const FeederRows down = FeederRows::sequence(10, -3, 4);
  EXPECT_EQ(down.size(), 4U);
  EXPECT_EQ(cell(down, 0, 0), "10");
  EXPECT_EQ(cell(down, 3, 0), "1");
  EXPECT_EQ(down.columns(), std::vector<std::string>{"value"});
  const auto least = std::numeric_limits<std::int64_t>::min();
  const FeederRows wide = FeederRows::sequence(least, 1, ~std::uint64_t{0});
  EXPECT_EQ(cell(wide, wide.size() - 1, 0), "9223372036854775806");
  EXPECT_LT(wide.bytes(), 100U);
}

TEST(Feeder, SequentialBeginsAgain) {
  const Feeder feeder("f", numbered(3), FeederOrder::kSequential, 1);
  EXPECT_EQ(feeder.row_of(0), 0U);
  EXPECT_EQ(feeder.row_of(2), 2U);
  EXPECT_EQ(feeder.row_of(7), 1U);
}

TEST(Feeder, UniqueRunsOutAndKeepsItsLastRowForThePreflight) {
  const Feeder feeder("f", numbered(3), FeederOrder::kUnique, 1);
  EXPECT_EQ(feeder.row_of(2), 2U);
  EXPECT_EQ(feeder.row_of(3), std::nullopt);
  EXPECT_EQ(feeder.row_of(Feeder::kPreflight), 2U);
}

TEST(Feeder, RandomDrawsEveryRowAlike) {
  const Feeder feeder("f", numbered(10), FeederOrder::kRandom, 3);
  std::map<std::uint64_t, int> seen;
  for (std::uint64_t arrival = 0; arrival < 10000; ++arrival) {
    ++seen[*feeder.row_of(arrival)];
  }
  ASSERT_EQ(seen.size(), 10U);
  double chi_squared = 0;
  for (const auto& [row, count] : seen) {
    chi_squared += (count - 1000.0) * (count - 1000.0) / 1000;
  }
  EXPECT_LT(chi_squared, 27.9);  // 9 degrees of freedom, p = 0.001
}

TEST(Feeder, ShuffledPassesOverEachRowOnceAndEachPassDiffers) {
  for (const std::size_t rows : {1U, 2U, 3U, 7U, 64U, 100U, 1000U}) {
    const Feeder feeder("f", numbered(rows), FeederOrder::kShuffled, 9);
    std::vector<std::vector<std::uint64_t>> passes;
    for (std::uint64_t pass = 0; pass < 3; ++pass) {
      std::vector<std::uint64_t>& order = passes.emplace_back();
      for (std::uint64_t i = 0; i < rows; ++i) {
        order.push_back(*feeder.row_of(pass * rows + i));
      }
      EXPECT_EQ(std::set<std::uint64_t>(order.begin(), order.end()).size(), rows);
    }
    if (rows >= 7) {
      EXPECT_NE(passes[0], passes[1]) << rows;
      EXPECT_NE(passes[1], passes[2]) << rows;
    }
  }
}

// Each of the six orders of three rows comes about as often as the others.
TEST(Feeder, ShuffledTakesEveryOrder) {
  std::map<std::vector<std::uint64_t>, int> seen;
  constexpr int kPasses = 6000;
  const Feeder feeder("f", numbered(3), FeederOrder::kShuffled, 4);
  for (std::uint64_t pass = 0; pass < kPasses; ++pass) {
    ++seen[{*feeder.row_of(3 * pass), *feeder.row_of(3 * pass + 1), *feeder.row_of(3 * pass + 2)}];
  }
  ASSERT_EQ(seen.size(), 6U);
  for (const auto& [order, count] : seen) {
    EXPECT_NEAR(count, kPasses / 6, kPasses / 6 * 0.25);
  }
}

TEST(Feeder, APermutationOfAllNumbersEndsToo) {
  const std::uint64_t size = std::uint64_t{1} << 63;
  std::set<std::uint64_t> seen;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const std::uint64_t at = permuted(size - 1 - i, size, 5);
    EXPECT_LT(at, size);
    seen.insert(at);
  }
  EXPECT_EQ(seen.size(), 1000U);
  EXPECT_EQ(permuted(0, 1, 7), 0U);
}

TEST(Feeder, AnotherSeedOrNameDrawsAnotherOrder) {
  const auto first_rows = [](const std::string& name, std::uint64_t seed) {
    const Feeder feeder(name, numbered(1000), FeederOrder::kShuffled, seed);
    return std::vector{*feeder.row_of(0), *feeder.row_of(1), *feeder.row_of(2)};
  };
  EXPECT_EQ(first_rows("a", 1), first_rows("a", 1));
  EXPECT_NE(first_rows("a", 1), first_rows("a", 2));
  EXPECT_NE(first_rows("a", 1), first_rows("b", 1));
}

TEST(FeederSet, RendersColumnsAndSaysWhichThereAre) {
  FeederSet feeders;
  feeders.add(std::make_shared<const Feeder>("users", numbered(4), FeederOrder::kUnique, 1));
  const TemplateNames names{.extracted = {}, .feeders = &feeders};
  const auto parsed = Template::parse("{{users.id}}-{{\"{{users.name}}\" | upper}}", names);
  ASSERT_TRUE(parsed) << parsed.error().message;
  std::string out;
  parsed->render({.sequence = 3}, out);
  EXPECT_EQ(out, "3-ODD");
  EXPECT_TRUE(parsed->uses(Token::kColumn));
  EXPECT_FALSE(parsed->is_volatile());
  EXPECT_EQ(parsed->unique_feeders().size(), 2U);
  const auto error = [&](std::string_view text) {
    return Template::parse(text, names).error().message;
  };
  EXPECT_EQ(error("{{users.nmae}}"),
            "feeder \"users\" has no column \"nmae\"; did you mean {{users.name}}?");
  EXPECT_EQ(error("{{users.email}}"),
            "feeder \"users\" has no column \"email\"; it has id or name");
  EXPECT_EQ(error("{{usres.id}}"), "{{usres.id}} is not known here; did you mean {{users.id}}?");
  EXPECT_EQ(error("{{users.id 5}}"), "{{users.id}} takes no argument");
}

}  // namespace
}  // namespace squall::expr
