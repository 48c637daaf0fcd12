// What goes out and what comes back: requests as rendered, and a class for every kind of answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/loadgen/engine/curl/curl_rig.hpp"
#include "tests/support/loopback_port.hpp"

namespace squall::engine::test {
namespace {

using model::AttemptClass;
using squall::test::HostileServer;
using squall::test::ok_answer;
using testing::HasSubstr;
using testing::Not;

TEST(CurlAnswers, RequestArrivesAsItWasRendered) {
  HostileServer server(polite());
  CurlRig rig(curl_plan({server.port()}));
  const Exchange& exchange = rig.run(post("{\"a\":1}", "X-Key: k1\r\nX-Empty:\r\n"));
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess) << exchange.detail;
  EXPECT_EQ(exchange.status, 200);
  EXPECT_EQ(exchange.body, "x");
  ASSERT_EQ(server.requests(), 1U);
  const std::string text = server.request_texts()[0];
  EXPECT_THAT(text, testing::StartsWith("POST /pay HTTP/1.1\r\nHost: t\r\n"));
  EXPECT_THAT(text, HasSubstr("\r\nX-Key: k1\r\n"));
  EXPECT_THAT(text, HasSubstr("\r\nX-Empty:\r\n"));
  EXPECT_THAT(text, HasSubstr("\r\nContent-Length: 7\r\n"));
  EXPECT_THAT(text, testing::EndsWith("\r\n\r\n{\"a\":1}"));
  for (const char* added : {"Expect", "Content-Type", "User-Agent", "Accept"}) {
    EXPECT_THAT(text, Not(HasSubstr(added)));
  }
  EXPECT_EQ(exchange.bytes_sent, text.size());
  EXPECT_EQ(exchange.bytes_received, ok_answer("x").size());
}

TEST(CurlAnswers, OneHandleServesRequestsOfAllShapes) {
  HostileServer server(polite());
  CurlRig rig(curl_plan({server.port()}), 1);
  const std::vector<TestRequest> all{
      get("/a"),    post("one"),           request("DELETE", "/b"),         post(""),
      get("/a"),    request("HEAD", "/h"), request("PUT", "/c", {}, "two"), get("/a?x=%20y"),
      post("three")};
  for (const TestRequest& one : all) {
    Exchange& exchange = rig.make(one);
    exchange.head_only = one.text.starts_with("HEAD");
    EXPECT_EQ(rig.run(exchange).how, AttemptClass::kSuccess) << one.text << exchange.detail;
  }
  // HEAD's answer has a body by mistake: its connection is not used again.
  const std::vector<std::string> texts = server.request_texts();
  ASSERT_EQ(texts.size(), all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(texts[i].substr(0, texts[i].find('\r')),
              all[i].text.substr(0, all[i].text.find('\r')));
    EXPECT_EQ(texts[i].substr(texts[i].find("\r\n\r\n")),
              all[i].text.substr(all[i].text.find("\r\n\r\n")));
  }
}

TEST(CurlAnswers, SpansAreInOrderAndPhasesAddUp) {
  HostileServer server({HostileServer::read_request(), HostileServer::wait(30ms),
                        HostileServer::send(ok_answer("x")), HostileServer::again()});
  CurlRig rig(curl_plan({server.port()}));
  const Exchange& first = rig.run(get());
  EXPECT_LE(first.taken_up, first.first_byte_sent);
  EXPECT_LT(first.first_byte_sent + 29ms, first.end);
  const auto span = [](const Exchange& exchange, model::TransferPhase phase) {
    return exchange.phases.span.at(static_cast<std::size_t>(phase));
  };
  EXPECT_GE(span(first, model::TransferPhase::kConnect), Duration{});
  EXPECT_GE(span(first, model::TransferPhase::kDns), Duration{});
  EXPECT_EQ(span(first, model::TransferPhase::kTls), PhaseSpans::kNone);
  EXPECT_GE(span(first, model::TransferPhase::kFirstByte), 29ms);
  EXPECT_EQ(first.first_byte_sent + span(first, model::TransferPhase::kFirstByte) +
                span(first, model::TransferPhase::kTransfer),
            first.end);
  const Exchange& second = rig.run(get());
  EXPECT_EQ(span(second, model::TransferPhase::kConnect), PhaseSpans::kNone);
  EXPECT_GE(span(second, model::TransferPhase::kFirstByte), 29ms);
}

TEST(CurlAnswers, LargeBodyIsReadAndKeptUpToTheLimit) {
  constexpr std::size_t kBytes = 10UL * 1024 * 1024;
  HostileServer server({HostileServer::read_request(), HostileServer::send_large(kBytes)});
  CurlRig rig(curl_plan({server.port()}));
  const Exchange& exchange = rig.run(get());
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess) << exchange.detail;
  EXPECT_GT(exchange.bytes_received, kBytes);
  EXPECT_EQ(exchange.body.size(), 64UL * 1024);
  EXPECT_TRUE(exchange.body_truncated);
  EXPECT_EQ(rig.engine().take_counters().decoded_bytes, kBytes);
}

TEST(CurlAnswers, LargeRequestBodyArrivesWhole) {
  HostileServer server(polite());
  CurlRig rig(curl_plan({server.port()}));
  const std::string body(3UL * 1024 * 1024, 'b');
  const Exchange& exchange = rig.run(post(body));
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess) << exchange.detail;
  EXPECT_EQ(exchange.bytes_sent, server.request_texts().at(0).size());
  EXPECT_TRUE(server.request_texts().at(0).ends_with(body));
}

TEST(CurlAnswers, RefusedConnectionSendsNothing) {
  const squall::test::RefusedPort port;
  CurlRig rig(curl_plan({port.port()}));
  const Exchange& exchange = rig.run(get());
  EXPECT_EQ(exchange.how, AttemptClass::kRefused);
  EXPECT_EQ(exchange.bytes_sent, 0U);
  EXPECT_EQ(exchange.first_byte_sent, TimePoint{});
  EXPECT_THAT(exchange.detail, HasSubstr("Connection refused"));
}

TEST(CurlAnswers, ResetAfterTheRequestIsReset) {
  HostileServer server({HostileServer::read_request(), HostileServer::close_rst()});
  CurlRig rig(curl_plan({server.port()}));
  const Exchange& exchange = rig.run(get());
  EXPECT_EQ(exchange.how, AttemptClass::kReset) << exchange.detail;
  EXPECT_GT(exchange.bytes_sent, 0U);
}

TEST(CurlAnswers, CloseWithoutAndWithinTheAnswerIsClosed) {
  HostileServer without({HostileServer::read_request(), HostileServer::close_fin()});
  HostileServer within({HostileServer::read_request(),
                        HostileServer::send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"),
                        HostileServer::close_fin()});
  CurlRig rig(curl_plan({without.port(), within.port()}));
  EXPECT_EQ(rig.run(get(), 0).how, AttemptClass::kClosed);
  EXPECT_EQ(rig.run(get(), 1).how, AttemptClass::kClosed);
  EXPECT_EQ(rig.completed().back()->detail, "closed within the answer");
}

TEST(CurlAnswers, WhatIsNoHttpIsMalformed) {
  HostileServer garbage({HostileServer::read_request(), HostileServer::send_garbage(4096)});
  HostileServer chunks(
      {HostileServer::read_request(),
       HostileServer::send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc")});
  HostileServer interim({HostileServer::read_request(), HostileServer::send([] {
                           std::string many;
                           for (int i = 0; i < 40; ++i) {
                             many += "HTTP/1.1 103 Early Hints\r\n\r\n";
                           }
                           return many;
                         }())});
  CurlRig rig(curl_plan({garbage.port(), chunks.port(), interim.port()}));
  for (std::uint16_t target = 0; target < 3; ++target) {
    const Exchange& exchange = rig.run(get(), target);
    EXPECT_EQ(exchange.how, AttemptClass::kMalformed) << target << ": " << exchange.detail;
    EXPECT_NE(exchange.detail, "");
  }
}

TEST(CurlAnswers, HeaderAboveTheLimitIsOversized) {
  HostileServer server(
      {HostileServer::read_request(),
       HostileServer::send(ok_answer("x", "X-Long: " + std::string(20'000, 'y') + "\r\n"))});
  CurlRig rig(curl_plan({server.port()}));
  EXPECT_EQ(rig.run(get()).how, AttemptClass::kOversized);
}

// libcurl has limits of its own, whatever the plan says: 100 KiB a line, 300 KiB in all.
TEST(CurlAnswers, HeaderAboveLibcurlsOwnLimitsIsOversizedToo) {
  std::string many;
  for (int i = 0; i < 400; ++i) {
    many += "X-Many: " + std::string(1000, 'y') + "\r\n";
  }
  HostileServer long_line(
      {HostileServer::read_request(),
       HostileServer::send(ok_answer("x", "X-Long: " + std::string(150'000, 'y') + "\r\n"))});
  HostileServer many_lines(
      {HostileServer::read_request(), HostileServer::send(ok_answer("x", many))});
  model::Plan plan = curl_plan({long_line.port(), many_lines.port()});
  for (model::Target& target : plan.targets) {
    target.max_header = ByteCount{1024 * 1024};
  }
  CurlRig rig(plan);
  for (std::uint16_t target = 0; target < 2; ++target) {
    const Exchange& exchange = rig.run(get(), target);
    EXPECT_EQ(exchange.how, AttemptClass::kOversized) << target << ": " << exchange.detail;
  }
}

TEST(CurlAnswers, InterimAnswersAreReadOver) {
  HostileServer server(
      {HostileServer::read_request(),
       HostileServer::send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + ok_answer("x"))});
  CurlRig rig(curl_plan({server.port()}));
  const Exchange& exchange = rig.run(get());
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess) << exchange.detail;
  EXPECT_EQ(exchange.status, 200);
}

TEST(CurlAnswers, NoAnswerIsATimeoutByOurClock) {
  HostileServer server({HostileServer::stall()});
  CurlRig rig(curl_plan({server.port()}));
  Exchange& exchange = rig.make(get());
  exchange.timeout = 100ms;
  rig.run(exchange);
  EXPECT_EQ(exchange.how, AttemptClass::kTimeout);
  EXPECT_EQ(exchange.detail, "no answer");
  EXPECT_GE(exchange.end - exchange.taken_up, 100ms);
  EXPECT_LT(exchange.end - exchange.taken_up, 2s);
  EXPECT_EQ(rig.engine().connections(), 0U);
}

TEST(CurlAnswers, RawAnswerIsHeadAndBody) {
  HostileServer server(polite());
  CurlRig rig(curl_plan({server.port()}));
  std::string raw;
  Exchange& exchange = rig.make(get());
  exchange.raw_answer = &raw;
  rig.run(exchange);
  EXPECT_EQ(raw, ok_answer("x"));
}

TEST(CurlAnswers, RawRequestIsWhatWasSent) {
  HostileServer server(polite());
  model::CurlSettings settings;
  settings.auth.kind = model::AuthKind::kBearer;
  settings.auth.token = "let-me-in";
  CurlRig rig(curl_plan({server.port()}, settings));
  std::string raw;
  Exchange& exchange = rig.make(post("a=1", "X-Mine: yes\r\n"));
  exchange.raw_request = &raw;
  rig.run(exchange);
  EXPECT_THAT(raw, HasSubstr("Authorization: Bearer let-me-in\r\n"));
  EXPECT_EQ(raw, server.request_texts().front());
  // The next one on the same handle is not looked at.
  rig.run(get());
  EXPECT_EQ(raw, server.request_texts().front());
}

TEST(CurlAnswers, WhatCannotBeTakenApartIsRefused) {
  HostileServer server(polite());
  CurlRig rig(curl_plan({server.port()}));
  const std::string broken = "GET / HTTP/1.1\r\nno colon\r\n\r\n";
  const Exchange& exchange = rig.run({broken, broken.size()});
  EXPECT_EQ(exchange.how, AttemptClass::kRefused);
  EXPECT_EQ(server.connections(), 0U);
}

}  // namespace
}  // namespace squall::engine::test
