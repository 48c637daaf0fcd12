#include "loadgen/effects/http_count.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/base/text.hpp"
#include "loadgen/effects/command.hpp"
#include "loadgen/net/http_server.hpp"

namespace squall::effects {
namespace {

using ::testing::HasSubstr;

TEST(JqPathTest, PointersBecomePaths) {
  EXPECT_EQ(jq_path(""), ".");
  EXPECT_EQ(jq_path("/effects"), R"(.["effects"])");
  EXPECT_EQ(jq_path("/a/b"), R"(.["a"] | .["b"])");
  EXPECT_EQ(jq_path("/a~1b/~0"), R"(.["a/b"] | .["~"])");
  EXPECT_EQ(jq_path("/say \"hi\""), R"(.["say \"hi\""])");
  EXPECT_EQ(jq_path("/0"), R"((if type == "array" then .[0] else .["0"] end))");
}

// Serves two pages of effects, and what it has under a token.
class Books {
 public:
  Books() {
    auto server = net::HttpServer::start({}, [](const net::ServerRequest& request) {
      net::ServerReply reply;
      reply.status = 200;
      reply.body = request.target == "/effects"
                       ? R"({"effects":[{"token":"t","n":2},{"token":"u","n":1}],"next":"7"})"
                   : request.target == "/effects?after=7"
                       ? R"({"effects":[{"token":"t","n":1}],"next":null})"
                   : request.target == "/of/t" ? R"({"counts":[3]})"
                                               : R"({"problem":"not found"})";
      return reply;
    });
    EXPECT_TRUE(server.has_value());
    server_ = std::move(*server);
  }
  [[nodiscard]] std::string url(std::string_view path) const {
    return "http://127.0.0.1:" + std::to_string(server_->port()) + std::string(path);
  }

 private:
  std::unique_ptr<net::HttpServer> server_;
};

std::string counted(const HttpCount& what, std::string_view token) {
  const auto shell =
      http_count(what, token, [](std::string_view text) { return "'" + std::string(text) + "'"; });
  EXPECT_TRUE(shell);
  Command command;
  command.arguments = {"sh", "-c", "count() {\n" + (shell ? shell->lines : "") + "}\ncount"};
  const auto ended = run_command(command);
  EXPECT_TRUE(ended) << to_string(ended.error());
  return ended ? std::string(trim(ended->output)) : "";
}

TEST(HttpCountTest, AddsUpTheItemsOfAToken) {
  const Books books;
  const HttpCount each{.method = "GET",
                       .url = books.url("/effects"),
                       .headers = {},
                       .layout = {.items = "/effects", .key = "/token"},
                       .count = {},
                       .next_parameter = "after"};
  EXPECT_EQ(counted(each, "t"), "1");
  EXPECT_EQ(counted(each, "nobody"), "0");
  HttpCount summed = each;
  summed.layout.count = "/n";
  EXPECT_EQ(counted(summed, "t"), "2");
}

TEST(HttpCountTest, FollowsPages) {
  const Books books;
  const HttpCount paged{
      .method = "GET",
      .url = books.url("/effects"),
      .headers = {{"Accept", "application/json"}},
      .layout = {.items = "/effects", .key = "/token", .count = "/n", .next = "/next"},
      .count = {},
      .next_parameter = "after"};
  EXPECT_EQ(counted(paged, "t"), "3");
  EXPECT_EQ(counted(paged, "u"), "1");
}

TEST(HttpCountTest, AsksForOneToken) {
  const Books books;
  HttpCount one{.method = "GET",
                .url = books.url("/of/t"),
                .headers = {},
                .layout = {},
                .count = "/counts/0",
                .next_parameter = "after"};
  EXPECT_EQ(counted(one, "t"), "3");
  one.url = books.url("/of/nobody");
  EXPECT_EQ(counted(one, "nobody"), "0");
}

TEST(HttpCountTest, PrintsNothingWhenItCannotCount) {
  const HttpCount nowhere{.method = "GET",
                          .url = "http://127.0.0.1:1/effects",
                          .headers = {},
                          .layout = {.items = "/effects", .key = "/token", .next = "/next"},
                          .count = {},
                          .next_parameter = "after"};
  EXPECT_EQ(counted(nowhere, "t"), "");
}

TEST(HttpCountTest, APageNumberInTheUrlIsNotOurs) {
  const HttpCount from_a_page{.method = "GET",
                              .url = "http://127.0.0.1:1/effects?after=3",
                              .headers = {},
                              .layout = {.items = "", .key = "/token", .next = "/next"},
                              .count = {},
                              .next_parameter = "after"};
  EXPECT_FALSE(
      http_count(from_a_page, "t", [](std::string_view text) { return std::string(text); }));
}

}  // namespace
}  // namespace squall::effects
