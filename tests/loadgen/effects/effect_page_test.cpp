#include "loadgen/effects/effect_page.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace squall::effects {
namespace {

const PageLayout kLedger{.items = "/effects", .key = "/token"};

TEST(EffectPage, CountsItemsByKey) {
  const auto page =
      read_page(R"({"effects":[{"token":"a"},{"token":"b"},{"token":"a"}]})", kLedger);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->counts.at("a"), 2u);
  EXPECT_EQ(page->counts.at("b"), 1u);
  EXPECT_TRUE(page->undecided.empty());
  EXPECT_FALSE(page->next);
}

TEST(EffectPage, TakesWholeNumbersAsKeysAndCounts) {
  const PageLayout layout{.items = "", .key = "/order/id", .count = "/n"};
  const auto page = read_page(R"([{"order":{"id":17},"n":3},{"order":{"id":-2},"n":0}])", layout);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->counts.at("17"), 3u);
  EXPECT_EQ(page->counts.at("-2"), 0u);
}

TEST(EffectPage, ASenselessCountLeavesItsKeyUndecided) {
  const PageLayout layout{.items = "", .key = "/k", .count = "/n"};
  for (const char* count : {"-1", "1.5", "\"3\"", "1e300", "18446744073709551615", "null", "[]"}) {
    const auto page =
        read_page(R"([{"k":"good","n":1},{"k":"bad","n":)" + std::string(count) + "}]", layout);
    ASSERT_TRUE(page) << count;
    EXPECT_EQ(page->undecided.size(), 1u) << count;
    EXPECT_TRUE(page->undecided.contains("bad"));
    EXPECT_FALSE(page->counts.contains("bad"));
    EXPECT_EQ(page->counts.at("good"), 1u);
    EXPECT_NE(page->undecided_reason.find("item 1"), std::string::npos) << page->undecided_reason;
  }
}

TEST(EffectPage, FailsWhenItIsNotKnownWhoseEffectsAreMissing) {
  for (const char* body :
       {"", "not json", "{}", R"({"effects":{}})", R"({"effects":3})", R"({"effects":[{}]})",
        R"({"effects":[{"token":null}]})", R"({"effects":[{"token":1.5}]})", R"({"effects":["a"]})",
        R"({"effects":[{"token":["a"]}]})", "\xff\xfe", "[[[[[["}) {
    const auto page = read_page(body, kLedger);
    ASSERT_FALSE(page) << body;
    EXPECT_EQ(page.error().code, ErrorCode::kMalformed);
    EXPECT_FALSE(page.error().message.empty());
  }
}

TEST(EffectPage, ReadsWhereTheNextPageIs) {
  PageLayout layout = kLedger;
  layout.next = "/next";
  const auto next_of = [&layout](const std::string& value) {
    return read_page(R"({"effects":[],"next":)" + value + "}", layout);
  };
  EXPECT_EQ(next_of("\"?page=2\"")->next, "?page=2");
  EXPECT_EQ(next_of("2")->next, "2");
  for (const char* none : {"null", "false", "\"\""}) {
    EXPECT_FALSE(next_of(none)->next) << none;
  }
  EXPECT_FALSE(read_page(R"({"effects":[]})", layout)->next);
  EXPECT_FALSE(next_of("{}"));
  EXPECT_FALSE(next_of("true"));
}

TEST(EffectPage, PointersFollowTheirStandard) {
  EXPECT_EQ(read_count(R"({"a/b":{"m~n":[7,8]}})", "/a~1b/m~0n/1").value_or(0), 8u);
  EXPECT_EQ(read_count("5", "").value_or(0), 5u);
  EXPECT_EQ(read_count(R"({"":4})", "/").value_or(0), 4u);
  EXPECT_EQ(read_count("[3.0]", "/0").value_or(0), 3u);
  for (const char* pointer : {"/1", "/01", "/-", "/x", "/0/0", "a"}) {
    EXPECT_FALSE(read_count("[3]", pointer)) << pointer;
  }
}

TEST(EffectPage, DeepDocumentsDoNotEndTheProgram) {
  const std::string deep = std::string(200'000, '[') + std::string(200'000, ']');
  EXPECT_FALSE(read_page(deep, kLedger));
}

TEST(EffectPage, CountsDoNotOverflow) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(add_counts(kMost, 1), kMost);
  EXPECT_EQ(add_counts(1, 2), 3u);
}

TEST(EffectPage, NoticesTheWayToANextPageThatNobodyReads) {
  const PageLayout layout{.items = "/effects", .key = "/token"};
  const auto unread = [&](const std::string& rest) {
    const Result<EffectPage> page = read_page("{\"effects\":[]" + rest + "}", layout);
    return page ? page->unread_next : "no page";
  };
  EXPECT_EQ(unread(""), "");
  EXPECT_EQ(unread(",\"next\":500"), "\"/next\": 500");
  EXPECT_EQ(unread(",\"has_more\":true"), "\"/has_more\": true");
  EXPECT_EQ(unread(",\"links\":{\"next\":\"/ledger?page=2\"}"),
            "\"/links/next\": \"/ledger?page=2\"");
  for (const char* end : {"null", "false", "\"\"", "{}", "[]", "-1"}) {
    EXPECT_EQ(unread(std::string(",\"next\":") + end), "") << end;
  }
  const PageLayout read{.items = "/effects", .key = "/token", .count = {}, .next = "/next"};
  const Result<EffectPage> page = read_page(R"({"effects":[],"next":500,"has_more":true})", read);
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ(page->unread_next, "");
}

}  // namespace
}  // namespace squall::effects
