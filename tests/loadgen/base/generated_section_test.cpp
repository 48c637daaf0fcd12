#include "loadgen/base/generated_section.hpp"

#include <gtest/gtest.h>

namespace squall {
namespace {

TEST(GeneratedSection, ReplacesOnlyWhatStandsBetweenItsMarks) {
  constexpr std::string_view kDocument =
      "before\n<!-- generated: other -->\nkept\n<!-- end -->\n"
      "<!-- generated: keys -->\nold\n<!-- end -->\nafter\n<!-- end -->\n";
  const Result<std::string> once = replace_generated_section(kDocument, "keys", "new\n");
  ASSERT_TRUE(once.has_value());
  EXPECT_EQ(*once,
            "before\n<!-- generated: other -->\nkept\n<!-- end -->\n"
            "<!-- generated: keys -->\nnew\n<!-- end -->\nafter\n<!-- end -->\n");
  EXPECT_EQ(*replace_generated_section(*once, "keys", "new\n"), *once);
}

TEST(GeneratedSection, RefusesDocumentsWithoutTheMarks) {
  for (const char* document :
       {"", "no marks", "<!-- generated: keys -->\n", "<!-- end --> <!-- generated: keys -->\n",
        "<!-- generated: other -->\n<!-- end -->"}) {
    const Result<std::string> replaced = replace_generated_section(document, "keys", "new");
    ASSERT_FALSE(replaced.has_value()) << document;
    EXPECT_EQ(replaced.error().code, ErrorCode::kMalformed);
  }
}

}  // namespace
}  // namespace squall
