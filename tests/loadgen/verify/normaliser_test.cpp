#include "loadgen/verify/normaliser.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace squall::verify {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Normaliser, TakesOrderAndFormsOfNumbersForTheSame) {
  const Normaliser plain;
  EXPECT_THAT(plain.difference(R"({"a":1,"b":[1,2]})", R"({ "b": [2, 1.0], "a": 1e0 })"),
              IsEmpty());
  EXPECT_EQ(plain.difference(R"({"a":1})", R"({"a":2})"), "/a is 2, was 1");
  EXPECT_EQ(plain.difference(R"({"a":1,"b":2})", R"({"a":1})"), "/b is missing");
  EXPECT_EQ(plain.difference(R"({"a":1})", R"({"a":1,"x/y":"z"})"), R"(/x~1y is new: "z")");
  EXPECT_EQ(plain.difference(R"(["a"])", R"(["b"])"), R"(/* is "b", was "a")");
  EXPECT_EQ(plain.difference("1", "\"1\""), "the body is \"1\", was 1");
}

TEST(Normaliser, ComparesOtherBodiesByteByByte) {
  const Normaliser plain;
  EXPECT_THAT(plain.difference("<a/>", "<a/>"), IsEmpty());
  EXPECT_EQ(plain.difference("<a/>", "<a />"), "the body is \"<a />\", was \"<a/>\"");
}

TEST(Normaliser, LearnsWhatChangesByItself) {
  Normaliser normaliser;
  normaliser.learn({R"({"id":7,"at":"1","items":[{"n":1,"seen":1}]})",
                    R"({"id":7,"at":"2","items":[{"n":1,"seen":2}]})",
                    R"({"id":7,"at":"3","items":[{"n":1,"seen":2}],"etag":"x"})"});
  EXPECT_THAT(normaliser.fields(), ElementsAre("/at", "/etag", "/items/*/seen"));
  EXPECT_THAT(normaliser.difference(R"({"id":7,"at":"9","items":[]})", R"({"id":7,"items":[]})"),
              IsEmpty());
  EXPECT_FALSE(normaliser.difference(R"({"id":7})", R"({"id":8})").empty());
}

TEST(Normaliser, LearnsNothingOfWhatIsNoJson) {
  Normaliser normaliser;
  normaliser.learn({"a", "b"});
  normaliser.learn({"{}"});
  normaliser.learn({"1", "2"});  // the whole body is no field
  EXPECT_FALSE(normaliser.difference("1", "2").empty());
}

}  // namespace
}  // namespace squall::verify
