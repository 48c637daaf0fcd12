// What goes over a TLS stream, and how it ends.
#include "tests/loadgen/net/tls_peer.hpp"

#include <gmock/gmock.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "tests/support/loopback_port.hpp"

namespace squall::net::test {
namespace {

using testing::HasSubstr;
using Probe = Stream::Probe;

TEST_F(TlsStreamTest, SendsAndReceives) {
  HostileServer server(server_options(), {HostileServer::read_bytes(4), HostileServer::send("pong"),
                                          HostileServer::close_fin()});
  TlsPeer peer(loop_);
  ASSERT_TRUE(connect(peer, server.port())) << peer.problem;
  EXPECT_EQ(peer.stream->write("ping").taken, 4U);
  EXPECT_EQ(peer.stream->queued_bytes(), 0U);
  ASSERT_TRUE(run_until(loop_, [&] { return peer.ended; }));
  EXPECT_EQ(peer.received, "pong");
  EXPECT_TRUE(peer.in_order);
  EXPECT_EQ(peer.sent, 0);
  EXPECT_EQ(server.received_from(0), "ping");
  const TlsCounters counters = client_->take_counters();
  EXPECT_EQ(counters.handshakes, 1U);
  EXPECT_EQ(counters.resumed, 0U);
  ASSERT_EQ(counters.suites.size(), 1U);
  EXPECT_EQ(counters.suites[0].version, "TLSv1.3");
  EXPECT_THAT(std::string(counters.suites[0].cipher), HasSubstr("TLS_"));
}

TEST_F(TlsStreamTest, PlainAndTlsTakeTurnsOnOneStream) {
  HostileServer open(
      {HostileServer::read_bytes(1), HostileServer::send("p"), HostileServer::stall()});
  HostileServer closed(server_options(), {HostileServer::read_bytes(1), HostileServer::send("t"),
                                          HostileServer::stall()});
  TlsPeer peer(loop_);
  for (int i = 0; i < 3; ++i) {
    peer.connected = false;
    ASSERT_EQ(peer.stream->connect(loopback(open.port())), 0);
    ASSERT_TRUE(run_until(loop_, [&] { return peer.connected; }));
    peer.stream->write("x");
    ASSERT_TRUE(run_until(loop_, [&] { return peer.received.ends_with('p'); }));
    peer.stream->close_fin();
    ASSERT_TRUE(connect(peer, closed.port())) << peer.problem;
    peer.stream->write("x");
    ASSERT_TRUE(run_until(loop_, [&] { return peer.received.ends_with('t'); }));
    peer.stream->close_reset();
  }
  EXPECT_EQ(peer.received, "ptptpt");
}

TEST_F(TlsStreamTest, MuchMoreThanTheKernelTakesArrivesAndIsCountedByRecord) {
  const std::string large(8UL * 1024 * 1024, 'x');
  HostileServer server(server_options(), {HostileServer::wait(std::chrono::milliseconds(50)),
                                          HostileServer::read_bytes(large.size()),
                                          HostileServer::send("ok"), HostileServer::stall()});
  TlsPeer peer(loop_);
  ASSERT_TRUE(connect(peer, server.port())) << peer.problem;
  const auto written = peer.stream->write(large);
  EXPECT_EQ(written.error, 0);
  EXPECT_LT(written.taken, large.size());
  EXPECT_EQ(written.taken % (16UL * 1024), 0U);  // whole records
  // Queueing tries again at once.
  EXPECT_LE(peer.stream->queued_bytes(), large.size() - written.taken);
  EXPECT_EQ((large.size() - peer.stream->queued_bytes()) % (16UL * 1024), 0U);
  std::size_t last = peer.stream->queued_bytes();
  bool shrinks_only = true;
  ASSERT_TRUE(run_until(loop_, [&] {
    shrinks_only = shrinks_only && peer.stream->queued_bytes() <= last;
    last = peer.stream->queued_bytes();
    return peer.sent == 1;
  }));
  EXPECT_TRUE(shrinks_only);
  EXPECT_EQ(peer.stream->queued_bytes(), 0U);
  ASSERT_TRUE(run_until(loop_, [&] { return peer.received == "ok"; }));
  EXPECT_EQ(server.bytes_received(), large.size());
}

TEST_F(TlsStreamTest, BytesOfOneSegmentComeTogether) {
  std::string many;
  for (int i = 0; i < 100; ++i) {
    many += std::to_string(i) + ";";
  }
  // Forty records at once, while the stream does not read.
  HostileServer::Script script{HostileServer::read_bytes(1)};
  for (int i = 0; i < 40; ++i) {
    script.push_back(HostileServer::send(many));
  }
  script.push_back(HostileServer::stall());
  HostileServer server(server_options(), script);
  TlsPeer peer(loop_);
  ASSERT_TRUE(connect(peer, server.port())) << peer.problem;
  peer.stream->pause_reading();
  peer.stream->write("x");
  ASSERT_TRUE(run_until(loop_, [&] { return peer.stream->unread_bytes() > 40 * many.size(); }));
  EXPECT_TRUE(peer.received.empty());
  peer.stream->resume_reading();
  ASSERT_TRUE(run_until(loop_, [&] { return peer.received.size() == 40 * many.size(); }));
  EXPECT_LE(peer.reads, 2);  // the kernel may have had them in two parts
}

TEST_F(TlsStreamTest, FinSaysThatNothingFollowsAndRstDoesNot) {
  HostileServer server(server_options(), {HostileServer::stall()});
  TlsPeer peer(loop_);
  ASSERT_TRUE(connect(peer, server.port())) << peer.problem;
  peer.stream->write("last words");
  peer.stream->close_fin();
  ASSERT_TRUE(server.wait_until([&] { return server.client_fins() == 1; }));
  EXPECT_EQ(server.close_notifies(), 1U);
  EXPECT_EQ(server.received_from(0), "last words");
  ASSERT_TRUE(connect(peer, server.port())) << peer.problem;
  peer.stream->write("cut");
  ASSERT_TRUE(server.wait_until([&] { return server.received_from(1) == "cut"; }));
  peer.stream->close_reset();
  ASSERT_TRUE(server.wait_until([&] { return server.client_resets() == 1; }));
  EXPECT_EQ(server.close_notifies(), 1U);
}

TEST_F(TlsStreamTest, HalfCloseLetsTheAnswerCome) {
  HostileServer server(server_options(), {HostileServer::read_bytes(3),
                                          HostileServer::wait(std::chrono::milliseconds(20)),
                                          HostileServer::send("late"), HostileServer::close_fin()});
  TlsPeer peer(loop_);
  ASSERT_TRUE(connect(peer, server.port())) << peer.problem;
  peer.stream->write("req");
  EXPECT_EQ(peer.stream->shutdown_write(), 0);
  ASSERT_TRUE(run_until(loop_, [&] { return peer.ended || !peer.failures.empty(); }));
  EXPECT_EQ(peer.received, "late");
  EXPECT_TRUE(peer.in_order);
}

TEST_F(TlsStreamTest, AnEndWithoutCloseNotifyIsNotInOrder) {
  HostileServer server(server_options(), {HostileServer::read_bytes(1), HostileServer::send("half"),
                                          HostileServer::close_bare()});
  TlsPeer peer(loop_);
  ASSERT_TRUE(connect(peer, server.port())) << peer.problem;
  peer.stream->write("x");
  ASSERT_TRUE(run_until(loop_, [&] { return peer.ended; }));
  EXPECT_EQ(peer.received, "half");
  EXPECT_FALSE(peer.in_order);
}

TEST_F(TlsStreamTest, GarbageWithinTheConnectionIsAFailureOfReading) {
  HostileServer server(server_options(),
                       {HostileServer::read_bytes(1), HostileServer::send("good"),
                        HostileServer::send_raw(std::string(400, '!')), HostileServer::stall()});
  TlsPeer peer(loop_);
  ASSERT_TRUE(connect(peer, server.port())) << peer.problem;
  peer.stream->write("x");
  ASSERT_TRUE(run_until(loop_, [&] { return !peer.failures.empty(); }));
  EXPECT_EQ(peer.received, "good");
  EXPECT_EQ(peer.failures.front(), std::make_pair(TcpEvents::Side::kRead, EPROTO));
  EXPECT_FALSE(peer.problem.empty());
}

TEST_F(TlsStreamTest, ResetIsToldAsOne) {
  HostileServer server(server_options(),
                       {HostileServer::read_bytes(1), HostileServer::close_rst()});
  TlsPeer peer(loop_);
  ASSERT_TRUE(connect(peer, server.port())) << peer.problem;
  peer.stream->write("x");
  ASSERT_TRUE(run_until(loop_, [&] { return !peer.failures.empty(); }));
  EXPECT_EQ(peer.failures.front(), std::make_pair(TcpEvents::Side::kRead, ECONNRESET));
  EXPECT_TRUE(peer.problem.empty());
}

TEST_F(TlsStreamTest, SessionTicketsAreNoDataToAnIdleConnection) {
  HostileServer server(server_options(), {HostileServer::read_bytes(1), HostileServer::send("late"),
                                          HostileServer::stall()});
  TlsPeer peer(loop_);
  peer.at_connected = [&] { peer.stream->pause_reading(); };
  ASSERT_TRUE(connect(peer, server.port())) << peer.problem;
  // The tickets come behind the handshake; nobody reads them but the look itself.
  ASSERT_TRUE(run_until(loop_, [&] { return peer.stream->unread_bytes() > 0; }));
  EXPECT_EQ(peer.stream->readable_now(), Probe::kNothing);
  // Data is data all the same, and is not lost by looking at it.
  peer.stream->write("x");
  ASSERT_TRUE(run_until(loop_, [&] { return peer.stream->readable_now() == Probe::kData; }));
  EXPECT_EQ(peer.stream->unread_bytes(), 4U);
  peer.stream->resume_reading();
  ASSERT_TRUE(run_until(loop_, [&] { return peer.received == "late"; }));
}

TEST_F(TlsStreamTest, AnIdleConnectionSeesTheEnd) {
  for (const bool bare : {false, true}) {
    HostileServer server(server_options(),
                         {HostileServer::read_bytes(1),
                          bare ? HostileServer::close_bare() : HostileServer::close_fin()});
    TlsPeer peer(loop_);
    peer.at_connected = [&] { peer.stream->pause_reading(); };
    ASSERT_TRUE(connect(peer, server.port())) << peer.problem;
    peer.stream->write("x");
    ASSERT_TRUE(server.wait_until([&] { return server.open_connections() == 0; }));
    ASSERT_TRUE(run_until(loop_, [&] { return peer.stream->readable_now() != Probe::kNothing; }));
    EXPECT_EQ(peer.stream->readable_now(), Probe::kEnd);
    EXPECT_FALSE(peer.ended);
  }
}

TEST_F(TlsStreamTest, DestroyedInEachOfItsCallbacks) {
  HostileServer server(
      server_options(),
      {HostileServer::send("hello"), HostileServer::read_bytes(1), HostileServer::close_fin()});
  for (int at = 0; at < 3; ++at) {
    TlsPeer peer(loop_);
    bool destroyed = false;
    const auto destroy = [&] {
      peer.stream.reset();
      destroyed = true;
    };
    peer.at_connected = at == 0 ? std::function<void()>(destroy) : [&] { peer.stream->write("x"); };
    peer.at_data = at == 1 ? std::function<void()>(destroy) : std::function<void()>();
    peer.at_end = at == 2 ? std::function<void()>(destroy) : std::function<void()>();
    ASSERT_EQ(peer.stream->connect(loopback(server.port()), client_.get()), 0);
    ASSERT_TRUE(run_until(loop_, [&] { return destroyed; })) << at;
  }
  TlsPeer peer(loop_);
  const squall::test::RefusedPort refused;
  bool destroyed = false;
  peer.at_failure = [&] {
    peer.stream.reset();
    destroyed = true;
  };
  ASSERT_EQ(peer.stream->connect(loopback(refused.port()), client_.get()), 0);
  ASSERT_TRUE(run_until(loop_, [&] { return destroyed; }));
}

bool peer_has_finished(const Stream& stream) {
  tcp_info info{};
  socklen_t size = sizeof info;
  return ::getsockopt(stream.fd(), IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
         info.tcpi_state == TCP_CLOSE_WAIT;
}

// Data and the end behind it come in one read; whoever pauses at the data is told of the end when
// reading goes on, and of the same one.
TEST_F(TlsStreamTest, AnEndBehindThePauseIsStillTheSameEnd) {
  for (const bool bare : {false, true}) {
    HostileServer server(server_options(),
                         {HostileServer::read_bytes(1), HostileServer::send("last"),
                          bare ? HostileServer::close_bare() : HostileServer::close_fin()});
    TlsPeer peer(loop_);
    ASSERT_TRUE(connect(peer, server.port())) << peer.problem;
    peer.stream->pause_reading();
    peer.at_data = [&] { peer.stream->pause_reading(); };
    peer.stream->write("x");
    ASSERT_TRUE(run_until(loop_, [&] { return peer_has_finished(*peer.stream); }));
    peer.stream->resume_reading();
    ASSERT_TRUE(run_until(loop_, [&] { return !peer.received.empty(); }));
    loop_.turn();
    EXPECT_FALSE(peer.ended);
    peer.stream->resume_reading();
    ASSERT_TRUE(run_until(loop_, [&] { return peer.ended; }));
    EXPECT_EQ(peer.received, "last");
    EXPECT_EQ(peer.in_order, !bare);
  }
}

TEST_F(TlsStreamTest, AFailureBehindThePauseIsStillTold) {
  HostileServer server(server_options(),
                       {HostileServer::read_bytes(1), HostileServer::send("good"),
                        HostileServer::send_raw(std::string(400, '!')), HostileServer::stall()});
  TlsPeer peer(loop_);
  ASSERT_TRUE(connect(peer, server.port())) << peer.problem;
  peer.stream->pause_reading();
  peer.at_data = [&] { peer.stream->pause_reading(); };
  peer.stream->write("x");
  ASSERT_TRUE(run_until(loop_, [&] { return peer.stream->unread_bytes() > 400; }));
  peer.stream->resume_reading();
  ASSERT_TRUE(run_until(loop_, [&] { return !peer.received.empty(); }));
  loop_.turn();
  EXPECT_TRUE(peer.failures.empty());
  peer.stream->resume_reading();
  ASSERT_TRUE(run_until(loop_, [&] { return !peer.failures.empty(); }));
  EXPECT_EQ(peer.failures.front(), std::make_pair(TcpEvents::Side::kRead, EPROTO));
}

TEST_F(TlsStreamTest, PausedFromTheStartGetsEverythingLater) {
  HostileServer server(server_options(),
                       {HostileServer::send("spoken first"), HostileServer::close_fin()});
  TlsPeer peer(loop_);
  peer.at_connected = [&] { peer.stream->pause_reading(); };
  ASSERT_TRUE(connect(peer, server.port())) << peer.problem;
  ASSERT_TRUE(server.wait_until([&] { return server.open_connections() == 0; }));
  loop_.turn();
  EXPECT_TRUE(peer.received.empty());
  peer.stream->resume_reading();
  ASSERT_TRUE(run_until(loop_, [&] { return peer.ended; }));
  EXPECT_EQ(peer.received, "spoken first");
}

}  // namespace
}  // namespace squall::net::test
