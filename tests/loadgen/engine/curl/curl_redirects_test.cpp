// Redirects: followed where squall may send to, and nowhere else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/loadgen/engine/curl/curl_rig.hpp"
#include "tests/support/files.hpp"
#include "tests/tls/identity.hpp"

namespace squall::engine::test {
namespace {

using model::AttemptClass;
using model::CurlSettings;
using squall::test::HostileServer;
using squall::test::ok_answer;
using testing::HasSubstr;

std::string redirect_to(const std::string& url, const std::string& status = "302 Found") {
  return "HTTP/1.1 " + status + "\r\nLocation: " + url + "\r\nContent-Length: 0\r\n\r\n";
}

TEST(CurlRedirects, AreFollowedWhereSquallMaySendTo) {
  HostileServer last(polite());
  HostileServer first({HostileServer::read_request(), HostileServer::send(redirect_to("/b")),
                       HostileServer::read_request(),
                       HostileServer::send(redirect_to(last.url("/c")))});
  CurlSettings settings;
  settings.redirects = 2;
  CurlRig rig(curl_plan({first.port()}, settings));
  const Exchange& exchange = rig.run(post("once"));
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess) << exchange.detail;
  EXPECT_EQ(exchange.status, 200);
  EXPECT_THAT(last.request_texts().at(0), testing::StartsWith("GET /c "));
  EXPECT_EQ(rig.engine().take_counters().follow_ups, 2U);
}

TEST(CurlRedirects, ToAnotherHostFailTheAttempt) {
  HostileServer server(
      {HostileServer::read_request(), HostileServer::send(redirect_to("http://other.example/x"))});
  CurlSettings settings;
  settings.redirects = 2;
  CurlRig rig(curl_plan({server.port()}, settings));
  const Exchange& exchange = rig.run(get());
  EXPECT_EQ(exchange.how, AttemptClass::kUnexpected);
  EXPECT_THAT(exchange.detail, HasSubstr("other.example"));
}

TEST(CurlRedirects, AreAnswersUnlessAskedForAndBounded) {
  HostileServer server({HostileServer::read_request(), HostileServer::send(redirect_to("/again")),
                        HostileServer::again()});
  CurlRig off(curl_plan({server.port()}));
  EXPECT_EQ(off.run(get()).how, AttemptClass::kSuccess);
  EXPECT_EQ(off.completed().back()->status, 302);
  CurlSettings settings;
  settings.redirects = 3;
  CurlRig bounded(curl_plan({server.port()}, settings));
  const Exchange& exchange = bounded.run(get());
  EXPECT_EQ(exchange.how, AttemptClass::kUnexpected) << exchange.detail;
  EXPECT_EQ(server.requests(), 1U + 4U);
}

// libcurl follows every 3xx that has a Location.
TEST(CurlRedirects, OfUnusualStatusesAreWatchedToo) {
  for (const char* status : {"300 Multiple Choices", "304 Not Modified", "305 Use Proxy",
                             "306 Switch Proxy", "399 Whatever"}) {
    HostileServer server({HostileServer::read_request(),
                          HostileServer::send(redirect_to("http://other.example/x", status))});
    CurlSettings settings;
    settings.redirects = 2;
    settings.resolve = {"other.example:80:127.0.0.1"};
    CurlRig rig(curl_plan({server.port()}, settings));
    const Exchange& exchange = rig.run(get());
    EXPECT_EQ(exchange.how, AttemptClass::kUnexpected) << status << ": " << exchange.detail;
    EXPECT_THAT(exchange.detail, HasSubstr("other.example")) << status;
    HostileServer circle({HostileServer::read_request(),
                          HostileServer::send(redirect_to("/again", status)),
                          HostileServer::again()});
    CurlRig bounded(curl_plan({circle.port()}, settings));
    const Exchange& round = bounded.run(get());
    EXPECT_EQ(round.how, AttemptClass::kUnexpected) << status << ": " << round.detail;
    EXPECT_EQ(circle.requests(), 1U + 2U) << status;
  }
}

TEST(CurlRedirects, AreReadAsLibcurlReadsThem) {
  HostileServer last(polite());
  HostileServer server(
      {HostileServer::read_request(), HostileServer::send(redirect_to(last.url("/a b?c d")))});
  CurlSettings settings;
  settings.redirects = 1;
  CurlRig rig(curl_plan({server.port()}, settings));
  const Exchange& exchange = rig.run(get());
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess) << exchange.detail;
  EXPECT_THAT(last.request_texts().at(0), testing::StartsWith("GET /a%20b?c+d "));
}

// The URL has the name that TLS asks for; the connection goes to the replica all the same.
TEST(CurlRedirects, WithinATargetThatHasAnotherNameInTlsStayThere) {
  const squall::test::TestDirectory directory;
  const auto authority = squall::test::make_authority({.name = "squall test CA"});
  HostileServer server({.identity = authority.issue({.hosts = {"shop.example"}})},
                       {HostileServer::read_request(), HostileServer::send(redirect_to("/b")),
                        HostileServer::read_request(), HostileServer::send(ok_answer("there"))});
  CurlSettings settings;
  settings.redirects = 1;
  model::Plan plan = curl_plan({server.port()}, settings);
  plan.targets[0].replicas[0].scheme = "https";
  plan.targets[0].tls = TlsSettings{};
  plan.targets[0].tls->ca_file = directory.write("ca.pem", authority.certificate_pem);
  plan.targets[0].tls->server_name = "shop.example";
  CurlRig rig(plan);
  const Exchange& exchange = rig.run(get());
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess) << exchange.detail;
  EXPECT_EQ(server.requests(), 2U);
}

}  // namespace
}  // namespace squall::engine::test
