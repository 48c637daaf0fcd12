// Copies that leave together through libcurl, as the peer sees them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/loadgen/engine/curl/curl_rig.hpp"
#include "tests/support/loopback_port.hpp"
#include "tests/support/nginx.hpp"

namespace squall::engine::test {
namespace {

using model::AttemptClass;
using squall::test::HostileServer;
using squall::test::Nginx;
using testing::HasSubstr;

constexpr unsigned kCopies = 5;

Exchange& submit_copy(CurlRig& rig, const TestRequest& request, Barrier& barrier) {
  Exchange& exchange = rig.make(request);
  exchange.barrier = &barrier;
  return rig.submit(exchange);
}

// All but one are there and lack their last byte; then the last one comes. Over HTTP/2, libcurl
// 7.88 keeps what the socket did not take at once, and with all of a connection's streams paused
// nothing moves it on before the next one comes: `all_on_the_wire` is for bodies that fit.
void expect_together(CurlRig& rig, const HostileServer& server, const std::string& body,
                     bool all_on_the_wire = true) {
  for (int round = 0; round < 3; ++round) {
    Barrier barrier{.expected = kCopies};
    const TestRequest request = post(body);
    std::vector<Exchange*> copies;
    const unsigned requests = server.requests();
    for (unsigned i = 0; i + 1 < kCopies; ++i) {
      copies.push_back(&submit_copy(rig, request, barrier));
    }
    // Of each connection: nothing but whole requests of earlier rounds, and one without its end.
    const auto bodies_without_end = [&] {
      unsigned count = 0;
      for (unsigned i = 0; i < server.connections(); ++i) {
        const std::string received = server.received_from(i);
        const std::size_t head = received.rfind("\r\n\r\n");
        const bool lacks_one =
            head != std::string::npos && received.size() - head - 4 == body.size() - 1;
        count += lacks_one ? 1U : 0U;
      }
      return count;
    };
    ASSERT_TRUE(rig.run_until([&] {
      return barrier.arrived == kCopies - 1 &&
             (!all_on_the_wire || bodies_without_end() == kCopies - 1);
    })) << barrier.arrived
        << ", " << bodies_without_end();
    EXPECT_FALSE(barrier.released);
    EXPECT_EQ(server.requests(), requests);
    copies.push_back(&submit_copy(rig, request, barrier));
    ASSERT_TRUE(rig.run_all());
    EXPECT_TRUE(barrier.released);
    EXPECT_EQ(server.requests(), requests + kCopies);
    for (const Exchange* const copy : copies) {
      EXPECT_EQ(copy->how, AttemptClass::kSuccess) << copy->detail;
      EXPECT_TRUE(copy->copy_fired);
      EXPECT_GE(copy->bytes_sent, body.size());
    }
  }
}

class CurlBarrier : public testing::TestWithParam<std::size_t> {};

TEST_P(CurlBarrier, CopiesLackTheirLastByteUntilAllAreThere) {
  HostileServer server(polite());
  CurlRig rig(curl_plan({server.port()}), kCopies);
  expect_together(rig, server, std::string(GetParam(), 'b'));
  EXPECT_EQ(server.connections(), kCopies);
}

// nginx passes on what it has of each stream, on connections of HTTP/1.1.
TEST_P(CurlBarrier, CopiesOnStreamsOfOneHttp2ConnectionToo) {
  HostileServer server(polite());
  const Nginx nginx(Nginx::Speaks::kHttp2Tls,
                    "client_max_body_size 1m; location /pay { proxy_request_buffering off; "
                    "proxy_http_version 1.1; proxy_pass http://127.0.0.1:" +
                        std::to_string(server.port()) + "; }");
  model::CurlSettings settings;
  settings.http = model::HttpVersion::k2;
  model::Plan plan = curl_plan({nginx.port()}, settings);
  plan.targets[0].replicas[0].scheme = "https";
  plan.targets[0].tls = TlsSettings{.ca_file = nginx.certificate()};
  CurlRig rig(plan, 1);
  expect_together(rig, server, std::string(GetParam(), 'b'), GetParam() < 16'384);
  EXPECT_EQ(rig.engine().connections(), 1U);
  EXPECT_EQ(rig.engine().take_counters().connections_opened, 1U);
}

INSTANTIATE_TEST_SUITE_P(BodyBytes, CurlBarrier, testing::Values(2U, 10U, 100'000U));

TEST(CurlBarrierCopies, AOneByteBodyIsHeldAsAWhole) {
  HostileServer server(polite());
  CurlRig rig(curl_plan({server.port()}), 2);
  Barrier barrier{.expected = 2};
  const TestRequest request = post("x");
  submit_copy(rig, request, barrier);
  ASSERT_TRUE(rig.run_until([&] { return barrier.arrived == 1; }));
  EXPECT_EQ(server.requests(), 0U);
  submit_copy(rig, request, barrier);
  ASSERT_TRUE(rig.run_all());
  EXPECT_EQ(server.requests(), 2U);
}

TEST(CurlBarrierCopies, OneThatEndsBeforeIsNotWaitedFor) {
  HostileServer server(polite());
  const squall::test::RefusedPort refused;
  CurlRig rig(curl_plan({server.port(), refused.port()}), 4);
  Barrier barrier{.expected = 2};
  const Exchange& first = submit_copy(rig, post("pay"), barrier);
  Exchange& second = rig.make(post("pay"), 1);
  second.barrier = &barrier;
  rig.submit(second);
  ASSERT_TRUE(rig.run_all());
  EXPECT_EQ(first.how, AttemptClass::kSuccess) << first.detail;
  EXPECT_EQ(second.how, AttemptClass::kRefused);
  EXPECT_FALSE(second.copy_fired);
}

TEST(CurlBarrierCopies, MoreThanConnectionsDoNotWaitAndSaySo) {
  HostileServer server(polite());
  CurlRig rig(curl_plan({server.port()}), 1);
  Barrier barrier{.expected = 2};
  const Exchange& first = submit_copy(rig, post("pay"), barrier);
  const Exchange& second = submit_copy(rig, post("pay"), barrier);
  ASSERT_TRUE(rig.run_all());
  for (const Exchange* const copy : {&first, &second}) {
    EXPECT_EQ(copy->how, AttemptClass::kSuccess);
    EXPECT_FALSE(copy->copy_fired);
    EXPECT_THAT(copy->detail, HasSubstr("not released together"));
  }
}

TEST(CurlBarrierCopies, ATimeoutWhileHeldEndsIt) {
  HostileServer server(polite());
  CurlRig rig(curl_plan({server.port()}), 2);
  Barrier barrier{.expected = 2};
  Exchange& exchange = rig.make(post("pay"));
  exchange.barrier = &barrier;
  exchange.timeout = 50ms;
  rig.run(exchange);
  EXPECT_EQ(exchange.how, AttemptClass::kTimeout);
  EXPECT_EQ(barrier.arrived, 1U);
  EXPECT_EQ(server.requests(), 0U);
  // The handle is used again, for a request that nobody holds back.
  EXPECT_EQ(rig.run(post("next")).how, AttemptClass::kSuccess);
}

TEST(CurlBarrierCopies, AbandonedOnesComeBack) {
  HostileServer server(polite());
  CurlRig rig(curl_plan({server.port()}), 3);
  Barrier barrier{.expected = 3};
  submit_copy(rig, post("pay"), barrier);
  submit_copy(rig, post("pay"), barrier);
  ASSERT_TRUE(rig.run_until([&] { return barrier.arrived == 2; }));
  rig.engine().abandon_all(monotonic_now());
  rig.collect();
  EXPECT_EQ(rig.completed().size(), 2U);
  EXPECT_FALSE(barrier.released);
  EXPECT_EQ(server.requests(), 0U);
}

}  // namespace
}  // namespace squall::engine::test
