// JSON in and out, without the API.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "faults/control/json_decoder.hpp"
#include "faults/control/json_writer.hpp"

namespace squall::faults {
namespace {

std::string again(std::string_view json) {
  const auto value = decode_json(json);
  if (!value) {
    return "error: " + value.error().message;
  }
  std::string out;
  append_json(*value, out);
  return out;
}

template <class Real>
std::string written(Real number) {
  std::string out;
  append_json_number(number, out);
  return out;
}

TEST(ControlJson, keeps_values_and_their_order) {
  for (const std::string_view json :
       {R"({"b":1,"a":[true,false,"x",[],{}],"c":{"d":-5}})", "[]", "\"\"", "17", "0.5", "true",
        R"({"":{"":{}}})", R"([[[1]],{"a":[{"b":2}]}])"}) {
    EXPECT_EQ(again(json), json);
  }
}

TEST(ControlJson, leaves_null_members_out) {
  EXPECT_EQ(again(R"({"a":null,"b":{"c":null,"d":1},"e":[null,1]})"),
            R"({"b":{"d":1},"e":[{},1]})");
  EXPECT_EQ(again("null"), "{}");
  EXPECT_EQ(again(R"({"a":1,"a":null,"b":2,"b":3})"), R"({"a":1,"b":3})");
}

TEST(ControlJson, reads_the_first_value_alone) {
  EXPECT_EQ(again("{} {"), "{}");
  EXPECT_EQ(again("\r\n\t [1]garbage"), "[1]");
}

TEST(ControlJson, takes_numbers_as_large_as_they_come) {
  EXPECT_EQ(again("9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(again("-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(again("9223372036854775808"), "9223372036854775808");
  EXPECT_EQ(again("1e400").substr(0, 6), "error:");
}

TEST(ControlJson, says_what_is_wrong) {
  EXPECT_EQ(again(""), "error: EOF");
  EXPECT_EQ(again(" \n"), "error: EOF");
  EXPECT_EQ(again("{"), "error: unexpected EOF");
  EXPECT_EQ(again("[1,"), "error: unexpected EOF");
  EXPECT_EQ(again("{nope}"), "error: no JSON at byte 3");
  EXPECT_EQ(again("\"\xff\"").substr(0, 6), "error:");
  EXPECT_EQ(again(std::string(64, '[') + std::string(64, ']')).substr(0, 6), "[[[[[[");
  EXPECT_EQ(again(std::string(65, '[') + std::string(65, ']')),
            "error: values more than 64 levels deep");
  EXPECT_EQ(again(std::string(1'000'000, '[')), "error: values more than 64 levels deep");
}

TEST(ControlJson, writes_numbers_as_go_does) {
  EXPECT_EQ(written(0.2F), "0.2");
  EXPECT_EQ(written(1.0F), "1");
  EXPECT_EQ(written(0.0F), "0");
  EXPECT_EQ(written(16777216.0F), "16777216");
  EXPECT_EQ(written(0.1), "0.1");
  EXPECT_EQ(written(1000.0), "1000");
  EXPECT_EQ(written(-2.5), "-2.5");
  EXPECT_EQ(written(1e-6), "0.000001");
  EXPECT_EQ(written(1e-7), "1e-7");
  EXPECT_EQ(written(1e-10), "1e-10");
  EXPECT_EQ(written(1e20), "100000000000000000000");
  EXPECT_EQ(written(1e21), "1e+21");
  EXPECT_EQ(written(std::numeric_limits<double>::max()), "1.7976931348623157e+308");
}

TEST(ControlJson, writes_strings_that_stay_strings) {
  std::string out;
  append_json_string("a\"\\\n\x01<>&\u2028\u00e4\xff", out);
  EXPECT_EQ(out, "\"a\\\"\\\\\\n\\u0001\\u003c\\u003e\\u0026\\u2028\u00e4\\ufffd\"");
}

}  // namespace
}  // namespace squall::faults
