// Which exchanges HTTP faults choose, and how several of them get on with each other.
#include <gtest/gtest.h>

#include "tests/faults/http/http_fault_case.hpp"

namespace squall::faults {
namespace {

using std::chrono::seconds;

TEST(HttpSelection, is_by_route_method_and_header) {
  const auto fires = [](const std::string& keys, const std::string& request) {
    RelayCase test;
    test.add("status", keys);
    test.client(request);
    return test.to_server.empty();
  };
  EXPECT_TRUE(fires("route = \"/a\"\n", kGet));
  EXPECT_FALSE(fires("route = \"/\"\n", kGet));
  EXPECT_TRUE(fires("route = \"/v1/*/x\"\n", "GET /v1/a.b/x?q=/y HTTP/1.1\r\n\r\n"));
  EXPECT_FALSE(fires("route = \"/v1/*\"\n", "GET /v1/a/b HTTP/1.1\r\n\r\n"));
  EXPECT_TRUE(fires("route = \"/v1/**\"\n", "GET http://h/v1/a/b HTTP/1.1\r\n\r\n"));
  EXPECT_FALSE(fires("route = \"/v.\"\n", "GET /v1 HTTP/1.1\r\n\r\n"));
  EXPECT_TRUE(fires("route = \"re:^/v[0-9]+$\"\n", "GET /v12 HTTP/1.1\r\n\r\n"));
  EXPECT_TRUE(fires("methods = [\"PUT\", \"GET\"]\n", kGet));
  EXPECT_FALSE(fires("methods = [\"PUT\"]\n", kGet));
  EXPECT_TRUE(fires("header = \"host: x\"\n", kGet));
  EXPECT_TRUE(fires("header = \"HOST\"\n", kGet));
  EXPECT_FALSE(fires("header = \"Host: y\"\n", kGet));
  EXPECT_FALSE(fires("header = \"Cookie\"\n", kGet));
}

TEST(HttpSelection, counts_what_fits_and_bounds_what_is_at_work) {
  RelayCase test;
  const ToxicEntry& nth = test.add("header_set", "headers = [\"A: b\"]\nevery_nth = 3\n");
  const ToxicEntry& first = test.add("header_set", "headers = [\"C: d\"]\nfirst_n = 2\n");
  const ToxicEntry& bounded =
      test.add("delay", "delay = \"1s\"\nat = \"answer\"\nmax_active = 1\n");
  for (int i = 0; i < 6; ++i) {
    test.client(kGet);
  }
  EXPECT_EQ(nth.counters.requests, 6U);
  EXPECT_EQ(nth.counters.planned, 2U);
  EXPECT_EQ(first.counters.planned, 2U);
  expect_counts(bounded, 6, 0, 5);
}

TEST(HttpSelection, repeats_with_the_seed) {
  const auto chosen = [](std::uint64_t seed) {
    RelayCase test(seed);
    test.add("status", "", 0.3F);
    std::string result;
    for (int i = 0; i < 200; ++i) {
      test.client(kGet);
      const bool asked = !test.take_server().empty();
      result += asked ? '.' : 'x';
      if (asked) {
        test.server(kOk);
      }
    }
    return result;
  };
  EXPECT_EQ(chosen(5), chosen(5));
  EXPECT_NE(chosen(5), chosen(6));
  const std::string some = chosen(5);
  EXPECT_NEAR(static_cast<double>(std::count(some.begin(), some.end(), 'x')), 60, 25);
}

TEST(HttpFaults, who_ends_an_exchange_first_does_it) {
  RelayCase test;
  const ToxicEntry& status = test.add("status", "");
  const ToxicEntry& abort = test.add("abort", "at = \"before\"\n");
  const ToxicEntry& after = test.add("abort", "");
  test.client(kGet);
  expect_counts(status, 1, 1, 0);
  expect_counts(abort, 1, 0, 1);
  expect_counts(after, 1, 0, 1);
  EXPECT_EQ(abort.counters.reasons,
            std::vector<std::string>{"\"status\" has ended the exchange before"});
  EXPECT_EQ(after.counters.reasons, std::vector<std::string>{"the upstream was not asked"});
}

TEST(HttpFaults, removal_lets_go_at_once_what_was_held) {
  RelayCase request;
  const ToxicEntry& delay = request.add("delay", "delay = \"1h\"\n");
  request.client(kGet);
  request.remove(delay);
  EXPECT_EQ(request.to_server, kGet);
  EXPECT_EQ(request.alarms.next(), std::nullopt);
  request.server(kOk);
  EXPECT_EQ(request.to_client, kOk);

  RelayCase body;
  const ToxicEntry& slow = body.add("slow_body", "bytes_per_second = \"1B\"\n");
  body.client(kGet);
  body.server(kOk);
  body.remove(slow);
  EXPECT_EQ(body.to_client, kOk);
  EXPECT_EQ(body.alarms.next(), std::nullopt);
  EXPECT_TRUE(body.exchange().last_byte.has_value());

  RelayCase decided;
  decided.add("delay", "delay = \"1s\"\n");
  const ToxicEntry& status = decided.add("status", "");
  decided.client(kGet);
  decided.remove(status);
  decided.advance(seconds(1));
  EXPECT_EQ(decided.to_server, kGet);
  decided.server(kOk);
  EXPECT_EQ(decided.to_client, kOk);
}

TEST(HttpFaults, say_why_they_did_not_happen) {
  RelayCase test;
  const ToxicEntry& toxic = test.add("delay", "delay = \"1h\"\nat = \"answer\"\n");
  test.client(kGet);
  test.relay->stop();
  expect_counts(toxic, 1, 0, 1);
  EXPECT_EQ(toxic.counters.reasons, std::vector<std::string>{"the connection was closed"});
  EXPECT_EQ(toxic.http->active, 0U);
}

}  // namespace
}  // namespace squall::faults
