#include "loadgen/base/encoding.hpp"

#include <gtest/gtest.h>

namespace squall {
namespace {

std::string base64(std::string_view bytes, Base64 alphabet) {
  std::string out;
  append_base64(bytes, alphabet, out);
  return out;
}

// RFC 4648 §10.
TEST(Encoding, WritesBase64) {
  EXPECT_EQ(base64("", Base64::kStandard), "");
  EXPECT_EQ(base64("f", Base64::kStandard), "Zg==");
  EXPECT_EQ(base64("fo", Base64::kStandard), "Zm8=");
  EXPECT_EQ(base64("foo", Base64::kStandard), "Zm9v");
  EXPECT_EQ(base64("foobar", Base64::kStandard), "Zm9vYmFy");
  EXPECT_EQ(base64("fo", Base64::kUrl), "Zm8");
  EXPECT_EQ(base64("\xff\xef\xbe", Base64::kStandard), "/+++");
  EXPECT_EQ(base64("\xff\xef\xbe", Base64::kUrl), "_---");
}

TEST(Encoding, ReadsBase32AsPeopleCopyIt) {
  EXPECT_EQ(from_base32("MZXW6YTBOI======"), "foobar");
  EXPECT_EQ(from_base32("MZXW6"), "foo");
  EXPECT_EQ(from_base32("mzxw 6ytb oi"), "foobar");
  EXPECT_EQ(from_base32(""), "");
  EXPECT_EQ(from_base32("MZ1"), std::nullopt);
  EXPECT_EQ(from_base32("MZ=W"), std::nullopt);
}

TEST(Encoding, WritesHexAndPercent) {
  std::string out = "x";
  append_hex(std::string_view("\x00\x7f\xff", 3), out);
  append_percent_encoded("aZ0-._~ /\xc3\xa4%", out);
  EXPECT_EQ(out, "x007fffaZ0-._~%20%2F%C3%A4%25");
}

}  // namespace
}  // namespace squall
