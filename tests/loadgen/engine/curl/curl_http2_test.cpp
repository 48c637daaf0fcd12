// HTTP/2 and TLS against nginx: streams, connections, what is agreed on and what is checked.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "loadgen/base/text.hpp"
#include "tests/loadgen/engine/curl/curl_rig.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/nginx.hpp"

namespace squall::engine::test {
namespace {

using model::AttemptClass;
using model::HttpVersion;
using squall::test::eventually;
using squall::test::Nginx;
using testing::HasSubstr;

model::Plan tls_plan(const Nginx& nginx, HttpVersion http, unsigned max_streams = 100) {
  model::CurlSettings settings;
  settings.http = http;
  settings.max_streams = max_streams;
  model::Plan plan = curl_plan({nginx.port()}, settings);
  if (http != HttpVersion::k2PriorKnowledge) {
    plan.targets[0].replicas[0].scheme = "https";
    plan.targets[0].tls = TlsSettings{};
    plan.targets[0].tls->ca_file = nginx.certificate();
  }
  return plan;
}

struct Log {
  std::size_t lines = 0;
  std::set<std::string> connections;
  std::set<std::string> protocols;
};

// nginx's log, when it has that many lines.
Log log_of(const Nginx& nginx, std::size_t lines) {
  const auto count = [&] {
    const std::string text = nginx.access_log();
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  };
  EXPECT_TRUE(eventually([&] { return count() >= lines; }));
  Log log;
  const std::string text = nginx.access_log();
  for (const std::string_view line : split(text, '\n')) {
    const auto words = split(line, ' ');
    if (words.size() == 5) {
      ++log.lines;
      log.protocols.emplace(words[2]);
      log.connections.emplace(words[4]);
    }
  }
  return log;
}

void send_many(CurlRig& rig, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    rig.submit(i % 2 == 0 ? get("/g") : post("{\"a\":1}"));
  }
  ASSERT_TRUE(rig.run_all(30s));
  for (const Exchange* exchange : rig.completed()) {
    ASSERT_EQ(exchange->how, AttemptClass::kSuccess) << exchange->detail;
    ASSERT_EQ(exchange->body, "hello");
  }
}

TEST(CurlHttp2, StreamsShareOneConnection) {
  Nginx nginx(Nginx::Speaks::kHttp2Tls);
  CurlRig rig(tls_plan(nginx, HttpVersion::k2), 4);
  send_many(rig, 90);
  const Log log = log_of(nginx, 90);
  EXPECT_EQ(log.lines, 90U);
  EXPECT_EQ(log.connections.size(), 1U);
  EXPECT_EQ(log.protocols, std::set<std::string>{"HTTP/2.0"});
  EXPECT_EQ(rig.engine().take_counters().connections_opened, 1U);
}

TEST(CurlHttp2, FullConnectionsGetACompanionUpToTheCap) {
  // Answers of 300 bytes at 100 bytes a second: no stream is free before all of them were asked
  // for.
  Nginx nginx(Nginx::Speaks::kHttp2Tls,
              "location /slow { limit_rate 100; return 200 '" + std::string(300, 'x') + "'; }");
  CurlRig rig(tls_plan(nginx, HttpVersion::k2, 4), 3);
  for (std::size_t i = 0; i < 14; ++i) {
    rig.submit(get("/slow"));
  }
  // One connection is tried before others follow, so 13 wait for it.
  EXPECT_EQ(rig.engine().waiting(), 13U);
  ASSERT_TRUE(rig.run_until([&] { return rig.engine().waiting() == 2; }));
  ASSERT_TRUE(rig.run_all(30s));
  const Log log = log_of(nginx, 14);
  EXPECT_EQ(log.lines, 14U);
  EXPECT_EQ(log.connections.size(), 3U);
  for (const Exchange* exchange : rig.completed()) {
    EXPECT_EQ(exchange->how, AttemptClass::kSuccess) << exchange->detail;
  }
}

TEST(CurlHttp2, PriorKnowledgeNeedsNoTlsAndAConnectionEach) {
  Nginx nginx(Nginx::Speaks::kHttp2Plain);
  CurlRig rig(tls_plan(nginx, HttpVersion::k2PriorKnowledge));
  send_many(rig, 20);
  const Log log = log_of(nginx, 20);
  EXPECT_EQ(log.connections.size(), 20U);
  EXPECT_EQ(log.protocols, std::set<std::string>{"HTTP/2.0"});
}

TEST(CurlHttp2, NothingIsSentToAServerThatDoesNotChooseIt) {
  Nginx nginx(Nginx::Speaks::kHttp1Tls);
  CurlRig rig(tls_plan(nginx, HttpVersion::k2));
  const Exchange& exchange = rig.run(get());
  EXPECT_EQ(exchange.how, AttemptClass::kRefused);
  EXPECT_EQ(exchange.bytes_sent, 0U);
  EXPECT_THAT(exchange.detail, HasSubstr("did not choose HTTP/2"));
  EXPECT_EQ(nginx.access_log(), "");
}

// The server takes fewer streams than the plan allows, which only libcurl knows: it lets the
// request wait, and that is no connecting.
TEST(CurlHttp2, WaitingForAStreamOfTheServerIsNotConnecting) {
  Nginx nginx(Nginx::Speaks::kHttp2Tls, "http2_max_concurrent_streams 1;");
  model::Plan plan = tls_plan(nginx, HttpVersion::k2);
  CurlRig rig(plan, 1);
  ASSERT_EQ(rig.run(get()).how, AttemptClass::kSuccess);
  nginx.freeze();
  std::vector<Exchange*> all;
  for (int i = 0; i < 3; ++i) {
    all.push_back(&rig.submit(get()));
  }
  ASSERT_NE(all[0]->first_byte_sent, TimePoint{});
  ASSERT_EQ(all[1]->first_byte_sent, TimePoint{});
  // The clocks run out of connecting, and then of the answer to the first.
  rig.engine().on_time(monotonic_now() + plan.targets[0].connect_timeout);
  EXPECT_EQ(rig.engine().in_flight(), 3U);
  rig.engine().on_time(all[0]->first_byte_sent + all[0]->timeout);
  EXPECT_EQ(rig.engine().in_flight(), 2U);
  nginx.thaw();
  ASSERT_TRUE(rig.run_all());
  EXPECT_EQ(all[0]->how, AttemptClass::kTimeout);
  EXPECT_EQ(all[0]->detail, "no answer");
  EXPECT_EQ(all[1]->how, AttemptClass::kSuccess) << all[1]->detail;
  EXPECT_EQ(all[2]->how, AttemptClass::kSuccess) << all[2]->detail;
}

TEST(CurlTls, ServerIsCheckedUnlessThePlanSaysNotTo) {
  Nginx nginx(Nginx::Speaks::kHttp1Tls);
  model::Plan plan = tls_plan(nginx, HttpVersion::k1);
  CurlRig trusted(plan);
  const Exchange& exchange = trusted.run(get());
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess) << exchange.detail;
  EXPECT_GT(exchange.phases.span.at(static_cast<std::size_t>(model::TransferPhase::kTls)),
            Duration{});
  plan.targets[0].tls->ca_file.clear();
  CurlRig unknown(plan);
  EXPECT_EQ(unknown.run(get()).how, AttemptClass::kRefused);
  EXPECT_THAT(unknown.completed().back()->detail, HasSubstr("certificate"));
  plan.targets[0].tls->insecure = true;
  CurlRig insecure(plan);
  EXPECT_EQ(insecure.run(get()).how, AttemptClass::kSuccess);
}

TEST(CurlTls, AnotherNameIsAskedForAndTheHostStays) {
  Nginx nginx(Nginx::Speaks::kHttp1Tls,
              "add_header X-Host $http_host; add_header X-Sni $ssl_server_name;");
  model::Plan plan = tls_plan(nginx, HttpVersion::k1);
  plan.targets[0].tls->server_name = "shop.example";
  CurlRig rig(plan);
  std::string raw;
  Exchange& exchange = rig.make(get());
  exchange.raw_answer = &raw;
  EXPECT_EQ(rig.run(exchange).how, AttemptClass::kSuccess) << exchange.detail;
  EXPECT_THAT(raw, HasSubstr("X-Sni: shop.example\r\n"));
  EXPECT_THAT(raw, HasSubstr("X-Host: t\r\n"));
  plan.targets[0].tls->server_name = "other.example";
  CurlRig wrong(plan);
  EXPECT_EQ(wrong.run(get()).how, AttemptClass::kRefused);
}

}  // namespace
}  // namespace squall::engine::test
