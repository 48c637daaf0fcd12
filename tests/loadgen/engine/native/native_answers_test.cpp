// Every way in which one request can end, against a server that does exactly that.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "tests/loadgen/engine/native/native_rig.hpp"
#include "tests/loadgen/engine/native/raw_peer.hpp"
#include "tests/support/hostile_server.hpp"
#include "tests/support/loopback_port.hpp"

namespace squall::engine::test {
namespace {

using model::AttemptClass;
using squall::test::HostileServer;
using squall::test::ok_answer;
using squall::test::RefusedPort;
using testing::HasSubstr;

HostileServer::Script answering(std::string answer) {
  return {HostileServer::read_request(), HostileServer::send(std::move(answer)),
          HostileServer::again()};
}

TEST(NativeAnswers, CompleteAnswerWithBody) {
  HostileServer server(answering(ok_answer("hello")));
  Rig rig(plan_for({server.port()}));
  Exchange& exchange = rig.make(post("{\"a\":1}"));
  exchange.keep_body = true;
  const TimePoint before = monotonic_now();
  rig.run(exchange);
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess);
  EXPECT_EQ(exchange.status, 200);
  EXPECT_EQ(exchange.body, "hello");
  EXPECT_FALSE(exchange.body_truncated);
  EXPECT_EQ(exchange.detail, "");
  EXPECT_EQ(exchange.bytes_sent, exchange.request.size());
  EXPECT_EQ(exchange.bytes_received, ok_answer("hello").size());
  EXPECT_EQ(exchange.connection_id, 1U);
  EXPECT_LE(before, exchange.taken_up);
  EXPECT_LE(exchange.taken_up, exchange.first_byte_sent);
  EXPECT_LE(exchange.first_byte_sent, exchange.request_sent);
  EXPECT_LT(exchange.request_sent, exchange.end);
  EXPECT_LE(exchange.end, monotonic_now());
  EXPECT_THAT(server.request_texts(), testing::ElementsAre(std::string(exchange.request)));
  const EngineCounters counters = rig.engine().take_counters();
  EXPECT_EQ(counters.bytes_sent, exchange.bytes_sent);
  EXPECT_EQ(counters.bytes_received, exchange.bytes_received);
  EXPECT_EQ(counters.connections_opened, 1U);
  EXPECT_EQ(rig.engine().take_counters().bytes_sent, 0U);
}

TEST(NativeAnswers, ResultsOfAnEarlierUseAreCleared) {
  HostileServer server(answering(ok_answer("x")));
  RefusedPort refused;
  Rig rig(plan_for({server.port(), refused.port()}));
  Exchange& exchange = rig.make(get(), 1);
  rig.run(exchange);
  ASSERT_EQ(exchange.how, AttemptClass::kRefused);
  exchange.target = 0;
  exchange.keep_body = true;
  rig.run(exchange);
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess);
  EXPECT_EQ(exchange.detail, "");
  EXPECT_EQ(exchange.body, "x");
}

TEST(NativeAnswers, BodyIsKeptUpToTheLimit) {
  HostileServer server(answering(ok_answer(std::string(100'000, 'b'))));
  model::Plan plan = plan_for({server.port()});
  plan.targets[0].max_body_kept = ByteCount{1000};
  Rig rig(plan);
  Exchange& exchange = rig.make(get());
  exchange.keep_body = true;
  rig.run(exchange);
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess);
  EXPECT_EQ(exchange.body, std::string(1000, 'b'));
  EXPECT_TRUE(exchange.body_truncated);
}

TEST(NativeAnswers, RawAnswerIsKeptWhenAsked) {
  HostileServer server(answering(ok_answer("raw")));
  Rig rig(plan_for({server.port()}));
  std::string raw;
  Exchange& exchange = rig.make(get());
  exchange.raw_answer = &raw;
  rig.run(exchange);
  EXPECT_EQ(raw, ok_answer("raw"));
}

TEST(NativeAnswers, TenMegabytes) {
  HostileServer server({HostileServer::read_request(), HostileServer::send_large(10'000'000),
                        HostileServer::again()});
  Rig rig(plan_for({server.port()}));
  const Exchange& exchange = rig.run(get());
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess);
  EXPECT_GT(exchange.bytes_received, 10'000'000U);
  EXPECT_EQ(rig.engine().connections(), 1U);
}

TEST(NativeAnswers, ChunkedInTrickledPieces) {
  const std::string answer =
      "HTTP/1.1 201 Created\r\nTransfer-Encoding: "
      "chunked\r\n\r\n5\r\nhello\r\n1;x=y\r\n!\r\n0\r\nT: 1\r\n\r\n";
  HostileServer server({HostileServer::read_request(), HostileServer::send_slowly(answer, 1, 100us),
                        HostileServer::again()});
  Rig rig(plan_for({server.port()}));
  for (int i = 0; i < 2; ++i) {
    Exchange& exchange = rig.make(get());
    exchange.keep_body = true;
    rig.run(exchange);
    EXPECT_EQ(exchange.how, AttemptClass::kSuccess) << exchange.detail;
    EXPECT_EQ(exchange.status, 201);
    EXPECT_EQ(exchange.body, "hello!");
  }
  EXPECT_EQ(server.connections(), 1U);
}

TEST(NativeAnswers, InterimAnswersAreReadOver) {
  HostileServer server(
      answering("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" +
                ok_answer("after")));
  Rig rig(plan_for({server.port()}));
  Exchange& exchange = rig.make(get());
  exchange.keep_body = true;
  rig.run(exchange);
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess);
  EXPECT_EQ(exchange.status, 200);
  EXPECT_EQ(exchange.body, "after");
  EXPECT_EQ(rig.engine().connections(), 1U);
}

TEST(NativeAnswers, EndlessInterimAnswersAreMalformed) {
  std::string answer;
  for (int i = 0; i < 33; ++i) {
    answer += "HTTP/1.1 102 Processing\r\n\r\n";
  }
  HostileServer server(answering(answer));
  Rig rig(plan_for({server.port()}));
  EXPECT_EQ(rig.run(get()).how, AttemptClass::kMalformed);
}

TEST(NativeAnswers, HeadAndNoContentHaveNoBody) {
  HostileServer server([](unsigned connection) {
    return connection == 0 ? answering("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")
                           : answering("HTTP/1.1 204 No Content\r\n\r\n");
  });
  Rig rig(plan_for({server.port()}));
  Exchange& head = rig.make(request("HEAD", "/x"));
  head.head_only = true;
  rig.run(head);
  EXPECT_EQ(head.how, AttemptClass::kSuccess);
  EXPECT_EQ(rig.engine().connections(), 1U);
  Exchange& fresh = rig.make(get());
  fresh.connection = model::CopyConnection::kFresh;
  rig.run(fresh);
  EXPECT_EQ(fresh.how, AttemptClass::kSuccess);
  EXPECT_EQ(fresh.status, 204);
}

TEST(NativeAnswers, BodyUntilTheConnectionEnds) {
  HostileServer server({HostileServer::read_request(),
                        HostileServer::send("HTTP/1.0 200 OK\r\n\r\nall of it"),
                        HostileServer::close_fin()});
  Rig rig(plan_for({server.port()}));
  Exchange& exchange = rig.make(get());
  exchange.keep_body = true;
  rig.run(exchange);
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess);
  EXPECT_EQ(exchange.body, "all of it");
  EXPECT_EQ(rig.engine().connections(), 0U);
}

TEST(NativeAnswers, ConnectionCloseIsObeyed) {
  HostileServer server(answering(ok_answer("x", "Connection: close\r\n")));
  Rig rig(plan_for({server.port()}));
  EXPECT_EQ(rig.run(get()).how, AttemptClass::kSuccess);
  EXPECT_EQ(rig.engine().connections(), 0U);
  EXPECT_EQ(rig.run(get()).how, AttemptClass::kSuccess);
  EXPECT_EQ(server.connections(), 2U);
}

TEST(NativeAnswers, StatusIsReportedNotJudged) {
  HostileServer server(answering("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"));
  Rig rig(plan_for({server.port()}));
  const Exchange& exchange = rig.run(get());
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess);
  EXPECT_EQ(exchange.status, 503);
}

TEST(NativeAnswers, BytesBehindTheAnswerCloseTheConnection) {
  HostileServer server(answering(ok_answer("x") + "HTTP/1.1 200 OK\r\n"));
  Rig rig(plan_for({server.port()}));
  const Exchange& exchange = rig.run(get());
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess);
  EXPECT_EQ(exchange.bytes_received, ok_answer("x").size());
  EXPECT_EQ(rig.engine().connections(), 0U);
  EXPECT_EQ(rig.engine().take_counters().unsolicited_bytes, 17U);
}

TEST(NativeAnswers, GarbageIsMalformed) {
  HostileServer server(
      {HostileServer::read_request(), HostileServer::send_garbage(5000), HostileServer::stall()});
  Rig rig(plan_for({server.port()}));
  const Exchange& exchange = rig.run(get());
  EXPECT_EQ(exchange.how, AttemptClass::kMalformed);
  EXPECT_NE(exchange.detail, "");
  EXPECT_EQ(rig.engine().connections(), 0U);
}

TEST(NativeAnswers, BadChunkIsMalformed) {
  HostileServer server(
      answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzzz\r\nbody\r\n"));
  Rig rig(plan_for({server.port()}));
  EXPECT_EQ(rig.run(get()).how, AttemptClass::kMalformed);
}

TEST(NativeAnswers, HeaderAboveTheLimitIsOversized) {
  HostileServer server(answering(ok_answer("x", "Big: " + std::string(20'000, 'h') + "\r\n")));
  Rig rig(plan_for({server.port()}));
  EXPECT_EQ(rig.run(get()).how, AttemptClass::kOversized);
}

TEST(NativeAnswers, HeaderLimitIsTheTargets) {
  HostileServer server(answering(ok_answer("x", "Big: " + std::string(20'000, 'h') + "\r\n")));
  model::Plan plan = plan_for({server.port(), server.port()});
  plan.targets[1].max_header = ByteCount{64 * 1024};
  Rig rig(plan, 1);  // one slot, used for one after the other
  EXPECT_EQ(rig.run(get(), 0).how, AttemptClass::kOversized);
  EXPECT_EQ(rig.run(get(), 1).how, AttemptClass::kSuccess);
  EXPECT_EQ(rig.run(get(), 0).how, AttemptClass::kOversized);
}

TEST(NativeAnswers, CloseWithoutAnAnswer) {
  HostileServer server({HostileServer::read_request(), HostileServer::close_fin()});
  Rig rig(plan_for({server.port()}));
  const Exchange& exchange = rig.run(get());
  EXPECT_EQ(exchange.how, AttemptClass::kClosed);
  EXPECT_EQ(exchange.detail, "closed without an answer");
  EXPECT_EQ(exchange.bytes_sent, exchange.request.size());
}

TEST(NativeAnswers, CloseWithinTheAnswer) {
  HostileServer server({HostileServer::read_request(),
                        HostileServer::send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal"),
                        HostileServer::close_fin()});
  Rig rig(plan_for({server.port()}));
  const Exchange& exchange = rig.run(get());
  EXPECT_EQ(exchange.how, AttemptClass::kClosed);
  EXPECT_EQ(exchange.detail, "closed within the answer");
}

TEST(NativeAnswers, Reset) {
  HostileServer server({HostileServer::read_request(), HostileServer::close_rst()});
  Rig rig(plan_for({server.port()}));
  const Exchange& exchange = rig.run(get());
  EXPECT_EQ(exchange.how, AttemptClass::kReset);
  EXPECT_THAT(exchange.detail, HasSubstr("ECONNRESET"));
}

TEST(NativeAnswers, ResetWhileALargeRequestIsSent) {
  RawPeer peer;
  Rig rig(plan_for({peer.port()}));
  const Exchange& exchange = rig.submit(post(std::string(30'000'000, 'p')));
  ASSERT_TRUE(rig.run_until([&] { return peer.accept_waiting() == 1 && peer.unread(0) > 0; }));
  peer.reset(0);
  ASSERT_TRUE(rig.run_all());
  EXPECT_EQ(exchange.how, AttemptClass::kReset);
  EXPECT_GT(exchange.bytes_sent, 0U);
  EXPECT_LT(exchange.bytes_sent, exchange.request.size());
  EXPECT_EQ(exchange.request_sent, TimePoint{});
}

TEST(NativeAnswers, LargeRequestArrivesWhole) {
  HostileServer server(answering(ok_answer("x")));
  Rig rig(plan_for({server.port()}));
  const Exchange& exchange = rig.run(post(std::string(10'000'000, 'p')));
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess) << exchange.detail;
  EXPECT_EQ(exchange.bytes_sent, exchange.request.size());
  EXPECT_LE(exchange.first_byte_sent, exchange.request_sent);
  EXPECT_LE(exchange.request_sent, exchange.end);
  EXPECT_EQ(server.bytes_received(), exchange.request.size());
  EXPECT_EQ(rig.engine().take_counters().bytes_sent, exchange.request.size());
}

TEST(NativeAnswers, AnswerBeforeTheRequestIsOutIsTakenAndTheConnectionClosed) {
  RawPeer peer;
  Rig rig(plan_for({peer.port()}));
  const Exchange& exchange = rig.submit(post(std::string(30'000'000, 'p')));
  ASSERT_TRUE(rig.run_until([&] { return peer.accept_waiting() == 1 && peer.unread(0) > 0; }));
  peer.send(0, "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(rig.run_all());
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess);
  EXPECT_EQ(exchange.status, 413);
  EXPECT_GT(exchange.bytes_sent, 0U);
  EXPECT_LT(exchange.bytes_sent, exchange.request.size());
  EXPECT_EQ(rig.engine().connections(), 0U);
}

TEST(NativeAnswers, Refused) {
  RefusedPort refused;
  Rig rig(plan_for({refused.port()}));
  const Exchange& exchange = rig.run(get());
  EXPECT_EQ(exchange.how, AttemptClass::kRefused);
  EXPECT_EQ(exchange.bytes_sent, 0U);
  EXPECT_EQ(exchange.first_byte_sent, TimePoint{});
  EXPECT_THAT(exchange.detail, HasSubstr("ECONNREFUSED"));
  EXPECT_EQ(rig.engine().connections(), 0U);
}

TEST(NativeAnswers, ConnectTimeout) {
  // Its queue of connections is full, so the kernel does not answer further ones.
  RawPeer peer(0);
  Rig rig([&] {
    model::Plan plan = plan_for({peer.port()});
    plan.targets[0].connect_timeout = 60ms;
    return plan;
  }());
  for (int i = 0; i < 3; ++i) {
    rig.submit(get());
  }
  ASSERT_TRUE(rig.run_until([&] { return !rig.completed().empty(); }));
  const Exchange& exchange = *rig.completed()[0];
  EXPECT_EQ(exchange.how, AttemptClass::kTimeout);
  EXPECT_EQ(exchange.detail, "connecting");
  EXPECT_EQ(exchange.bytes_sent, 0U);
  EXPECT_GE(exchange.end - exchange.taken_up, 60ms);
  EXPECT_LT(exchange.end - exchange.taken_up, 4s);  // not the timeout of the whole
}

TEST(NativeAnswers, ManyRefusedOnesDoNotRecurse) {
  RefusedPort refused;
  Rig rig(plan_for({refused.port()}), 2);
  for (int i = 0; i < 2000; ++i) {
    rig.submit(get());
  }
  ASSERT_TRUE(rig.run_all());
  EXPECT_EQ(rig.completed().size(), 2000U);
}

TEST(NativeAnswers, NameThatDoesNotExistIsRefusedWithTheReason) {
  model::Plan plan = plan_for({80});
  plan.targets[0].replicas[0].host = "no-such-host.invalid";
  Rig rig(plan);
  const Exchange& exchange = rig.run(get());
  EXPECT_EQ(exchange.how, AttemptClass::kRefused);
  EXPECT_THAT(exchange.detail, HasSubstr("no-such-host.invalid"));
}

TEST(NativeAnswers, NameWithSeveralAddressesIsTriedThrough) {
  HostileServer server(
      answering(ok_answer("x")));  // on 127.0.0.1 only; localhost may come first as ::1
  model::Plan plan = plan_for({server.port()});
  plan.targets[0].replicas[0].host = "localhost";
  Rig rig(plan);
  EXPECT_EQ(rig.run(get()).how, AttemptClass::kSuccess);
}

TEST(NativeAnswers, NeverAnswering) {
  HostileServer server({HostileServer::read_request(), HostileServer::stall()});
  Rig rig(plan_for({server.port()}));
  Exchange& exchange = rig.make(get());
  exchange.timeout = 80ms;
  rig.run(exchange);
  EXPECT_EQ(exchange.how, AttemptClass::kTimeout);
  EXPECT_EQ(exchange.detail, "no answer");
  EXPECT_GE(exchange.end - exchange.taken_up, 80ms);
  EXPECT_LT(exchange.end - exchange.taken_up, 2s);
  EXPECT_EQ(rig.engine().connections(), 0U);
  EXPECT_TRUE(server.wait_until([&] { return server.open_connections() == 0; }));
}

TEST(NativeAnswers, AnswerThatTricklesBeyondTheTimeout) {
  HostileServer server(
      {HostileServer::read_request(), HostileServer::send_slowly(ok_answer("slow"), 1, 20ms)});
  Rig rig(plan_for({server.port()}));
  Exchange& exchange = rig.make(get());
  exchange.timeout = 100ms;
  rig.run(exchange);
  EXPECT_EQ(exchange.how, AttemptClass::kTimeout);
  EXPECT_EQ(exchange.detail, "answer not complete");
  EXPECT_GT(exchange.bytes_received, 0U);
}

TEST(NativeAnswers, ServerThatDoesNotRead) {
  const RawPeer peer;
  Rig rig(plan_for({peer.port()}));
  Exchange& exchange = rig.make(post(std::string(30'000'000, 'p')));
  exchange.timeout = 150ms;
  rig.run(exchange);
  EXPECT_EQ(exchange.how, AttemptClass::kTimeout);
  EXPECT_EQ(exchange.detail, "sending the request");
  EXPECT_GT(exchange.bytes_sent, 0U);
}

TEST(NativeAnswers, DifferentTimeoutsEndInTheirOwnOrder) {
  HostileServer server({HostileServer::read_request(), HostileServer::stall()});
  Rig rig(plan_for({server.port()}));
  std::vector<Exchange*> submitted;
  for (const Duration timeout : {200ms, 50ms, 120ms}) {
    Exchange& exchange = rig.make(get());
    exchange.timeout = timeout;
    submitted.push_back(&rig.submit(exchange));
  }
  ASSERT_TRUE(rig.run_all());
  EXPECT_THAT(rig.completed(), testing::ElementsAre(submitted[1], submitted[2], submitted[0]));
}

}  // namespace
}  // namespace squall::engine::test
