// What the tests of TLS streams share: a stream that writes down what happens to it, and a client
// of a test server.
#pragma once

#include <gtest/gtest.h>

#include <cerrno>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "loadgen/net/loop.hpp"
#include "loadgen/net/socket_address.hpp"
#include "loadgen/net/stream.hpp"
#include "tests/support/files.hpp"
#include "tests/support/hostile_server.hpp"
#include "tests/support/run_loop.hpp"

namespace squall::net::test {

using squall::test::CertificateSpec;
using squall::test::HostileServer;
using squall::test::Identity;
using squall::test::make_authority;
using squall::test::make_self_signed;
using squall::test::run_until;
using squall::test::TlsServerOptions;

inline SocketAddress loopback(std::uint16_t port) {
  return *SocketAddress::parse("127.0.0.1", port);
}

// Writes down what happens, and lets a test act at each event.
class TlsPeer final : public TcpEvents {
 public:
  explicit TlsPeer(Loop& loop) : stream(std::make_unique<Stream>(loop, *this)) {}

  void on_connected() override {
    connected = true;
    act(at_connected);
  }
  void on_data(std::string_view bytes) override {
    received.append(bytes);
    ++reads;
    act(at_data);
  }
  void on_end() override {
    ended = true;
    in_order = stream && stream->ended_in_order();
    act(at_end);
  }
  void on_failure(Side side, int error) override {
    failures.emplace_back(side, error);
    problem = stream->problem();
    act(at_failure);
  }
  void on_sent() override { ++sent; }

  std::unique_ptr<Stream> stream;
  bool connected = false;
  bool ended = false;
  bool in_order = false;
  int sent = 0;
  int reads = 0;
  std::string received;
  std::string problem;
  std::vector<std::pair<Side, int>> failures;
  std::function<void()> at_connected, at_data, at_end, at_failure;

 private:
  static void act(const std::function<void()>& what) {
    if (what) {
      what();
    }
  }
};

// An authority, a server's certificate that it vouches for, and a client that trusts it.
class TlsStreamTest : public testing::Test {
 protected:
  void SetUp() override { use({.ca_file = file("ca.pem", authority_.certificate_pem)}); }

  std::string file(const std::string& name, const std::string& content) {
    return directory_.write(name, content);
  }
  // A client by other settings.
  void use(const TlsSettings& settings, const std::string& host = "127.0.0.1") {
    client_.reset();
    auto context = TlsContext::make(settings);
    ASSERT_TRUE(context) << context.error().message;
    context_ = std::move(*context);
    client_ = std::make_unique<TlsClient>(*context_, host);
  }
  [[nodiscard]] TlsServerOptions server_options() const { return {.identity = server_identity_}; }

  // Connects; true when hands were shaken, false when that failed.
  bool connect(TlsPeer& peer, std::uint16_t port) {
    peer.connected = peer.ended = false;
    peer.failures.clear();
    EXPECT_EQ(peer.stream->connect(loopback(port), client_.get()), 0);
    EXPECT_TRUE(run_until(loop_, [&] { return peer.connected || !peer.failures.empty(); }));
    return peer.connected;
  }
  // The reason for which a handshake with that server fails.
  std::string refusal(std::uint16_t port) {
    TlsPeer peer(loop_);
    EXPECT_FALSE(connect(peer, port));
    EXPECT_EQ(peer.failures.size(), 1U);
    if (!peer.failures.empty()) {
      EXPECT_EQ(peer.failures.front().first, TcpEvents::Side::kConnect);
    }
    return peer.problem;
  }

  squall::test::TestDirectory directory_;
  Identity authority_ = make_authority({.name = "squall test CA"});
  Identity server_identity_ = authority_.issue({});
  Loop loop_;
  std::unique_ptr<TlsContext> context_;
  std::unique_ptr<TlsClient> client_;
};

}  // namespace squall::net::test
