#include "loadgen/base/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

namespace squall {
namespace {

std::string utf8(std::uint32_t code_point) {
  std::string text;
  append_utf8(code_point, text);
  return text;
}

TEST(Utf8, WritesEveryLength) {
  EXPECT_EQ(utf8(0), std::string(1, '\0'));
  EXPECT_EQ(utf8(0x7f), "\x7f");
  EXPECT_EQ(utf8(0x80), "\xc2\x80");
  EXPECT_EQ(utf8(0x7ff), "\xdf\xbf");
  EXPECT_EQ(utf8(0x800), "\xe0\xa0\x80");
  EXPECT_EQ(utf8(0xffff), "\xef\xbf\xbf");
  EXPECT_EQ(utf8(0x1f600), "\xf0\x9f\x98\x80");
  EXPECT_EQ(utf8(0x10ffff), "\xf4\x8f\xbf\xbf");
}

TEST(Utf8, WritesWhatItCannotWriteAsAReplacement) {
  for (const std::uint32_t c : {0xd800U, 0xdfffU, 0x110000U, 0xffffffffU}) {
    EXPECT_EQ(utf8(c), "\xef\xbf\xbd");
  }
}

TEST(Utf8, KnowsWhatIsNone) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"));
  for (const char* text : {"\x80", "\xc3", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80",
                           "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "a\xffz"}) {
    EXPECT_FALSE(is_utf8(text)) << text;
  }
}

}  // namespace
}  // namespace squall
