#include "loadgen/expr/generated_bytes.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "loadgen/expr/template.hpp"

namespace squall::expr {
namespace {

std::string piece(std::uint64_t stream, std::uint64_t from, std::size_t bytes) {
  std::string out(bytes, '\0');
  write_generated(stream, from, out);
  return out;
}

TEST(GeneratedBytes, EachPieceIsThatOfTheWhole) {
  const std::string whole = piece(7, 0, 200);
  for (std::size_t from = 0; from <= 24; ++from) {
    for (std::size_t bytes = 0; bytes <= 40; ++bytes) {
      ASSERT_EQ(piece(7, from, bytes), whole.substr(from, bytes)) << from << " " << bytes;
    }
  }
}

TEST(GeneratedBytes, LookRandomAndDifferBetweenStreams) {
  const std::string one = piece(1, 0, 64 * 1024);
  const std::string two = piece(2, 0, 64 * 1024);
  std::vector<int> counts(256);
  std::size_t equal = 0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    ++counts[static_cast<unsigned char>(one[i])];
    equal += one[i] == two[i] ? 1U : 0U;
  }
  // 256 of each value on average, with a deviation of 16: six of them to each side.
  for (const int count : counts) {
    EXPECT_NEAR(count, 256, 96);
  }
  EXPECT_NEAR(static_cast<double>(equal), 256, 96);
}

TEST(GeneratedBytes, ATemplateNotesThemOrWritesThem) {
  Template text;
  text.append_literal("<");
  Template content = Template::generated(1000);
  content.set_place("part 0");
  text.append(content);
  text.append_literal(">");
  EXPECT_EQ(text.generated_bytes(), 1000U);
  EXPECT_FALSE(text.is_volatile());
  std::vector<GeneratedRange> noted;
  std::string out = "head";
  text.render({.chance = 3, .generated = &noted}, out);
  EXPECT_EQ(out, "head<>");
  ASSERT_EQ(noted.size(), 1U);
  EXPECT_EQ(noted[0].at, 5U);
  EXPECT_EQ(noted[0].bytes, 1000U);
  std::string whole;
  text.render({.chance = 3}, whole);
  EXPECT_EQ(whole, "<" + piece(noted[0].stream, 0, 1000) + ">");
}

TEST(GeneratedBytes, FollowTheOperationAndThePlace) {
  const auto stream = [](std::uint64_t chance, std::string_view place) {
    Template content = Template::generated(1);
    content.set_place(place);
    std::vector<GeneratedRange> noted;
    std::string out;
    content.render({.chance = chance, .generated = &noted}, out);
    return noted.at(0).stream;
  };
  EXPECT_EQ(stream(1, "a"), stream(1, "a"));
  const std::set<std::uint64_t> all{stream(1, "a"), stream(2, "a"), stream(1, "b")};
  EXPECT_EQ(all.size(), 3U);
}

}  // namespace
}  // namespace squall::expr
