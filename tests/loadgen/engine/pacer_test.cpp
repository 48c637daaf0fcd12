#include "loadgen/engine/pacer.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "loadgen/base/clock.hpp"
#include "loadgen/net/socket_address.hpp"
#include "loadgen/net/tcp_stream.hpp"

namespace squall::test {
namespace {

using namespace std::chrono_literals;
using engine::choose_pace;
using engine::Pacer;
using model::PaceMode;

TEST(PaceChoice, SpinsOnlyWhereACoreIsFree) {
  EXPECT_TRUE(choose_pace(PaceMode::kAuto, 1, 4, true).spin);
  EXPECT_TRUE(choose_pace(PaceMode::kAuto, 1, 2, false).spin);
  EXPECT_FALSE(choose_pace(PaceMode::kAuto, 1, 2, true).spin);
  EXPECT_FALSE(choose_pace(PaceMode::kAuto, 4, 4, false).spin);
  EXPECT_TRUE(choose_pace(PaceMode::kSpin, 4, 1, true).spin);
  EXPECT_FALSE(choose_pace(PaceMode::kTimer, 1, 64, false).spin);
}

TEST(Pacer, TurnsThatBringNothingAreSpinning) {
  net::Loop loop;
  Pacer pacer(loop, true);
  const TimePoint now = monotonic_now();
  pacer.wait_until(now + 10us, now);
  EXPECT_GT(pacer.take_spin_ns(), 0U);
  EXPECT_EQ(pacer.take_spin_ns(), 0U) << "taken";
}

TEST(Pacer, ATurnThatBroughtSomethingIsWork) {
  struct Client final : net::TcpEvents {
    void on_connected() override { connected = true; }
    void on_data(std::string_view /*bytes*/) override {}
    void on_end() override {}
    void on_failure(Side /*side*/, int /*error*/) override { failed = true; }
    void on_sent() override {}
    bool connected = false;
    bool failed = false;
  } client;
  net::Loop loop;
  Pacer pacer(loop, true);
  const auto refusing = net::SocketAddress::parse("127.0.0.1", 1);
  ASSERT_TRUE(refusing);
  net::TcpStream stream(loop, client);
  // Whether it is refused or not, something is told about it in some turn.
  ASSERT_EQ(stream.connect(*refusing), 0);
  const TimePoint deadline = monotonic_now() + 5s;
  while (!client.connected && !client.failed && monotonic_now() < deadline) {
    const std::uint64_t before = loop.events();
    static_cast<void>(pacer.take_spin_ns());
    const TimePoint now = monotonic_now();
    pacer.wait_until(now + 10us, now);
    if (loop.events() != before) {
      EXPECT_EQ(pacer.take_spin_ns(), 0U);
    } else {
      EXPECT_GT(pacer.take_spin_ns(), 0U);
    }
  }
  EXPECT_TRUE(client.connected || client.failed);
}

}  // namespace
}  // namespace squall::test
