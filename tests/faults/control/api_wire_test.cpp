// Every route of Toxiproxy's API, byte by byte.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/faults/control/api_case.hpp"

namespace squall::faults {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kLatency = R"({"latency":0,"jitter":0})";

class ApiWireTest : public ApiCase {};

TEST_F(ApiWireTest, proxies_are_listed_sorted_by_name) {
  EXPECT_EQ(ask("GET", "/proxies"), json("200 OK", "{}"));
  make_proxy("b");
  make_proxy("a");
  EXPECT_EQ(ask("GET", "/proxies"),
            json("200 OK", R"({"a":)" + proxy_json("a", "localhost:0", "localhost:9", "false") +
                               R"(,"b":)" + proxy_json("b", "localhost:0", "localhost:9", "false") +
                               "}"));
}

TEST_F(ApiWireTest, a_proxy_is_created_shown_and_deleted) {
  const std::string shown = proxy_json("p", "127.0.0.1:0", "up:1", "false");
  EXPECT_EQ(ask("POST", "/proxies",
                R"({"name":"p","listen":"127.0.0.1:0","upstream":"up:1","enabled":false})"),
            json("201 Created", shown));
  EXPECT_EQ(ask("GET", "/proxies/p"), json("200 OK", shown));
  EXPECT_EQ(ask("DELETE", "/proxies/p"),
            "HTTP/1.1 204 No Content\nX-Toxiproxy-Request-Id: *\nDate: *\n\n");
  EXPECT_EQ(ask("GET", "/proxies/p"), problem("404 Not Found", "proxy not found"));
}

TEST_F(ApiWireTest, an_enabled_proxy_shows_the_port_it_has_got) {
  (void)body_of(201, "POST", "/proxies",
                R"({"name":"p","listen":"localhost:0","upstream":"localhost:9"})");
  const std::string listen = proxies.find("p")->settings.listen;
  EXPECT_THAT(listen, testing::MatchesRegex("127\\.0\\.0\\.1:[1-9][0-9]*"));
  EXPECT_EQ(ask("GET", "/proxies/p"),
            json("200 OK", proxy_json("p", listen, "localhost:9", "true")));
  EXPECT_EQ(ask("PATCH", "/proxies/p", R"({"enabled":false})"),
            json("200 OK", proxy_json("p", listen, "localhost:9", "false")));
  EXPECT_EQ(ask("POST", "/proxies/p", R"({"enabled":true})"),
            json("200 OK", proxy_json("p", listen, "localhost:9", "true")));
}

TEST_F(ApiWireTest, an_update_ignores_the_name_and_keeps_what_is_absent) {
  make_proxy();
  EXPECT_EQ(ask("POST", "/proxies/p", R"({"name":"q","upstream":"other:1"})"),
            json("200 OK", proxy_json("p", "localhost:0", "other:1", "false")));
  EXPECT_EQ(ask("PATCH", "/proxies/p", R"({"listen":"localhost:1"})"),
            json("200 OK", proxy_json("p", "localhost:1", "other:1", "false")));
}

TEST_F(ApiWireTest, populate_answers_in_the_order_of_the_request) {
  EXPECT_EQ(ask("POST", "/populate",
                R"([{"name":"z","listen":"localhost:0","upstream":"u:1","enabled":false},)"
                R"({"name":"a","listen":"localhost:0","upstream":"u:2","enabled":false}])"),
            json("201 Created", R"({"proxies":[)" + proxy_json("z", "localhost:0", "u:1", "false") +
                                    "," + proxy_json("a", "localhost:0", "u:2", "false") + "]}"));
  EXPECT_EQ(ask("POST", "/populate", "[]"), json("201 Created", R"({"proxies":null})"));
}

TEST_F(ApiWireTest, populate_leaves_equal_proxies_alone_and_replaces_others) {
  make_proxy();
  ASSERT_TRUE(proxies.add_toxic("p", {.name = "t", .type = "latency"}));
  EXPECT_THAT(body_of(201, "POST", "/populate",
                      R"([{"name":"p","listen":"localhost:0","upstream":"localhost:9"}])"),
              HasSubstr(R"("enabled":false,"Logger":{},"toxics":[{)"));
  EXPECT_EQ(ask("POST", "/populate",
                R"([{"name":"p","listen":"localhost:0","upstream":"other:9","enabled":false}])"),
            json("201 Created",
                 R"({"proxies":[)" + proxy_json("p", "localhost:0", "other:9", "false") + "]}"));
}

TEST_F(ApiWireTest, a_toxic_is_added_with_200_shown_changed_and_removed) {
  make_proxy();
  const std::string added = toxic_json(R"({"latency":100,"jitter":0})", "latency_downstream",
                                       "latency", "downstream", "1");
  EXPECT_EQ(ask("POST", "/proxies/p/toxics", R"({"type":"latency","attributes":{"latency":100}})"),
            json("200 OK", added));
  EXPECT_EQ(ask("GET", "/proxies/p/toxics"), json("200 OK", "[" + added + "]"));
  EXPECT_EQ(ask("GET", "/proxies/p/toxics/latency_downstream"), json("200 OK", added));
  EXPECT_EQ(ask("GET", "/proxies/p"),
            json("200 OK", proxy_json("p", "localhost:0", "localhost:9", "false", added)));
  const std::string changed = toxic_json(R"({"latency":100,"jitter":5})", "latency_downstream",
                                         "latency", "downstream", "0.2");
  for (const std::string_view method : {"POST", "PATCH"}) {
    EXPECT_EQ(ask(method, "/proxies/p/toxics/latency_downstream",
                  R"({"name":"x","type":"noop","stream":"upstream","toxicity":0.2,)"
                  R"("attributes":{"jitter":5}})"),
              json("200 OK", changed));
  }
  EXPECT_EQ(ask("DELETE", "/proxies/p/toxics/latency_downstream", "{}"),
            "HTTP/1.1 204 No Content\nX-Toxiproxy-Request-Id: *\nDate: *\n\n");
  EXPECT_EQ(ask("GET", "/proxies/p/toxics"), json("200 OK", "[]"));
}

TEST_F(ApiWireTest, toxics_are_listed_upstream_first_each_in_the_order_of_adding) {
  make_proxy();
  for (const std::string_view toxic : {R"({"type":"latency","name":"d1"})",
                                       R"({"type":"latency","stream":"UpStream","name":"u1"})",
                                       R"({"type":"latency","name":"d2"})",
                                       R"({"type":"latency","stream":"upstream","name":"u2"})"}) {
    (void)body_of(200, "POST", "/proxies/p/toxics", toxic);
  }
  EXPECT_EQ(body_of(200, "GET", "/proxies/p/toxics"),
            "[" + toxic_json(kLatency, "u1", "latency", "upstream", "1") + "," +
                toxic_json(kLatency, "u2", "latency", "upstream", "1") + "," +
                toxic_json(kLatency, "d1", "latency", "downstream", "1") + "," +
                toxic_json(kLatency, "d2", "latency", "downstream", "1") + "]");
}

TEST_F(ApiWireTest, reset_enables_and_removes_toxics) {
  make_proxy();
  ASSERT_TRUE(proxies.add_toxic("p", {.name = "t", .type = "latency"}));
  EXPECT_EQ(ask("POST", "/reset"),
            "HTTP/1.1 204 No Content\nX-Toxiproxy-Request-Id: *\nDate: *\n\n");
  const auto view = proxies.find("p");
  EXPECT_TRUE(view->settings.enabled);
  EXPECT_TRUE(view->toxics.empty());
}

TEST_F(ApiWireTest, the_version_is_a_line_of_its_own_type) {
  const std::string headers =
      "Content-Type: application/json;charset=utf-8\nX-Toxiproxy-Request-Id: *\nDate: *\n";
  EXPECT_EQ(ask("GET", "/version"), answer("200 OK", headers, "{\"version\": \"2.12.0\"}\n"));
  serve({.version = "git"});
  EXPECT_EQ(ask("GET", "/version"), answer("200 OK", headers, "{\"version\": \"git\"}\n"));
}

TEST_F(ApiWireTest, requests_have_ids_that_differ) {
  const auto id = [this] {
    test::RawClient client(api->port());
    client.send("GET /version HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(client.answer(), 200);
    const std::size_t at = client.seen().find("X-Toxiproxy-Request-Id: ");
    return client.seen().substr(at + 24, 22);
  };
  const std::string first = id();
  EXPECT_THAT(first, testing::MatchesRegex("[0-9a-v]{20}\r\n"));
  EXPECT_NE(first, id());
}

// curl waits for it before it sends larger bodies.
TEST_F(ApiWireTest, a_client_that_expects_100_continue_gets_it) {
  test::RawClient client(api->port());
  client.send(
      "POST /populate HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.read_line(), "HTTP/1.1 100 Continue\r\n");
  EXPECT_EQ(client.read_line(), "\r\n");
  client.send("[]");
  EXPECT_EQ(client.answer(), 201);
}

TEST_F(ApiWireTest, names_are_decoded_where_they_stand_in_a_path) {
  make_proxy("a/b c");
  EXPECT_THAT(body_of(200, "GET", "/proxies/a%2Fb%20c"), HasSubstr(R"("name":"a/b c")"));
  ASSERT_TRUE(proxies.add_toxic("a/b c", {.name = "t/%", .type = "noop"}));
  EXPECT_THAT(body_of(200, "GET", "/proxies/a%2fb%20c/toxics/t%2F%25"),
              HasSubstr(R"("name":"t/%")"));
  (void)body_of(404, "GET", "/proxies/a/b%20c");
}

TEST_F(ApiWireTest, what_html_could_read_is_escaped) {
  make_proxy("<a&b>");
  EXPECT_THAT(body_of(200, "GET", "/proxies/%3Ca&b%3E"),
              HasSubstr("\"name\":\"\\u003ca\\u0026b\\u003e\""));
}

}  // namespace
}  // namespace squall::faults
