// Which connection carries which request, who waits, and what libcurl does behind one's back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/loadgen/engine/curl/curl_rig.hpp"

namespace squall::engine::test {
namespace {

using model::AttemptClass;
using model::CopyConnection;
using squall::test::HostileServer;
using squall::test::ok_answer;

HostileServer::Script slow() {
  return {HostileServer::read_request(), HostileServer::wait(20ms),
          HostileServer::send(ok_answer("x")), HostileServer::again()};
}

TEST(CurlPool, OneConnectionServesOneAfterTheOther) {
  HostileServer server(polite());
  CurlRig rig(curl_plan({server.port()}));
  for (int i = 0; i < 50; ++i) {
    ASSERT_EQ(rig.run(get()).how, AttemptClass::kSuccess);
  }
  EXPECT_EQ(server.connections(), 1U);
  const EngineCounters counters = rig.engine().take_counters();
  EXPECT_EQ(counters.connections_opened, 1U);
  EXPECT_EQ(counters.resends, 0U);
  EXPECT_EQ(rig.engine().connections(), 1U);
}

TEST(CurlPool, CapIsATotalAndTheOthersWaitInOrder) {
  HostileServer server(slow());
  CurlRig rig(curl_plan({server.port()}), 3);
  std::vector<Exchange*> submitted;
  for (int i = 0; i < 10; ++i) {
    submitted.push_back(&rig.submit(get()));
    EXPECT_LE(rig.engine().connections(), 3U);
  }
  EXPECT_EQ(rig.engine().waiting(), 7U);
  EXPECT_EQ(rig.engine().in_flight(), 10U);
  ASSERT_TRUE(rig.run_all());
  EXPECT_EQ(server.connections(), 3U);
  EXPECT_EQ(rig.engine().waiting(), 0U);
  std::vector<TimePoint> starts;
  for (const Exchange* exchange : submitted) {
    EXPECT_EQ(exchange->how, AttemptClass::kSuccess) << exchange->detail;
    starts.push_back(exchange->first_byte_sent);
  }
  EXPECT_TRUE(std::is_sorted(starts.begin() + 3, starts.end()));
}

TEST(CurlPool, WaitingForAConnectionDoesNotUseUpTheTimeout) {
  HostileServer server({HostileServer::read_request(), HostileServer::wait(150ms),
                        HostileServer::send(ok_answer("x")), HostileServer::again()});
  CurlRig rig(curl_plan({server.port()}), 1);
  std::vector<Exchange*> submitted;
  for (int i = 0; i < 4; ++i) {
    Exchange& exchange = rig.make(get());
    exchange.timeout = 500ms;  // less than the 600 ms that the last one is in the engine
    submitted.push_back(&rig.submit(exchange));
  }
  ASSERT_TRUE(rig.run_all());
  for (const Exchange* exchange : submitted) {
    EXPECT_EQ(exchange->how, AttemptClass::kSuccess) << exchange->detail;
  }
  EXPECT_GT(submitted.back()->first_byte_sent - submitted.back()->taken_up, 400ms);
}

TEST(CurlPool, IdleConnectionOfAnotherTargetMakesRoom) {
  HostileServer first(polite());
  HostileServer second(polite());
  CurlRig rig(curl_plan({first.port(), second.port()}), 1);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(rig.run(get(), 0).how, AttemptClass::kSuccess);
    EXPECT_EQ(rig.run(get(), 1).how, AttemptClass::kSuccess);
    EXPECT_EQ(rig.engine().connections(), 1U);
  }
  EXPECT_TRUE(first.wait_until([&] { return first.open_connections() == 0; }));
}

TEST(CurlPool, FreshConnectionWhenOneIsAskedFor) {
  HostileServer server(polite());
  CurlRig rig(curl_plan({server.port()}));
  rig.run(get());
  Exchange& exchange = rig.make(get());
  exchange.connection = CopyConnection::kFresh;
  EXPECT_EQ(rig.run(exchange).how, AttemptClass::kSuccess);
  EXPECT_TRUE(exchange.copy_fired);
  EXPECT_EQ(server.connections(), 2U);
  rig.run(get());
  EXPECT_EQ(server.connections(), 2U);
}

TEST(CurlPool, ConnectionThatThePeerClosedWhileIdleIsReplaced) {
  HostileServer server([](unsigned connection) -> HostileServer::Script {
    if (connection > 0) {
      return polite();
    }
    return {HostileServer::read_request(), HostileServer::send(ok_answer("x")),
            HostileServer::close_fin()};
  });
  CurlRig rig(curl_plan({server.port()}));
  EXPECT_EQ(rig.run(get()).how, AttemptClass::kSuccess);
  ASSERT_TRUE(server.wait_until([&] { return server.open_connections() == 0; }));
  Exchange& exchange = rig.make(get());
  exchange.once = true;
  EXPECT_EQ(rig.run(exchange).how, AttemptClass::kSuccess) << exchange.detail;
  EXPECT_EQ(server.connections(), 2U);
  EXPECT_EQ(server.requests(), 2U);
}

TEST(CurlPool, HoldComesBeforeTheConnectionIsAskedFor) {
  HostileServer server(polite());
  CurlRig rig(curl_plan({server.port()}), 1);
  model::WireScript script;
  script.fault_count = 1;
  script.hold[static_cast<std::size_t>(model::WirePoint::kConnect)] = 20ms;
  script.hold[static_cast<std::size_t>(model::WirePoint::kSend)] = 30ms;
  Exchange& held = rig.make(get());
  held.script = &script;
  rig.submit(held);
  EXPECT_EQ(rig.engine().waiting(), 0U);
  EXPECT_EQ(rig.run(get()).how, AttemptClass::kSuccess);
  EXPECT_EQ(held.how, AttemptClass::kSuccess);
  EXPECT_TRUE(held.hold_fired);
  EXPECT_GE(held.first_byte_sent - held.taken_up, 50ms);
}

// The first request of each connection is answered; the second is executed (read whole) and then
// the connection is reset. libcurl repeats it, as if nothing had happened.
HostileServer::Script executes_and_resets() {
  return {HostileServer::read_request(), HostileServer::send(ok_answer("x")),
          HostileServer::read_request(), HostileServer::close_rst()};
}

TEST(CurlResend, IsCountedWhereItIsAllowed) {
  HostileServer server(executes_and_resets());
  CurlRig rig(curl_plan({server.port()}));
  ASSERT_EQ(rig.run(get("/first")).how, AttemptClass::kSuccess);
  Exchange& exchange = rig.make(get("/second"));
  EXPECT_EQ(rig.run(exchange).how, AttemptClass::kSuccess) << exchange.detail;
  // On the wire twice, and no silence about it.
  EXPECT_EQ(server.requests(), 3U);
  EXPECT_EQ(server.connections(), 2U);
  const EngineCounters counters = rig.engine().take_counters();
  EXPECT_EQ(counters.resends, 1U);
  EXPECT_EQ(counters.resends_prevented, 0U);
  EXPECT_EQ(exchange.bytes_sent,
            server.request_texts().at(1).size() + server.request_texts().at(2).size());
}

TEST(CurlResend, DoesNotHappenToWhatMustBeSentOnce) {
  HostileServer server(executes_and_resets());
  CurlRig rig(curl_plan({server.port()}));
  ASSERT_EQ(rig.run(post("first")).how, AttemptClass::kSuccess);
  Exchange& exchange = rig.make(post("second"));
  exchange.once = true;
  EXPECT_EQ(rig.run(exchange).how, AttemptClass::kReset);
  EXPECT_THAT(exchange.detail, testing::HasSubstr("would have sent it again"));
  EXPECT_GT(exchange.bytes_sent, 0U);
  EXPECT_EQ(server.requests(), 2U);
  const EngineCounters counters = rig.engine().take_counters();
  EXPECT_EQ(counters.resends, 0U);
  EXPECT_EQ(counters.resends_prevented, 1U);
}

TEST(CurlLifetime, EngineMayGoWithEverythingUnderWay) {
  HostileServer server({HostileServer::read_request(), HostileServer::stall()});
  CurlRig rig(curl_plan({server.port()}), 3);
  for (int i = 0; i < 6; ++i) {
    rig.submit(get());
  }
  ASSERT_TRUE(rig.run_until([&] { return server.requests() == 3; }));
  rig.destroy_engine();
  EXPECT_TRUE(server.wait_until([&] { return server.open_connections() == 0; }));
}

TEST(CurlLifetime, EngineMayGoWithIdleConnectionsAndRefusedOnes) {
  HostileServer server(polite());
  const squall::test::HostileServer other(polite());
  CurlRig rig(curl_plan({server.port(), other.port()}));
  rig.run(get(), 0);
  rig.run(get(), 1);
  rig.submit(get(), 0);
  rig.destroy_engine();
  EXPECT_TRUE(server.wait_until([&] { return server.open_connections() == 0; }));
}

TEST(CurlLifetime, AbandonedOnesComeBack) {
  HostileServer server({HostileServer::read_request(), HostileServer::stall()});
  CurlRig rig(curl_plan({server.port()}), 2);
  model::WireScript script;
  script.fault_count = 1;
  script.hold[static_cast<std::size_t>(model::WirePoint::kConnect)] = 10s;
  for (int i = 0; i < 4; ++i) {
    rig.submit(get());
  }
  Exchange& held = rig.make(get());
  held.script = &script;
  held.timeout = 60s;
  rig.submit(held);
  ASSERT_TRUE(rig.run_until([&] { return server.requests() == 2; }));
  rig.engine().abandon_all(monotonic_now());
  rig.collect();
  ASSERT_EQ(rig.completed().size(), 5U);
  EXPECT_EQ(std::count_if(rig.completed().begin(), rig.completed().end(),
                          [](const Exchange* e) { return e->how == AttemptClass::kTimeout; }),
            2);
  EXPECT_EQ(held.how, AttemptClass::kDropped);
  EXPECT_EQ(rig.engine().in_flight(), 0U);
  EXPECT_EQ(rig.engine().waiting(), 0U);
  EXPECT_EQ(rig.engine().next_deadline().value_or(TimePoint::max()) > monotonic_now(), true);
}

}  // namespace
}  // namespace squall::engine::test
