// Bodies that are made while they are sent.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/loadgen/engine/native/native_rig.hpp"
#include "tests/loadgen/engine/native/native_tls_rig.hpp"
#include "tests/loadgen/engine/streamed_case.hpp"
#include "tests/support/hostile_server.hpp"

namespace squall::engine::test {
namespace {

using model::AttemptClass;
using model::WireCut;
using model::WirePoint;
using model::WireScript;
using squall::test::DigestServer;
using squall::test::HostileServer;
using squall::test::ok_answer;

TEST(NativeStream, TwoHundredMegabytesNeedNoMemory) {
  DigestServer server;
  Rig rig(plan_for({server.port()}));
  const StreamedRequest request(150'000'001, 50'000'000);
  const Exchange& exchange = send_without_memory(rig, server, request);
  EXPECT_EQ(exchange.bytes_sent, exchange.request_bytes());
  EXPECT_GE(exchange.request_sent, exchange.first_byte_sent);
}

TEST(NativeStream, OthersHaveTheirTurnAndTheConnectionIsUsedAgain) {
  DigestServer uploads;
  Rig rig(plan_for({uploads.port()}));
  const StreamedRequest request(64 * kMiB, 1);
  Exchange& first = rig.make(get());
  request.put_into(first);
  rig.submit(first);
  std::uint64_t seen = 0;
  std::uint64_t most = 0;
  ASSERT_TRUE(rig.run_until(
      [&] {
        most = std::max(most, first.bytes_sent - seen);
        seen = first.bytes_sent;
        return rig.engine().in_flight() == 0;
      },
      2min));
  EXPECT_EQ(first.how, AttemptClass::kSuccess) << first.detail;
  EXPECT_LE(most, kMiB) << "in one turn of the loop";
  Exchange& second = rig.make(get());
  request.put_into(second);
  rig.submit(second);
  ASSERT_TRUE(rig.run_all(2min));
  EXPECT_EQ(second.connection_id, first.connection_id);
  ASSERT_EQ(uploads.uploads().size(), 2U);
  EXPECT_EQ(uploads.uploads()[0].sha256, uploads.uploads()[1].sha256);
}

TEST(NativeStream, ACutComesAtItsByte) {
  const StreamedRequest request(kMiB, kMiB);
  for (const std::uint64_t at : {std::uint64_t{1}, kMiB / 2, kMiB + 40, 2 * kMiB}) {
    HostileServer server({HostileServer::stall()});
    Rig rig(plan_for({server.port()}));
    WireScript script;
    script.cut = WireCut{.at = WirePoint::kBody, .how = model::CutHow::kFin, .body_bytes = at};
    script.fault_count = 1;
    Exchange& exchange = rig.make(get());
    request.put_into(exchange);
    exchange.script = &script;
    exchange.cut_applies = true;
    rig.submit(exchange);
    ASSERT_TRUE(rig.run_all(1min));
    EXPECT_TRUE(exchange.cut_fired);
    EXPECT_EQ(exchange.bytes_sent, request.head_bytes() + at);
    ASSERT_TRUE(server.wait_until(
        [&] { return server.connections() == 1 && server.open_connections() == 0; }));
    EXPECT_TRUE(server.received_from(0) == request.begin(request.head_bytes() + at)) << at;
  }
}

TEST(NativeStream, ATrickleHasItsPieces) {
  HostileServer server({HostileServer::read_request(), HostileServer::send(ok_answer("x"))});
  Rig rig(plan_for({server.port()}));
  const expr::Distribution every = expr::Distribution::constant(5ms);
  WireScript script;
  script.trickle =
      model::WireTrickle{.bytes = 200'000, .body_only = true, .every = &every, .chance = 1};
  script.fault_count = 1;
  const StreamedRequest request(kMiB, kMiB);
  Exchange& exchange = rig.make(get());
  request.put_into(exchange);
  exchange.script = &script;
  const TimePoint start = monotonic_now();
  rig.submit(exchange);
  ASSERT_TRUE(rig.run_all(1min));
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess) << exchange.detail;
  EXPECT_TRUE(exchange.trickle_fired);
  // 2 MiB in pieces of 200,000 bytes are eleven, with a pause before each.
  EXPECT_GE(monotonic_now() - start, 11 * 5ms);
  EXPECT_TRUE(server.request_texts().at(0) == request.begin(exchange.request_bytes()));
}

class NativeStreamOverTls : public NativeTls {};

TEST_F(NativeStreamOverTls, TheSameBytesArrive) {
  HostileServer server({.identity = identity_},
                       {HostileServer::read_request(), HostileServer::send(ok_answer("x"))});
  Rig rig(tls_plan(server.port()));
  const StreamedRequest request(3 * kMiB + 5, 7);
  Exchange& exchange = rig.make(get());
  request.put_into(exchange);
  rig.submit(exchange);
  ASSERT_TRUE(rig.run_all(1min));
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess) << exchange.detail;
  EXPECT_EQ(exchange.bytes_sent, exchange.request_bytes());
  EXPECT_TRUE(server.request_texts().at(0) == request.begin(exchange.request_bytes()));
}

}  // namespace
}  // namespace squall::engine::test
