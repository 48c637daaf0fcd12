// toxiproxy-cli's commands against the API.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "faults/control/event_log.hpp"
#include "faults/control/proxy_commands.hpp"
#include "tests/faults/control/api_case.hpp"

namespace squall::faults {
namespace {

using testing::HasSubstr;

std::string text(const Result<std::string>& result) {
  return result ? *result : "error: " + result.error().message;
}

class ProxyCommandsTest : public ApiCase {
 protected:
  [[nodiscard]] ToxiproxyClient client(const std::string& token = {}) const {
    return ToxiproxyClient({.url = "127.0.0.1:" + std::to_string(api->port()) + "/",
                            .token = token,
                            .user_agent = "toxiproxy-cli/2.12.0 (linux/x86_64)"});
  }
};

TEST_F(ProxyCommandsTest, proxies_are_made_listed_toggled_and_deleted) {
  const test::Acceptor free;  // for a port that stays free of others
  const std::string& listen = free.address();
  EXPECT_EQ(text(list_proxies(client(), ListStyle::kTabs)), "");
  EXPECT_THAT(text(list_proxies(client(), ListStyle::kTable)), HasSubstr("no proxies"));
  EXPECT_EQ(text(create_proxy(client(), {.name = "b", .listen = listen, .upstream = "u:1"})),
            "error: Failed to create proxy: create: HTTP 500: listen tcp " + listen +
                ": bind: address already in use");
  make_proxy("b");
  make_proxy("a c");
  EXPECT_EQ(text(list_proxies(client(), ListStyle::kTabs)),
            "a c\tlocalhost:0\tlocalhost:9\tdisabled\t0\n"
            "b\tlocalhost:0\tlocalhost:9\tdisabled\t0\n");
  EXPECT_EQ(text(list_proxies(client(), ListStyle::kTable)),
            "NAME  LISTEN       UPSTREAM     STATE     TOXICS\n"
            "a c   localhost:0  localhost:9  disabled  0\n"
            "b     localhost:0  localhost:9  disabled  0\n");
  EXPECT_EQ(text(toggle_proxy(client(), "a c")), "Proxy a c is now enabled\n");
  EXPECT_TRUE(proxies.find("a c")->settings.enabled);
  EXPECT_EQ(text(toggle_proxy(client(), "a c")), "Proxy a c is now disabled\n");
  EXPECT_EQ(text(delete_proxy(client(), "a c")), "Deleted proxy a c\n");
  EXPECT_EQ(text(delete_proxy(client(), "a c")),
            "error: Failed to retrieve proxy a c: HTTP 404: proxy not found");
}

TEST_F(ProxyCommandsTest, a_created_proxy_is_enabled) {
  EXPECT_EQ(
      text(create_proxy(
          client(), {.name = "p", .listen = "localhost:0", .upstream = "u:1", .half_close = true})),
      "Created new proxy p\n");
  EXPECT_TRUE(proxies.find("p")->settings.enabled);
  EXPECT_EQ(proxies.find("p")->settings.ends, Ends::kKept);
}

TEST_F(ProxyCommandsTest, toxics_are_added_inspected_updated_and_removed) {
  make_proxy();
  EXPECT_EQ(text(add_toxic(client(), {.proxy = "p",
                                      .type = "latency",
                                      .stream = "upstream",
                                      .toxicity = "0.5",
                                      .attributes = {"latency=100", "jitter=5"}})),
            "Added upstream latency toxic 'latency_upstream' on proxy 'p'\n");
  EXPECT_EQ(text(inspect_proxy(client(), "p", ListStyle::kTabs)),
            "latency_upstream\ttype=latency\tstream=upstream\ttoxicity=0.50\tattributes=["
            "\tjitter=5\tlatency=100\t]\n");
  EXPECT_EQ(text(inspect_proxy(client(), "p", ListStyle::kTable)),
            "p (disabled): localhost:0 -> localhost:9\n"
            "TOXIC             TYPE     STREAM    TOXICITY  FIRED  ATTRIBUTES\n"
            "latency_upstream  latency  upstream  0.50      0      jitter=5 latency=100\n");
  EXPECT_EQ(text(update_toxic(
                client(), {.proxy = "p", .name = "latency_upstream", .attributes = {"jitter=7"}})),
            "Updated toxic 'latency_upstream' on proxy 'p'\n");
  EXPECT_FLOAT_EQ(proxies.find("p")->toxics.front().toxicity, 0.5F);
  EXPECT_EQ(text(update_toxic(client(), {.proxy = "p", .name = "nobody"})),
            "error: Failed to update toxic: failed to update toxic 'nobody' of proxy 'p': HTTP "
            "404: toxic not found");
  EXPECT_EQ(text(remove_toxic(client(), "p", "latency_upstream")),
            "Removed toxic 'latency_upstream' on proxy 'p'\n");
  EXPECT_EQ(text(inspect_proxy(client(), "p", ListStyle::kTabs)), "");
  EXPECT_EQ(text(remove_toxic(client(), "nobody", "t")),
            "error: Failed to remove toxic: failed to retrieve proxy with name `nobody`: HTTP 404: "
            "proxy not found");
}

TEST_F(ProxyCommandsTest, what_is_wrong_is_said_before_anything_is_sent) {
  for (const std::string toxicity : {"2", "-0.1", "much"}) {
    EXPECT_EQ(text(add_toxic(client(), {.proxy = "p", .type = "noop", .toxicity = toxicity})),
              "error: toxicity should be a float between 0 and 1.");
  }
  EXPECT_EQ(text(add_toxic(client(), {.proxy = "p", .type = "noop", .attributes = {"latency"}})),
            "error: attribute \"latency\": write key=value, for example latency=100");
}

TEST_F(ProxyCommandsTest, a_server_that_is_not_there_is_told_of) {
  const ToxiproxyClient nobody({.url = "http://127.0.0.1:1"});
  EXPECT_THAT(text(list_proxies(nobody, ListStyle::kTabs)),
              HasSubstr("error: Failed to retrieve proxies: fail to request: "));
}

TEST_F(ProxyCommandsTest, the_token_is_sent) {
  serve({.token = "s3cret"});
  EXPECT_EQ(text(list_proxies(client(), ListStyle::kTabs)),
            "error: Failed to retrieve proxies: HTTP 401: missing or wrong token");
  EXPECT_EQ(text(list_proxies(client("s3cret"), ListStyle::kTabs)), "");
}

TEST_F(ProxyCommandsTest, events_become_lines_of_the_log) {
  std::string lines;
  EventLog log(proxies, [&lines](LogLevel level, const std::string& line) {
    lines += std::string(to_string(level)) + " " + line + "\n";
  });
  make_proxy("a\nb");
  ASSERT_TRUE(proxies.add_toxic("a\nb", {.name = "t", .type = "noop"}));
  log.catch_up();
  log.catch_up();
  EXPECT_EQ(lines, "info proxy_created proxy=a\\x0ab\ninfo toxic_added proxy=a\\x0ab toxic=t\n");
}

TEST(EventLog, counts_what_was_forgotten) {
  ProxyServer proxies(all_toxics(), {.seed = 1, .kept_events = 2});
  std::string lines;
  EventLog log(proxies,
               [&lines](LogLevel /*level*/, const std::string& line) { lines += line + "\n"; });
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    ASSERT_TRUE(proxies.create({.name = name, .upstream = "u:1", .enabled = false}));
  }
  log.catch_up();
  EXPECT_EQ(lines, "events_forgotten count=3\nproxy_created proxy=d\nproxy_created proxy=e\n");
}

TEST(LogLevel, is_read_as_toxiproxy_reads_it) {
  EXPECT_EQ(parse_log_level("DEBUG"), LogLevel::kDebug);
  EXPECT_EQ(parse_log_level("disabled"), LogLevel::kOff);
  EXPECT_EQ(parse_log_level("panic"), LogLevel::kOff);
  EXPECT_FALSE(parse_log_level("loud").has_value());
}

}  // namespace
}  // namespace squall::faults
