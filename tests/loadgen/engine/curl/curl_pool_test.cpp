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

}  // namespace
}  // namespace squall::engine::test
