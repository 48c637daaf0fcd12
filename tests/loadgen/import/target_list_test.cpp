#include "loadgen/import/target_list.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace squall::import {
namespace {

using testing::HasSubstr;

std::string problem_of(std::string_view text) {
  const auto list = parse_target_list(text, "list.txt");
  return list ? "no problem" : to_string(list.error());
}

TEST(TargetList, HoldsRequestsWithTheirHeadersAndBodies) {
  const auto list = parse_target_list(
      "# two requests\n"
      "GET http://127.0.0.1:8080/basket?x=1\n"
      "Accept: application/json\n"
      "X-Empty:\n"
      "\n"
      "POST https://shop.example/payments\r\n"
      "Content-Type: application/json\r\n"
      "@bodies/payment.json\r\n",
      "list.txt");
  ASSERT_TRUE(list.has_value()) << to_string(list.error());
  ASSERT_EQ(list->size(), 2U);
  const ListedRequest& get = (*list)[0];
  EXPECT_EQ(get.method, "GET");
  EXPECT_EQ(get.url, "http://127.0.0.1:8080/basket?x=1");
  ASSERT_EQ(get.headers.size(), 2U);
  EXPECT_EQ(get.headers[0], (std::pair<std::string, std::string>("Accept", "application/json")));
  EXPECT_EQ(get.headers[1], (std::pair<std::string, std::string>("X-Empty", "")));
  EXPECT_TRUE(get.body_file.empty());
  const ListedRequest& post = (*list)[1];
  EXPECT_EQ(post.method, "POST");
  EXPECT_EQ(post.body_file, "bodies/payment.json");
  EXPECT_EQ(post.where.line, 6U);
}

TEST(TargetList, TakesABareUrlForAGet) {
  const auto list = parse_target_list("http://a/\nHTTPS://b/x\n", "list.txt");
  ASSERT_TRUE(list.has_value());
  ASSERT_EQ(list->size(), 2U);
  EXPECT_EQ((*list)[0].method, "GET");
  EXPECT_EQ((*list)[1].url, "HTTPS://b/x");
}

TEST(TargetList, NamesTheLineOfWhatItCannotRead) {
  EXPECT_EQ(problem_of("\nAccept: x\nGET http://a/\n"),
            "list.txt:2:1: a header belongs to the request above it, and there is none yet");
  EXPECT_THAT(problem_of("GET ftp://a/\n"), HasSubstr("list.txt:1:1: \"ftp://a/\" is not an http"));
  EXPECT_THAT(problem_of("GET http://a/ HTTP/1.1\n"), HasSubstr("is not an http"));
  EXPECT_THAT(problem_of("http://a/ x\n"), HasSubstr("nothing may stand behind a bare URL"));
  EXPECT_THAT(problem_of("GET http://a/\nwhat is this\n"),
              HasSubstr("list.txt:2:1: \"what is this\""));
  EXPECT_THAT(problem_of("@body\n"), HasSubstr("@FILE names the body of the request above it"));
  EXPECT_THAT(problem_of("GET http://a/\n@x\n@y\n"), HasSubstr("has a body already"));
  EXPECT_THAT(problem_of("# nothing\n\n"), HasSubstr("no request in it"));
}

TEST(TargetList, IsBounded) {
  const auto list = parse_target_list("GET http://a/\nGET http://b/\nGET http://c/\n", "list", 2);
  ASSERT_FALSE(list.has_value());
  EXPECT_THAT(to_string(list.error()), HasSubstr("list:3:1: a list holds at most 2 requests"));
}

TEST(TargetList, ShowsHostileTextEscaped) {
  EXPECT_THAT(problem_of("GET http://a/\n\x1b[31mred\n"), HasSubstr("\\x1b[31mred"));
}

}  // namespace
}  // namespace squall::import
