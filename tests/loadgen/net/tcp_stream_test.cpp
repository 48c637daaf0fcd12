#include "loadgen/net/tcp_stream.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loadgen/net/loop.hpp"
#include "loadgen/net/socket_address.hpp"
#include "loadgen/net/tcp_listener.hpp"
#include "tests/support/hostile_server.hpp"
#include "tests/support/loopback_port.hpp"
#include "tests/support/run_loop.hpp"

namespace squall::net {
namespace {

using test::HostileServer;
using test::run_until;
using Probe = TcpStream::Probe;

SocketAddress loopback(std::uint16_t port) {
  return *SocketAddress::parse("127.0.0.1", port);
}

// Writes down what happens, and lets a test act at each event.
class Peer : public TcpEvents {
 public:
  explicit Peer(Loop& loop) : stream(std::make_unique<TcpStream>(loop, *this)) {}
  virtual ~Peer() = default;

  void on_connected() override {
    connected = true;
    act(at_connected);
  }
  void on_data(std::string_view bytes) override {
    received.append(bytes);
    act(at_data);
  }
  void on_end() override {
    ended = true;
    act(at_end);
  }
  void on_failure(Side side, int error) override {
    failures.emplace_back(side, error);
    act(at_failure);
  }
  void on_sent() override {
    ++sent;
    act(at_sent);
  }

  std::unique_ptr<TcpStream> stream;
  bool connected = false;
  bool ended = false;
  int sent = 0;
  std::string received;
  std::vector<std::pair<Side, int>> failures;
  std::function<void()> at_connected, at_data, at_end, at_failure, at_sent;

 private:
  static void act(const std::function<void()>& what) {
    if (what) {
      what();
    }
  }
};

TEST(TcpStream, sends_and_receives) {
  Loop loop;
  HostileServer server(
      {HostileServer::read_bytes(4), HostileServer::send("pong"), HostileServer::close_fin()});
  Peer peer(loop);
  EXPECT_FALSE(peer.stream->is_open());
  ASSERT_EQ(peer.stream->connect(loopback(server.port())), 0);
  EXPECT_TRUE(peer.stream->is_open());
  EXPECT_FALSE(peer.stream->is_connected());
  ASSERT_TRUE(run_until(loop, [&] { return peer.connected; }));
  EXPECT_EQ(peer.stream->write("ping").taken, 4U);
  ASSERT_TRUE(run_until(loop, [&] { return peer.ended; }));
  EXPECT_EQ(peer.received, "pong");
  EXPECT_EQ(peer.sent, 0);  // taken at once
  EXPECT_TRUE(peer.failures.empty());
}

TEST(TcpStream, refused) {
  Loop loop;
  const test::RefusedPort refused;
  Peer peer(loop);
  ASSERT_EQ(peer.stream->connect(loopback(refused.port())), 0);
  ASSERT_TRUE(run_until(loop, [&] { return !peer.failures.empty(); }));
  EXPECT_EQ(peer.failures.front(), std::make_pair(TcpEvents::Side::kConnect, ECONNREFUSED));
  EXPECT_FALSE(peer.connected);
  EXPECT_TRUE(peer.stream->is_open());
  peer.stream->close_reset();
  EXPECT_FALSE(peer.stream->is_open());
}

TEST(TcpStream, one_stream_many_connections) {
  Loop loop;
  HostileServer server({HostileServer::stall()});
  Peer peer(loop);
  for (unsigned i = 0; i < 20; ++i) {
    peer.connected = false;
    ASSERT_EQ(peer.stream->connect(loopback(server.port())), 0);
    ASSERT_TRUE(run_until(loop, [&] { return peer.connected; }));
    if (i % 2 == 0) {
      peer.stream->close_fin();
    } else {
      peer.stream->close_reset();
    }
  }
  ASSERT_TRUE(
      server.wait_until([&] { return server.client_fins() + server.client_resets() == 20; }));
  EXPECT_EQ(server.client_fins(), 10U);
  EXPECT_EQ(server.client_resets(), 10U);
}

TEST(TcpStream, fin_in_spite_of_unread_bytes) {
  Loop loop;
  HostileServer server({HostileServer::send("unread"), HostileServer::stall()});
  Peer peer(loop);
  peer.stream->pause_reading();
  ASSERT_EQ(peer.stream->connect(loopback(server.port())), 0);
  ASSERT_TRUE(run_until(
      loop, [&] { return peer.connected && peer.stream->readable_now() == Probe::kData; }));
  EXPECT_TRUE(peer.received.empty());
  peer.stream->close_fin();
  ASSERT_TRUE(server.wait_until([&] { return server.open_connections() == 0; }));
  EXPECT_EQ(server.client_fins(), 1U);
}

TEST(TcpStream, bytes_before_a_fin_arrive) {
  Loop loop;
  HostileServer server({HostileServer::stall()});
  Peer peer(loop);
  ASSERT_EQ(peer.stream->connect(loopback(server.port())), 0);
  ASSERT_TRUE(run_until(loop, [&] { return peer.connected; }));
  peer.stream->write("last words");
  peer.stream->close_fin();
  ASSERT_TRUE(server.wait_until([&] { return server.client_fins() == 1; }));
  EXPECT_EQ(server.received_from(0), "last words");
}

// Both ends of one connection on one loop, so that a test says when the other side reads.
class Pair {
 public:
  explicit Pair(Loop& loop)
      : client(loop),
        server(loop),
        listener_(loop, [this] { EXPECT_EQ(listener_.accept(*server.stream), 0); }) {
    const auto port = listener_.listen(loopback(0));
    EXPECT_EQ(client.stream->connect(loopback(*port)), 0);
    EXPECT_TRUE(
        run_until(loop, [this] { return client.connected && server.stream->is_connected(); }));
  }
  Peer client;
  Peer server;

 private:
  TcpListener listener_;
};

void expect_all_of_it_queued_and_sent(TcpStream::Lifetime lifetime) {
  constexpr std::size_t kBytes = 32UL * 1024 * 1024;  // more than the kernel keeps for both ends
  Loop loop;
  Pair pair(loop);
  TcpStream& stream = *pair.client.stream;
  pair.server.stream->pause_reading();
  std::string bytes(kBytes, '.');
  for (std::size_t i = 0; i < kBytes; ++i) {
    bytes[i] = static_cast<char>('a' + i % 23);
  }
  const std::string expected = bytes + "end";

  const TcpStream::Written written = stream.write(bytes, lifetime);
  EXPECT_EQ(written.error, 0);
  EXPECT_LT(written.taken, kBytes);
  EXPECT_GT(stream.queued_bytes(), 0U);
  EXPECT_LE(stream.queued_bytes(), kBytes - written.taken);
  EXPECT_GT(stream.unsent_bytes(), stream.queued_bytes());
  if (lifetime == TcpStream::Lifetime::kCopied) {
    bytes.assign(bytes.size(), '!');
  }
  EXPECT_EQ(stream.write("end").taken, 0U);

  pair.server.stream->resume_reading();
  ASSERT_TRUE(run_until(loop, [&] { return pair.client.sent > 0; }));
  EXPECT_EQ(stream.queued_bytes(), 0U);
  ASSERT_TRUE(run_until(loop, [&] { return pair.server.received.size() == expected.size(); }));
  EXPECT_TRUE(pair.server.received == expected);
  EXPECT_EQ(pair.client.sent, 1);  // once, when all of it was taken
  EXPECT_TRUE(run_until(loop, [&] { return stream.unsent_bytes() == 0; }));
}

TEST(TcpStream, queues_a_copy_of_what_the_kernel_does_not_take) {
  expect_all_of_it_queued_and_sent(TcpStream::Lifetime::kCopied);
}

TEST(TcpStream, queues_borrowed_bytes_that_the_kernel_does_not_take) {
  expect_all_of_it_queued_and_sent(TcpStream::Lifetime::kBorrowed);
}

TEST(TcpStream, closed_with_writes_queued) {
  for (const bool reset : {false, true}) {
    Loop loop;
    Pair pair(loop);
    pair.server.stream->pause_reading();
    const std::string bytes(32UL * 1024 * 1024, 'x');
    pair.client.stream->write(bytes, TcpStream::Lifetime::kBorrowed);
    pair.client.stream->write(bytes);
    EXPECT_GT(pair.client.stream->queued_bytes(), bytes.size());
    if (reset) {
      pair.client.stream->close_reset();
    } else {
      pair.client.stream.reset();
    }
    pair.server.stream->resume_reading();
    ASSERT_TRUE(
        run_until(loop, [&] { return pair.server.ended || !pair.server.failures.empty(); }));
    EXPECT_EQ(pair.server.ended, !reset);
    EXPECT_LT(pair.server.received.size(), 2 * bytes.size());
    EXPECT_EQ(pair.client.sent, 0);
    EXPECT_TRUE(pair.client.failures.empty());
  }
}

// libuv calls it an end when the reset is seen in the turn that reads the last bytes.
TEST(TcpStream, reset_right_behind_bytes_is_no_end) {
  for (int i = 0; i < 50; ++i) {
    Loop loop;
    Pair pair(loop);
    pair.server.stream->pause_reading();
    pair.client.stream->write("bytes");
    pair.client.stream->close_reset();
    pair.server.stream->resume_reading();
    ASSERT_TRUE(
        run_until(loop, [&] { return pair.server.ended || !pair.server.failures.empty(); }));
    EXPECT_EQ(pair.server.received, "bytes");
    EXPECT_FALSE(pair.server.ended);
    ASSERT_EQ(pair.server.failures.size(), 1U);
    EXPECT_EQ(pair.server.failures[0], std::make_pair(TcpEvents::Side::kRead, ECONNRESET));
  }
}

TEST(TcpStream, half_close_keeps_reading) {
  Loop loop;
  HostileServer server({HostileServer::read_bytes(5),
                        HostileServer::wait(std::chrono::milliseconds(5)),
                        HostileServer::send("still here"), HostileServer::close_fin()});
  Peer peer(loop);
  ASSERT_EQ(peer.stream->connect(loopback(server.port())), 0);
  ASSERT_TRUE(run_until(loop, [&] { return peer.connected; }));
  peer.stream->write("hello");
  EXPECT_EQ(peer.stream->shutdown_write(), 0);
  ASSERT_TRUE(run_until(loop, [&] { return peer.ended; }));
  EXPECT_EQ(peer.received, "still here");
  EXPECT_EQ(server.client_fins(), 1U);
}

TEST(TcpStream, pause_holds_bytes_and_end_back) {
  Loop loop;
  HostileServer server({HostileServer::send("data"), HostileServer::close_fin()});
  Peer peer(loop);
  ASSERT_EQ(peer.stream->connect(loopback(server.port())), 0);
  peer.at_connected = [&] { peer.stream->pause_reading(); };
  ASSERT_TRUE(run_until(loop, [&] { return server.open_connections() == 0 && peer.connected; }));
  for (int i = 0; i < 10; ++i) {
    loop.turn();
  }
  EXPECT_TRUE(peer.received.empty());
  EXPECT_FALSE(peer.ended);
  peer.stream->resume_reading();
  peer.stream->resume_reading();
  ASSERT_TRUE(run_until(loop, [&] { return peer.ended; }));
  EXPECT_EQ(peer.received, "data");
}

TEST(TcpStream, probe_tells_what_a_read_would_find) {
  Loop loop;
  HostileServer server([](unsigned connection) -> HostileServer::Script {
    switch (connection) {
      case 0:
        return {HostileServer::stall()};
      case 1:
        return {HostileServer::send("x"), HostileServer::stall()};
      case 2:
        return {HostileServer::close_fin()};
      default:
        return {HostileServer::read_bytes(1), HostileServer::close_rst()};
    }
  });
  const std::vector<Probe> expected = {Probe::kNothing, Probe::kData, Probe::kEnd, Probe::kError};
  for (const Probe each : expected) {
    Peer peer(loop);
    peer.stream->pause_reading();
    EXPECT_EQ(peer.stream->readable_now(), Probe::kError);  // closed
    ASSERT_EQ(peer.stream->connect(loopback(server.port())), 0);
    ASSERT_TRUE(run_until(loop, [&] { return peer.connected; }));
    if (each == Probe::kError) {
      peer.stream->write("x");
    }
    EXPECT_TRUE(run_until(loop, [&] { return peer.stream->readable_now() == each; }));
  }
}

TEST(TcpStream, reset_by_the_peer_is_a_failure_of_reading) {
  Loop loop;
  HostileServer server({HostileServer::read_bytes(1), HostileServer::close_rst()});
  Peer peer(loop);
  ASSERT_EQ(peer.stream->connect(loopback(server.port())), 0);
  ASSERT_TRUE(run_until(loop, [&] { return peer.connected; }));
  peer.stream->write("x");
  ASSERT_TRUE(run_until(loop, [&] { return !peer.failures.empty(); }));
  EXPECT_EQ(peer.failures.front(), std::make_pair(TcpEvents::Side::kRead, ECONNRESET));
  EXPECT_FALSE(peer.ended);
  // Writing to it is an error and no signal.
  EXPECT_NE(peer.stream->write("y").error, 0);
}

TEST(TcpStream, answer_can_be_read_after_writing_failed) {
  Loop loop;
  // Answers early and resets while a large request is still being written.
  HostileServer server({HostileServer::read_bytes(1), HostileServer::send("too large"),
                        HostileServer::wait(std::chrono::milliseconds(20)),
                        HostileServer::close_rst()});
  Peer peer(loop);
  ASSERT_EQ(peer.stream->connect(loopback(server.port())), 0);
  ASSERT_TRUE(run_until(loop, [&] { return peer.connected; }));
  peer.stream->write(std::string(32UL * 1024 * 1024, 'x'));
  ASSERT_TRUE(run_until(loop, [&] { return !peer.failures.empty(); }));
  EXPECT_EQ(peer.received, "too large");
}

TEST(TcpStream, unsent_bytes_fall_to_zero_when_the_peers_kernel_has_them) {
  Loop loop;
  HostileServer server({HostileServer::wait(std::chrono::seconds(60))});
  Peer peer(loop);
  EXPECT_EQ(peer.stream->unsent_bytes(), 0U);
  ASSERT_EQ(peer.stream->connect(loopback(server.port())), 0);
  ASSERT_TRUE(run_until(loop, [&] { return peer.connected; }));
  peer.stream->write("delivered though never read by the process");
  EXPECT_TRUE(run_until(loop, [&] { return peer.stream->unsent_bytes() == 0; }));
}

TEST(TcpStream, cannot_start_to_connect) {
  Loop loop;
  Peer peer(loop);
  // Broadcast needs an option that a stream does not set.
  const int error = peer.stream->connect(*SocketAddress::parse("255.255.255.255", 1));
  EXPECT_NE(error, 0);
  EXPECT_FALSE(peer.stream->is_open());
  EXPECT_TRUE(peer.failures.empty());
}

// Destroying or closing in any callback must touch nothing that is gone; the sanitizer is the
// judge.
TEST(TcpStream, destroyed_in_every_callback) {
  HostileServer server([](unsigned connection) -> HostileServer::Script {
    if (connection % 2 == 0) {
      return {HostileServer::send("hello"), HostileServer::read_bytes(1'000'000),
              HostileServer::close_fin()};
    }
    return {HostileServer::send("hello"), HostileServer::read_bytes(1), HostileServer::close_rst()};
  });
  const test::RefusedPort refused;
  using Member = std::function<void()> Peer::*;
  for (const Member member :
       {&Peer::at_connected, &Peer::at_data, &Peer::at_end, &Peer::at_failure, &Peer::at_sent}) {
    for (const std::uint16_t port : {server.port(), server.port(), refused.port()}) {
      Loop loop;
      auto peer = std::make_unique<Peer>(loop);
      bool gone = false;
      (*peer).*member = [&] {
        // Keeps the callable alive while it runs, as a user's object on the heap would.
        const auto self = std::move((*peer).*member);
        peer.reset();
        gone = true;
      };
      if (member != &Peer::at_connected) {
        peer->at_connected = [&] { peer->stream->write(std::string(8UL * 1024 * 1024, 'x')); };
      }
      ASSERT_EQ(peer->stream->connect(loopback(port)), 0);
      // Each combination ends in the callback or in another event that ends the connection.
      ASSERT_TRUE(run_until(loop, [&] { return gone || peer->ended || !peer->failures.empty(); }));
    }
  }
}

TEST(TcpStream, destroyed_while_connecting) {
  Loop loop;
  HostileServer server({HostileServer::stall()});
  for (int i = 0; i < 20; ++i) {
    Peer peer(loop);
    ASSERT_EQ(peer.stream->connect(loopback(server.port())), 0);
    if (i % 2 == 0) {
      peer.stream->close_reset();
    }
  }
}

TEST(TcpStream, loop_ends_right_after_its_streams) {
  HostileServer server({HostileServer::stall()});
  Loop loop;
  Peer peer(loop);
  ASSERT_EQ(peer.stream->connect(loopback(server.port())), 0);
  ASSERT_TRUE(run_until(loop, [&] { return peer.connected; }));
  peer.stream->write(std::string(32UL * 1024 * 1024, 'x'));
}

TEST(TcpListener, accepts_and_tells_what_is_taken) {
  Loop loop;
  std::vector<std::unique_ptr<Peer>> accepted;
  TcpListener* self = nullptr;
  TcpListener listener(loop, [&] {
    accepted.push_back(std::make_unique<Peer>(loop));
    EXPECT_EQ(self->accept(*accepted.back()->stream), 0);
    EXPECT_TRUE(accepted.back()->stream->is_connected());
  });
  self = &listener;
  const auto port = listener.listen(loopback(0));
  ASSERT_TRUE(port.has_value());

  TcpListener second(loop, [] {});
  const auto taken = second.listen(loopback(*port));
  ASSERT_FALSE(taken.has_value());
  EXPECT_EQ(taken.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(taken.error().message.find("127.0.0.1:" + std::to_string(*port)), std::string::npos);

  Peer client(loop);
  ASSERT_EQ(client.stream->connect(loopback(*port)), 0);
  ASSERT_TRUE(run_until(loop, [&] { return client.connected && accepted.size() == 1; }));
  client.stream->write("hello");
  ASSERT_TRUE(run_until(loop, [&] { return accepted[0]->received == "hello"; }));
  accepted[0]->stream->close_reset();
  ASSERT_TRUE(run_until(loop, [&] { return !client.failures.empty(); }));
  EXPECT_EQ(client.failures.front().second, ECONNRESET);
}

TEST(SocketAddress, parses_prints_and_compares_families) {
  EXPECT_EQ(SocketAddress::parse("127.0.0.1", 80)->to_string(), "127.0.0.1:80");
  EXPECT_EQ(SocketAddress::parse("[::1]", 8080)->to_string(), "[::1]:8080");
  EXPECT_EQ(SocketAddress::parse("::1", 1)->port(), 1);
  EXPECT_TRUE(SocketAddress::parse("127.9.9.9", 1)->is_loopback());
  EXPECT_TRUE(SocketAddress::parse("::1", 1)->is_loopback());
  EXPECT_FALSE(SocketAddress::parse("10.0.0.1", 1)->is_loopback());
  EXPECT_FALSE(SocketAddress::parse("::2", 1)->is_loopback());
  for (const char* bad : {"", "localhost", "1.2.3", "1.2.3.4.5", "::g", "127.0.0.1:80", "[]"}) {
    EXPECT_FALSE(SocketAddress::parse(bad, 1).has_value()) << bad;
  }
}

TEST(SocketAddress, resolves_names_and_numbers) {
  const auto numeric = SocketAddress::resolve("127.0.0.1", 99);
  ASSERT_TRUE(numeric.has_value());
  EXPECT_EQ(numeric->front().to_string(), "127.0.0.1:99");
  const auto name = SocketAddress::resolve("localhost", 99);
  ASSERT_TRUE(name.has_value());
  ASSERT_EQ(name->size(), 2U);
  EXPECT_EQ((*name)[0].to_string(), "[::1]:99");
  EXPECT_EQ((*name)[1].to_string(), "127.0.0.1:99");
}

}  // namespace
}  // namespace squall::net
