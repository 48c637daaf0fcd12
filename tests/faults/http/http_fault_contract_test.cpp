// What every HTTP fault promises, whoever wrote it.
#include <gtest/gtest.h>

#include <ostream>

#include "tests/faults/http/relay_case.hpp"

namespace squall::faults {

inline void PrintTo(const ToxicKind& kind, std::ostream* out) {
  *out << kind.name;
}

namespace {

using std::chrono::seconds;

std::string short_name(const ToxicKind& kind) {
  return std::string(kind.name.substr(5));
}

class HttpFaultContract : public ::testing::TestWithParam<ToxicKind> {};

TEST_P(HttpFaultContract, describes_itself) {
  const ToxicKind& kind = GetParam();
  EXPECT_TRUE(kind.name.starts_with("http_"));
  EXPECT_EQ(kind.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos);
  EXPECT_FALSE(kind.summary.empty());
  EXPECT_LE(kind.summary.size(), 100U);
  EXPECT_FALSE(kind.summary.ends_with('.'));
  EXPECT_FALSE(kind.production_cause.empty());
  EXPECT_TRUE(kind.example.ends_with('\n'));
  ASSERT_NE(kind.attributes, nullptr);
  EXPECT_TRUE(kind.acts_on_http());
  EXPECT_EQ(kind.compile, nullptr);
  for (const expr::KeySpec& key : kind.attributes->keys) {
    EXPECT_FALSE(key.help.empty()) << key.name;
    EXPECT_FALSE(key.required) << key.name;
  }
  for (const std::string_view key :
       {"route", "methods", "header", "every_nth", "first_n", "max_active"}) {
    EXPECT_NE(kind.attributes->find(key), nullptr) << key;
  }
}

TEST_P(HttpFaultContract, compiles_its_example_and_its_defaults) {
  for (const std::string_view toml : {GetParam().example, std::string_view()}) {
    RelayCase test;
    EXPECT_NE(test.add(short_name(GetParam()), toml).http->fault, nullptr);
  }
}

TEST_P(HttpFaultContract, reports_wrong_types) {
  for (const expr::KeySpec& key : GetParam().attributes->keys) {
    const auto given = expr::parse_toml(key.name + " = [[1]]\n", "test.toml");
    const auto complete = complete_attributes(GetParam(), {expr::Table{}, {}}, *given);
    const auto compiled = compile_http_toxic(GetParam(), complete);
    ASSERT_FALSE(compiled.has_value()) << key.name;
    EXPECT_NE(compiled.error().message.find(key.name), std::string::npos)
        << compiled.error().message;
    EXPECT_FALSE(compile_toxic(GetParam(), complete).has_value());
  }
}

// Two requests and their answers, with everything that happens on the way.
std::string drive(RelayCase& test) {
  for (int i = 0; i < 2; ++i) {
    test.client("POST /a HTTP/1.1\r\nContent-Length: 11\r\n\r\n{\"status\":1");
    test.client("}POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n");
    test.advance(seconds(2));
    test.server(
        "HTTP/1.1 200 OK\r\nDate: Tue, 14 Nov 2023 22:13:20 GMT\r\nETag: a\r\nContent-Length: "
        "12\r\n\r\n{\"status\":1}HTTP/1.1 200 OK\r\nTransfer-Encoding: ch");
    test.server("unked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
    test.advance(seconds(2));
  }
  std::string trace = test.to_client + "\n--\n" + test.to_server + "\n--\n";
  trace += test.client_end.has_value() ? std::to_string(static_cast<int>(*test.client_end)) : "-";
  for (const auto& entry : test.entries) {
    trace +=
        " " + std::to_string(entry->counters.planned) + "/" + std::to_string(entry->counters.fired);
  }
  return trace;
}

TEST_P(HttpFaultContract, the_same_seed_does_the_same) {
  const auto trace = [](std::uint64_t seed) {
    RelayCase test(seed);
    test.add(short_name(GetParam()), GetParam().example, 0.5F);
    return drive(test);
  };
  EXPECT_EQ(trace(3), trace(3));
}

TEST_P(HttpFaultContract, counts_every_decision_once) {
  RelayCase test;
  const ToxicEntry& toxic = test.add(short_name(GetParam()), "");
  drive(test);
  test.relay->stop();
  // Copies are counted where they are sent.
  const bool copies = !test.copies.empty();
  EXPECT_EQ(toxic.counters.planned,
            toxic.counters.fired + toxic.counters.preempted + (copies ? test.copies.size() : 0));
  EXPECT_EQ(toxic.http->active, 0U);
}

TEST_P(HttpFaultContract, nothing_of_it_is_left_when_it_is_removed) {
  RelayCase test;
  const ToxicEntry& toxic = test.add(short_name(GetParam()), GetParam().example);
  test.client("GET /a HTTP/1.1\r\n\r\n");
  test.remove(toxic);
  if (test.client_end.has_value() || test.to_server.empty()) {
    return;  // it has done its work already
  }
  test.server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  test.advance(seconds(60));
  EXPECT_EQ(test.alarms.next(), std::nullopt);
  if (test.client_end.has_value()) {
    return;
  }
  test.take_client();
  test.take_server();
  const std::string request = "GET /c HTTP/1.1\r\n\r\n";
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
  test.client(request);
  EXPECT_EQ(test.to_server, request);
  test.server(answer);
  EXPECT_EQ(test.to_client, answer);
}

INSTANTIATE_TEST_SUITE_P(All, HttpFaultContract, ::testing::ValuesIn(all_http_faults().entries()),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(HttpFaultRegistry, has_all_of_them) {
  for (const std::string_view name :
       {"http_abort", "http_body_patch", "http_body_replace", "http_date_skew", "http_delay",
        "http_duplicate", "http_empty_reply", "http_garbage", "http_header_remove",
        "http_header_set", "http_malformed_chunk", "http_quota", "http_slow_body", "http_status",
        "http_truncate"}) {
    EXPECT_NE(all_http_faults().find(name), nullptr) << name;
  }
}

}  // namespace
}  // namespace squall::faults
