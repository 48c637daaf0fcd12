#include "loadgen/expr/json_place.hpp"

#include <gtest/gtest.h>

#include <string>

namespace squall::expr {
namespace {

constexpr std::string_view kBody =
    R"({ "token" : "a\"b", "amount":1999 , "card":{"cvc":"123","list":[1, [2,{"x":3}], "}"]}, "":0,)"
    R"( "a/b":true,"c~d":null, "q\"":[] })";

std::string found(std::string_view pointer, std::string_view json = kBody) {
  return std::string(find_json(json, pointer).value_or("(none)"));
}

TEST(JsonPlace, FindsEveryKindOfValue) {
  EXPECT_EQ(found("/token"), R"("a\"b")");
  EXPECT_EQ(found("/amount"), "1999");
  EXPECT_EQ(found("/card/cvc"), R"("123")");
  EXPECT_EQ(found("/card/list"), R"([1, [2,{"x":3}], "}"])");
  EXPECT_EQ(found("/card/list/0"), "1");
  EXPECT_EQ(found("/card/list/1/1/x"), "3");
  EXPECT_EQ(found("/card/list/2"), R"("}")");
  EXPECT_EQ(found("/"), "0");
  EXPECT_EQ(found("/a~1b"), "true");
  EXPECT_EQ(found("/c~0d"), "null");
  EXPECT_EQ(found("/q\""), "[]");
  EXPECT_EQ(found("", " 17 "), "17");
}

TEST(JsonPlace, IsAPartOfTheText) {
  const auto value = find_json(kBody, "/amount");
  ASSERT_TRUE(value);
  EXPECT_EQ(value->data() - kBody.data(), static_cast<std::ptrdiff_t>(kBody.find("1999")));
}

TEST(JsonPlace, FindsNothingWhereNothingIs) {
  for (const char* pointer : {"/tok", "/token/0", "/card/list/3", "/card/list/01", "/card/list/-",
                              "/card/list/", "amount", "/amount/x", "//", "/card/list/1/0/0"}) {
    EXPECT_EQ(found(pointer), "(none)") << pointer;
  }
}

TEST(JsonPlace, DoesNotTrustTheText) {
  for (const char* json : {"", "{", "{\"a\"", "{\"a\":", "{\"a\":[1", "{\"a\":\"x", "[1,2",
                           "{\"a\":\"\\", "}", "{a:1}", "{\"b\":]}", "{\"a\" 1}"}) {
    EXPECT_EQ(found("/a", json), "(none)") << json;
    EXPECT_EQ(found("/a/1", json), "(none)") << json;
  }
}

}  // namespace
}  // namespace squall::expr
