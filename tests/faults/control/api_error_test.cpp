// Every error of Toxiproxy's API, byte by byte.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/faults/control/api_case.hpp"

namespace squall::faults {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class ApiErrorTest : public ApiCase {
 protected:
  static std::string plain(std::string_view status_line, std::string_view line,
                           std::string_view more_headers = "X-Toxiproxy-Request-Id: *\n") {
    return answer(status_line,
                  "Content-Type: text/plain; charset=utf-8\nX-Content-Type-Options: nosniff\n" +
                      std::string(more_headers) + "Date: *\n",
                  std::string(line) + "\n");
  }
};

TEST_F(ApiErrorTest, bodies_that_are_no_json) {
  make_proxy();
  ASSERT_TRUE(proxies.add_toxic("p", {.name = "t", .type = "noop"}));
  for (const std::string_view path :
       {"/proxies", "/proxies/p", "/proxies/p/toxics", "/proxies/p/toxics/t"}) {
    EXPECT_EQ(ask("POST", path), problem("400 Bad Request", "bad request body: EOF")) << path;
    EXPECT_EQ(ask("POST", path, "{\"name\":"),
              problem("400 Bad Request", "bad request body: unexpected EOF"))
        << path;
    EXPECT_EQ(ask("POST", path, "[]"),
              problem("400 Bad Request", "bad request body: expected an object, not an array"))
        << path;
    EXPECT_THAT(body_of(400, "POST", path, "{nope}"), StartsWith(R"({"error":"bad request body: )"))
        << path;
  }
}

TEST_F(ApiErrorTest, fields_that_are_missing) {
  EXPECT_EQ(ask("POST", "/proxies", "{}"),
            problem("400 Bad Request", "missing required field: name"));
  EXPECT_EQ(ask("POST", "/proxies", "null"),
            problem("400 Bad Request", "missing required field: name"));
  EXPECT_EQ(ask("POST", "/proxies", R"({"name":"p","upstream":""})"),
            problem("400 Bad Request", "missing required field: upstream"));
}

TEST_F(ApiErrorTest, fields_of_a_wrong_type) {
  EXPECT_EQ(ask("POST", "/proxies", R"({"name":5})"),
            problem("400 Bad Request", "bad request body: name: expected a string, not a number"));
  EXPECT_EQ(ask("POST", "/proxies", R"({"name":"p","enabled":"yes"})"),
            problem("400 Bad Request",
                    "bad request body: enabled: expected true or false, not a string"));
  make_proxy();
  EXPECT_EQ(
      ask("POST", "/proxies/p/toxics", R"({"type":"latency","toxicity":"1"})"),
      problem("400 Bad Request", "bad request body: toxicity: expected a number, not a string"));
  EXPECT_EQ(
      ask("POST", "/proxies/p/toxics", R"({"type":"latency","attributes":[1]})"),
      problem("400 Bad Request", "bad request body: attributes: expected an object, not an array"));
}

TEST_F(ApiErrorTest, names_that_are_not_there) {
  const std::string no_proxy = problem("404 Not Found", "proxy not found");
  for (const std::string_view path : {"/proxies/x", "/proxies/x/toxics", "/proxies/x/toxics/t"}) {
    EXPECT_EQ(ask("GET", path), no_proxy) << path;
    // Before the body is looked at.
    EXPECT_EQ(ask("POST", path, "garbage"), no_proxy) << path;
  }
  EXPECT_EQ(ask("DELETE", "/proxies/x"), no_proxy);
  EXPECT_EQ(ask("DELETE", "/proxies/x/toxics/t"), no_proxy);
  make_proxy();
  const std::string no_toxic = problem("404 Not Found", "toxic not found");
  EXPECT_EQ(ask("GET", "/proxies/p/toxics/t"), no_toxic);
  EXPECT_EQ(ask("POST", "/proxies/p/toxics/t", "garbage"), no_toxic);
  EXPECT_EQ(ask("DELETE", "/proxies/p/toxics/t"), no_toxic);
}

TEST_F(ApiErrorTest, names_that_are_taken) {
  make_proxy();
  EXPECT_EQ(ask("POST", "/proxies", R"({"name":"p","listen":"localhost:0","upstream":"u:1"})"),
            problem("409 Conflict", "proxy already exists"));
  (void)body_of(200, "POST", "/proxies/p/toxics", R"({"type":"latency","stream":"upstream"})");
  EXPECT_EQ(ask("POST", "/proxies/p/toxics", R"({"type":"noop","name":"latency_upstream"})"),
            problem("409 Conflict", "toxic already exists"));
}

TEST_F(ApiErrorTest, a_toxic_is_refused_in_the_order_of_the_checks) {
  make_proxy();
  (void)body_of(200, "POST", "/proxies/p/toxics", R"({"type":"latency"})");
  const std::string path = "/proxies/p/toxics";
  EXPECT_EQ(ask("POST", path, R"({"type":"poison","stream":"sideways"})"),
            problem("400 Bad Request", "stream was invalid, can be either upstream or downstream"));
  EXPECT_EQ(ask("POST", path, R"({"type":"latency","stream":""})"),
            problem("400 Bad Request", "stream was invalid, can be either upstream or downstream"));
  EXPECT_EQ(ask("POST", path, R"({"type":"poison","name":"latency_downstream"})"),
            problem("400 Bad Request", "invalid toxic type"));
  EXPECT_EQ(ask("POST", path, R"({"name":"no-type"})"),
            problem("400 Bad Request", "invalid toxic type"));
  EXPECT_EQ(ask("POST", path, R"({"type":"latency","attributes":{"latency":1.5}})"),
            problem("409 Conflict", "toxic already exists"));
  EXPECT_THAT(
      body_of(400, "POST", path, R"({"type":"latency","name":"n","attributes":{"latency":1.5}})"),
      StartsWith(R"({"error":"bad request body: )"));
  EXPECT_THAT(
      body_of(400, "POST", path + "/latency_downstream", R"({"attributes":{"latency":"x"}})"),
      StartsWith(R"({"error":"bad request body: )"));
}

TEST_F(ApiErrorTest, a_port_that_is_taken) {
  const test::Acceptor taken;
  const std::string text = "listen tcp " + taken.address() + ": bind: address already in use";
  const std::string body = R"({"name":"p","upstream":"u:1","listen":")" + taken.address() + R"("})";
  EXPECT_EQ(ask("POST", "/proxies", body), problem("500 Internal Server Error", text));
  EXPECT_EQ(ask("GET", "/proxies"), json("200 OK", "{}"));
  make_proxy();
  EXPECT_EQ(ask("POST", "/proxies/p", R"({"enabled":true,"listen":")" + taken.address() + R"("})"),
            problem("500 Internal Server Error", text));
  EXPECT_EQ(ask("POST", "/reset"), problem("500 Internal Server Error", text));
}

TEST_F(ApiErrorTest, populate_checks_all_before_it_makes_any) {
  const auto failed = [](std::string_view status_line, std::string_view text) {
    return json(status_line, R"({"error":")" + std::string(text) + R"(","status":)" +
                                 std::string(status_line.substr(0, 3)) + R"(,"proxies":null})");
  };
  EXPECT_EQ(ask("POST", "/populate",
                R"([{"name":"a","upstream":"u:1","listen":"localhost:0"},{"upstream":"u:2"}])"),
            failed("400 Bad Request", "missing required field: name at proxy 2"));
  EXPECT_EQ(ask("POST", "/populate", R"([{"name":"a"}])"),
            failed("400 Bad Request", "missing required field: upstream at proxy 1"));
  EXPECT_EQ(ask("POST", "/populate", "[null]"),
            failed("400 Bad Request", "missing required field: name at proxy 1"));
  EXPECT_EQ(ask("POST", "/populate"), failed("400 Bad Request", "bad request body: EOF"));
  EXPECT_EQ(
      ask("POST", "/populate", R"({"name":"a"})"),
      failed("400 Bad Request", "bad request body: expected an array of proxies, not an object"));
  EXPECT_EQ(ask("GET", "/proxies"), json("200 OK", "{}"));
}

TEST_F(ApiErrorTest, populate_keeps_what_it_had_made_before_a_port_was_taken) {
  const test::Acceptor taken;
  const std::string made = proxy_json("a", "localhost:0", "u:1", "false");
  EXPECT_EQ(ask("POST", "/populate",
                R"([{"name":"a","listen":"localhost:0","upstream":"u:1","enabled":false},)"
                R"({"name":"b","upstream":"u:2","listen":")" +
                    taken.address() + R"("}])"),
            json("500 Internal Server Error", R"({"error":"listen tcp )" + taken.address() +
                                                  R"(: bind: address already in use","status":500,)"
                                                  R"("proxies":[)" +
                                                  made + "]}"));
  EXPECT_EQ(ask("GET", "/proxies"), json("200 OK", R"({"a":)" + made + "}"));
}

TEST_F(ApiErrorTest, browsers_are_refused) {
  const std::string headers = "User-Agent: Mozilla/5.0 (X11)\r\n";
  EXPECT_EQ(ask("GET", "/proxies", "", headers), plain("403 Forbidden", "User agent not allowed"));
  EXPECT_EQ(ask("POST", "/reset", "", headers), plain("403 Forbidden", "User agent not allowed"));
  EXPECT_EQ(ask("GET", "/nowhere", "", headers), plain("404 Not Found", "404 page not found", ""));
}

TEST_F(ApiErrorTest, paths_and_methods_that_are_not_known) {
  const std::string not_found = plain("404 Not Found", "404 page not found", "");
  for (const std::string_view path : {"/", "/nowhere", "/proxies/", "/proxies/p/", "/proxies/p/x",
                                      "/proxies/%zz", "/Proxies", "/metrics", "*"}) {
    EXPECT_EQ(ask("GET", path), not_found) << path;
  }
  const std::string wrong_method = answer("405 Method Not Allowed", "Date: *\n", "");
  EXPECT_EQ(ask("PUT", "/proxies"), wrong_method);
  EXPECT_EQ(ask("GET", "/reset"), wrong_method);
  EXPECT_EQ(ask("GET", "/populate"), wrong_method);
  EXPECT_EQ(ask("PUT", "/proxies/p"), wrong_method);
  EXPECT_EQ(ask("PUT", "/proxies/p/toxics"), wrong_method);
  EXPECT_EQ(ask("PUT", "/proxies/p/toxics/t"), wrong_method);
  EXPECT_EQ(ask("POST", "/version"), wrong_method);
  EXPECT_EQ(ask("OPTIONS", "/proxies"), wrong_method);
}

}  // namespace
}  // namespace squall::faults
