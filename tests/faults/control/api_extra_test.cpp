// What squall's control API has and Toxiproxy's has not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/faults/control/api_case.hpp"
#include "tests/support/eventually.hpp"

namespace squall::faults {
namespace {

using testing::HasSubstr;
using testing::Not;

class ApiExtraTest : public ApiCase {
 protected:
  // A proxy "p" that is enabled, in front of the acceptor.
  std::uint16_t make_open_proxy() {
    auto made =
        proxies.create({.name = "p", .listen = "localhost:0", .upstream = backend.address()});
    EXPECT_TRUE(made.has_value());
    const std::string& listen = made->settings.listen;
    return static_cast<std::uint16_t>(std::stoi(listen.substr(listen.rfind(':') + 1)));
  }
  test::Acceptor backend;
};

TEST_F(ApiExtraTest, a_token_is_asked_for_when_there_is_one) {
  serve({.token = "s3cret"});
  const std::string refused =
      answer("401 Unauthorized",
             "Content-Type: text/plain; charset=utf-8\nX-Content-Type-Options: nosniff\n"
             "WWW-Authenticate: Bearer\nX-Toxiproxy-Request-Id: *\nDate: *\n",
             "{\"error\":\"missing or wrong token\",\"status\":401}\n");
  EXPECT_EQ(ask("GET", "/version"), refused);
  for (const std::string_view wrong :
       {"Bearer s3cre", "Bearer s3crets", "Bearer ", "Basic s3cret", "s3cret", "Bearer s3creT"}) {
    EXPECT_EQ(ask("GET", "/proxies", "", "Authorization: " + std::string(wrong) + "\r\n"), refused)
        << wrong;
  }
  (void)body_of(200, "GET", "/proxies", "", "Authorization: Bearer s3cret\r\n");
  (void)body_of(200, "GET", "/proxies", "", "authorization: bearer s3cret\r\n");
}

TEST_F(ApiExtraTest, a_create_with_toxics_makes_all_or_nothing) {
  EXPECT_THAT(body_of(400, "POST", "/proxies",
                      R"({"name":"p","upstream":"u:1","listen":"localhost:0",)"
                      R"("toxics":[{"type":"latency"},{"type":"poison"}]})"),
              HasSubstr("invalid toxic type"));
  EXPECT_FALSE(proxies.find("p").has_value());
  (void)body_of(201, "POST", "/proxies",
                R"({"name":"p","upstream":"u:1","enabled":false,)"
                R"("toxics":[{"type":"latency","attributes":{"latency":5}},{"type":"noop"}]})");
  ASSERT_EQ(proxies.find("p")->toxics.size(), 2U);
  // What was shown makes the same again.
  const std::string shown = body_of(200, "GET", "/proxies/p");
  (void)body_of(204, "DELETE", "/proxies/p");
  EXPECT_EQ(body_of(201, "POST", "/proxies", shown), shown);
  (void)body_of(204, "DELETE", "/proxies/p");
  EXPECT_EQ(body_of(201, "POST", "/populate", "[" + shown + "]"), R"({"proxies":[)" + shown + "]}");
}

TEST_F(ApiExtraTest, half_close_is_off_unless_it_is_asked_for) {
  (void)body_of(201, "POST", "/proxies", R"({"name":"p","upstream":"u:1","enabled":false})");
  EXPECT_EQ(proxies.find("p")->settings.ends, Ends::kCloseBoth);
  EXPECT_THAT(body_of(200, "PATCH", "/proxies/p", R"({"half_close":true})"),
              HasSubstr(R"("half_close":true)"));
  EXPECT_EQ(proxies.find("p")->settings.ends, Ends::kKept);
  EXPECT_THAT(body_of(200, "PATCH", "/proxies/p", R"({"enabled":false})"),
              HasSubstr(R"("half_close":true)"));
  EXPECT_THAT(body_of(400, "PATCH", "/proxies/p", R"({"half_close":1})"),
              HasSubstr("half_close: expected true or false"));
}

TEST_F(ApiExtraTest, a_proxy_that_keeps_half_closes_passes_an_end_on_and_goes_on) {
  const std::uint16_t port = make_open_proxy();
  (void)body_of(200, "PATCH", "/proxies/p", R"({"half_close":true})");
  test::Socket client = test::Socket::connect(port);
  test::Socket server = backend.accept();
  client.send("question");
  client.shutdown_write();
  EXPECT_EQ(server.rest(), "question");
  server.send("answer");
  server.close();
  EXPECT_EQ(client.rest(), "answer");
}

TEST_F(ApiExtraTest, a_toxic_shows_how_long_it_lives) {
  make_proxy();
  EXPECT_THAT(
      body_of(200, "POST", "/proxies/p/toxics", R"({"type":"noop","name":"t","ttl":"30s"})"),
      HasSubstr(R"("live_links":0,"ttl":30000,"expires_in_ms":)"));
  EXPECT_THAT(body_of(200, "POST", "/proxies/p/toxics/t", R"({"ttl":60000})"),
              HasSubstr(R"("ttl":60000,"expires_in_ms":)"));
  EXPECT_THAT(body_of(200, "POST", "/proxies/p/toxics/t", R"({"ttl":0})"), Not(HasSubstr("ttl")));
  for (const std::string_view wrong :
       {R"("soon")", "-1", "true", R"("-3s")", R"("9000h")", "1e300"}) {
    EXPECT_THAT(
        body_of(400, "POST", "/proxies/p/toxics/t", R"({"ttl":)" + std::string(wrong) + "}"),
        HasSubstr("bad request body: ttl: "))
        << wrong;
  }
}

TEST_F(ApiExtraTest, a_toxic_is_gone_after_its_ttl) {
  make_proxy();
  (void)body_of(200, "POST", "/proxies/p/toxics", R"({"type":"noop","name":"t","ttl":1})");
  EXPECT_TRUE(test::eventually([&] { return proxies.find("p")->toxics.empty(); }));
  EXPECT_THAT(body_of(200, "GET", "/events"), HasSubstr("its ttl is over"));
}

TEST_F(ApiExtraTest, toxics_and_proxies_count) {
  const std::uint16_t port = make_open_proxy();
  (void)body_of(200, "POST", "/proxies/p/toxics",
                R"({"type":"timeout","name":"t","stream":"upstream"})");
  test::Socket client = test::Socket::connect(port);
  test::Socket server = backend.accept();
  client.send("lost");
  EXPECT_TRUE(test::eventually([&] { return proxies.find("p")->toxics[0].counters.fired > 0; }));
  EXPECT_THAT(body_of(200, "GET", "/proxies/p"),
              testing::AllOf(HasSubstr(R"("fired":1,"links":1,"live_links":1)"),
                             HasSubstr(R"("links":{"open":1,"held":0,"accepted":1,)")));
  client.close();
  server.close();
  EXPECT_TRUE(test::eventually([&] { return proxies.find("p")->open_links == 0; }));
  EXPECT_THAT(body_of(200, "GET", "/proxies/p"),
              HasSubstr(R"("fired":1,"links":1,"live_links":0)"));
}

TEST_F(ApiExtraTest, events_are_listed_from_any_on) {
  make_proxy();
  ASSERT_TRUE(proxies.add_toxic("p", {.name = "t", .type = "noop"}));
  EXPECT_THAT(
      body_of(200, "GET", "/events"),
      testing::MatchesRegex(
          R"(\{"events":\[\{"number":1,"at_ns":-?[0-9]+,"kind":"proxy_created","proxy":"p"\},)"
          R"(\{"number":2,"at_ns":-?[0-9]+,"kind":"toxic_added","proxy":"p","toxic":"t"\}\]\})"));
  EXPECT_THAT(body_of(200, "GET", "/events?x=1&after=1"),
              testing::MatchesRegex(R"(\{"events":\[\{"number":2,.*\}\]\})"));
  EXPECT_EQ(body_of(200, "GET", "/events?after=2"), R"({"events":[]})");
  EXPECT_THAT(body_of(400, "GET", "/events?after=x"), HasSubstr("after: expected"));
}

TEST_F(ApiExtraTest, metrics_are_there_when_they_are_asked_for) {
  const std::uint16_t port = make_open_proxy();
  test::Socket client = test::Socket::connect(port);
  test::Socket server = backend.accept();
  client.send("12345");
  EXPECT_EQ(server.receive_all(5), "12345");
  serve({.proxy_metrics = true});
  const ProxySettings settings = proxies.find("p")->settings;
  const std::string text = body_of(200, "GET", "/metrics");
  for (const std::string_view name :
       {"toxiproxy_proxy_received_bytes_total", "toxiproxy_proxy_sent_bytes_total"}) {
    // The connection is still open.
    EXPECT_THAT(text, HasSubstr("\n" + std::string(name) + "{direction=\"upstream\",listener=\"" +
                                settings.listen + "\",proxy=\"p\",upstream=\"" + settings.upstream +
                                "\"} 5\n"));
    EXPECT_THAT(text, HasSubstr("# TYPE " + std::string(name) + " counter\n"));
  }
  EXPECT_THAT(text, Not(HasSubstr("process_")));
  EXPECT_THAT(ask("GET", "/metrics"),
              HasSubstr("Content-Type: text/plain; version=0.0.4; charset=utf-8\n"));
  serve({.runtime_metrics = true});
  EXPECT_THAT(
      body_of(200, "GET", "/metrics"),
      testing::AllOf(HasSubstr("\nprocess_open_fds "), HasSubstr("\nprocess_cpu_seconds_total "),
                     Not(HasSubstr("toxiproxy_")), Not(HasSubstr("go_info"))));
}

TEST_F(ApiExtraTest, names_in_metrics_cannot_break_a_line) {
  serve({.proxy_metrics = true});
  make_proxy("a\"\\\nb");
  EXPECT_THAT(body_of(200, "GET", "/metrics"), HasSubstr("proxy=\"a\\\"\\\\\\nb\""));
}

}  // namespace
}  // namespace squall::faults
