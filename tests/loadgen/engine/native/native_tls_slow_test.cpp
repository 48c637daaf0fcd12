// Slow senders and readers over TLS: how many bytes of the plain text go at a time. The pauses are
// hours, and over when the test tells the engine so.
#include <gtest/gtest.h>

#include "tests/loadgen/engine/native/native_tls_rig.hpp"

namespace squall::engine::test {
namespace {

using model::AttemptClass;
using squall::test::HostileServer;
using squall::test::ok_answer;

class NativeTlsSlow : public NativeTls {
 protected:
  // As far as the engine knows: what it planned for an hour later is due. What it plans now counts
  // from the real time, which goes on meanwhile, so that is not.
  static void an_hour_later(Rig& rig) { rig.engine().on_time(monotonic_now() + 1h); }
};

TEST_F(NativeTlsSlow, SendsAPieceAtATime) {
  constexpr std::size_t kPiece = 7;
  HostileServer server(server_options(), polite());
  Rig rig(tls_plan(server.port()));
  const expr::Distribution every = expr::Distribution::constant(1h);
  model::WireScript script;
  script.trickle = model::WireTrickle{.bytes = kPiece, .every = &every};
  script.fault_count = 1;
  Exchange& exchange = rig.make(post("0123456789"));
  exchange.script = &script;
  exchange.timeout = 1000h;
  rig.submit(exchange);
  const std::size_t whole = exchange.request.size();
  for (std::size_t sent = kPiece; sent < whole; sent += kPiece) {
    ASSERT_TRUE(rig.run_until([&] { return server.bytes_received() == sent; })) << sent;
    EXPECT_EQ(server.received_from(0), exchange.request.substr(0, sent));
    EXPECT_EQ(exchange.end, TimePoint{});
    an_hour_later(rig);
  }
  ASSERT_TRUE(rig.run_all());
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess) << exchange.detail;
  EXPECT_TRUE(exchange.trickle_fired);
  EXPECT_EQ(exchange.bytes_sent, whole);
  EXPECT_EQ(server.request_texts().at(0), exchange.request);
  EXPECT_EQ(server.handshakes(), 1U);
}

TEST_F(NativeTlsSlow, SendsTheHeadAtOnceAndTheBodyInPieces) {
  HostileServer server(server_options(), polite());
  Rig rig(tls_plan(server.port()));
  const expr::Distribution every = expr::Distribution::constant(1h);
  model::WireScript script;
  script.trickle = model::WireTrickle{.bytes = 4, .body_only = true, .every = &every};
  script.fault_count = 1;
  Exchange& exchange = rig.make(post("0123456789"));
  exchange.script = &script;
  exchange.timeout = 1000h;
  rig.submit(exchange);
  for (const std::size_t body : {0U, 4U, 8U}) {
    ASSERT_TRUE(rig.run_until([&] {
      return server.bytes_received() == exchange.head_bytes + body;
    })) << body
        << " of " << server.bytes_received() - exchange.head_bytes;
    an_hour_later(rig);
  }
  ASSERT_TRUE(rig.run_all());
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess) << exchange.detail;
}

// A record holds the whole answer, and has come as a whole: it is read byte by byte all the same.
TEST_F(NativeTlsSlow, ReadsAByteAtATime) {
  const std::string answer = ok_answer("abc");
  HostileServer server(server_options(), {HostileServer::read_request(),
                                          HostileServer::send(answer), HostileServer::stall()});
  Rig rig(tls_plan(server.port()));
  model::WireScript script;
  script.slow_read = model::WireSlowRead{.bytes_per_s = 1.0 / 3600, .window = 4096};
  script.fault_count = 1;
  Exchange& exchange = rig.make(get());
  exchange.script = &script;
  exchange.timeout = 1000h;
  rig.submit(exchange);
  for (unsigned read = 1; read < answer.size(); ++read) {
    ASSERT_TRUE(rig.run_until([&] { return exchange.bytes_received == read; }))
        << read << " of " << exchange.bytes_received;
    EXPECT_EQ(exchange.end, TimePoint{});
    // Reads keep to a schedule: each is due an hour after the one before was.
    rig.engine().on_time(monotonic_now() + read * 1h);
  }
  ASSERT_TRUE(rig.run_all());
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess) << exchange.detail;
  EXPECT_EQ(exchange.body, "abc");
  EXPECT_TRUE(exchange.slow_read_fired);
  EXPECT_EQ(rig.engine().connections(), 0U) << "its window is small: it is not used again";
}

}  // namespace
}  // namespace squall::engine::test
