// Copies that are released together: when the first of them is whole at the server, every other one
// lacks one byte at most.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/loadgen/engine/native/native_rig.hpp"
#include "tests/loadgen/engine/native/raw_peer.hpp"
#include "tests/support/hostile_server.hpp"
#include "tests/support/loopback_port.hpp"

namespace squall::engine::test {
namespace {

using model::AttemptClass;
using model::CopySpacing;
using model::WirePoint;
using model::WireScript;
using squall::test::HostileServer;
using squall::test::ok_answer;

class NativeBarrier : public testing::TestWithParam<unsigned> {};

// Submits that many copies; the test looks at the peer while they are on their way.
std::vector<Exchange*> submit_copies(Rig& rig, const TestRequest& request, Barrier& barrier,
                                     unsigned count) {
  barrier.expected = count;
  std::vector<Exchange*> copies;
  for (unsigned i = 0; i < count; ++i) {
    Exchange& exchange = rig.make(request);
    exchange.copy = i;
    exchange.barrier = &barrier;
    copies.push_back(&rig.submit(exchange));
  }
  return copies;
}

TEST_P(NativeBarrier, NoRequestIsWholeBeforeAllOthersLackOneByte) {
  const unsigned count = GetParam();
  RawPeer peer;
  Rig rig(plan_for({peer.port()}), count);
  Barrier barrier;
  const TestRequest request = post("0123456789");
  const std::vector<Exchange*> copies = submit_copies(rig, request, barrier, count);
  const std::size_t whole = request.text.size();
  bool somebody_was_first = false;
  ASSERT_TRUE(rig.run_until([&] {
    const std::size_t callers = peer.accept_waiting();
    std::size_t complete = 0;
    std::size_t nearly = 0;
    for (std::size_t i = 0; i < callers; ++i) {
      complete += peer.unread(i) == whole ? 1U : 0U;
      nearly += peer.unread(i) >= whole - 1 ? 1U : 0U;
    }
    if (complete > 0) {
      somebody_was_first = somebody_was_first || nearly < count;
    }
    return complete == count;
  }));
  EXPECT_FALSE(somebody_was_first);
  EXPECT_TRUE(barrier.released);
  EXPECT_EQ(barrier.arrived, count);
  for (std::size_t i = 0; i < count; ++i) {
    EXPECT_EQ(peer.read(i).bytes, request.text);
    peer.send(i, ok_answer("x"));
  }
  ASSERT_TRUE(rig.run_all());
  TimePoint first = TimePoint::max();
  TimePoint last{};
  for (const Exchange* copy : copies) {
    EXPECT_EQ(copy->how, AttemptClass::kSuccess) << copy->detail;
    EXPECT_TRUE(copy->copy_fired);
    first = std::min(first, copy->request_sent);
    last = std::max(last, copy->request_sent);
  }
  for (const Exchange* copy : copies) {
    EXPECT_LT(copy->first_byte_sent, first);  // all heads left before any last byte did
  }
  EXPECT_LT(last - first, 1s);
}

INSTANTIATE_TEST_SUITE_P(Copies, NativeBarrier, testing::Values(2U, 5U, 20U));

// The witness above can see a violation: without a barrier there is one.
TEST(NativeBarrierWitness, SeesCopiesThatDoNotWait) {
  RawPeer peer;
  Rig rig(plan_for({peer.port()}), 2);
  const TestRequest request = post("0123456789");
  rig.submit(request);
  WireScript held;
  held.hold[static_cast<std::size_t>(WirePoint::kHeaders)] = 30ms;
  Exchange& late = rig.make(request);
  late.script = &held;
  rig.submit(late);
  bool violated = false;
  ASSERT_TRUE(rig.run_until([&] {
    const bool both = peer.accept_waiting() == 2;
    if (both) {
      const auto [low, high] = std::minmax({peer.unread(0), peer.unread(1)});
      violated = violated || (high == request.text.size() && low < high - 1);
    }
    return both && peer.unread(0) == peer.unread(1) && peer.unread(0) > 0;
  }));
  EXPECT_TRUE(violated);
}

TEST(NativeBarrierCopies, WarmConnectionsAreUsed) {
  HostileServer server({HostileServer::read_request(), HostileServer::wait(10ms),
                        HostileServer::send(ok_answer("x")), HostileServer::again()});
  Rig rig(plan_for({server.port()}), 5);
  for (int i = 0; i < 5; ++i) {
    rig.submit(get());
  }
  ASSERT_TRUE(rig.run_all());
  for (int round = 0; round < 10; ++round) {
    Barrier barrier;
    const auto copies = submit_copies(rig, post("pay"), barrier, 5);
    ASSERT_TRUE(rig.run_all());
    for (const Exchange* copy : copies) {
      EXPECT_TRUE(copy->copy_fired);
    }
  }
  EXPECT_EQ(server.connections(), 5U);
  EXPECT_EQ(server.requests(), 55U);
}

TEST(NativeBarrierCopies, LargeRequestsAreDeliveredBeforeTheyCount) {
  RawPeer peer;
  Rig rig(plan_for({peer.port()}), 2);
  Barrier barrier;
  const TestRequest request = post(std::string(100'000, 'b'));
  const auto copies = submit_copies(rig, request, barrier, 2);
  ASSERT_TRUE(rig.run_until([&] { return peer.accept_waiting() == 2 && peer.unread(1) > 0; }));
  EXPECT_FALSE(rig.run_until([&] { return barrier.arrived > 0; }, 50ms));
  std::string first;
  std::string second;
  ASSERT_TRUE(rig.run_until([&] {
    first += peer.read(0).bytes;
    if (barrier.arrived == 0) {
      EXPECT_LT(first.size(), request.text.size());
    } else {
      second += peer.read(1).bytes;
    }
    return first.size() == request.text.size() && second.size() == request.text.size();
  }));
  EXPECT_EQ(second, request.text);
}

TEST(NativeBarrierCopies, OneThatEndsEarlyDoesNotKeepTheOthers) {
  RawPeer peer;
  const squall::test::RefusedPort refused;
  Rig rig(plan_for({peer.port(), refused.port()}), 3);
  Barrier barrier{.expected = 3};
  for (const std::uint16_t target : std::initializer_list<std::uint16_t>{0, 1, 0}) {
    Exchange& exchange = rig.make(post("x"), target);
    exchange.barrier = &barrier;
    rig.submit(exchange);
  }
  const std::size_t whole = post("x").text.size();
  ASSERT_TRUE(rig.run_until([&] {
    return peer.accept_waiting() == 2 && peer.unread(0) == whole && peer.unread(1) == whole;
  }));
  EXPECT_TRUE(barrier.released);
  EXPECT_EQ(rig.completed().at(0)->how, AttemptClass::kRefused);
  EXPECT_FALSE(rig.completed().at(0)->copy_fired);
}

TEST(NativeBarrierCopies, ThatTimeOutWhileTheyWait) {
  RawPeer peer;
  Rig rig(plan_for({peer.port()}), 2);
  Barrier barrier{.expected = 2};
  Exchange& lonely = rig.make(post("x"));
  lonely.barrier = &barrier;
  lonely.timeout = 50ms;
  rig.run(lonely);
  EXPECT_EQ(lonely.how, AttemptClass::kTimeout);
  EXPECT_EQ(lonely.detail, "waiting for the other copies");
  EXPECT_FALSE(lonely.copy_fired);
  EXPECT_EQ(lonely.bytes_sent, lonely.request.size() - 1);
  EXPECT_EQ(barrier.arrived, 1U);
}

TEST(NativeBarrierCopies, MoreThanConnectionsAreNotHeld) {
  HostileServer server(
      {HostileServer::read_request(), HostileServer::send(ok_answer("x")), HostileServer::again()});
  Rig rig(plan_for({server.port()}), 2);
  Barrier barrier;
  const auto copies = submit_copies(rig, post("pay"), barrier, 3);
  ASSERT_TRUE(rig.run_all());
  for (const Exchange* copy : copies) {
    EXPECT_EQ(copy->how, AttemptClass::kSuccess);
    EXPECT_FALSE(copy->copy_fired);
    EXPECT_EQ(copy->detail, "more copies than connections, not released together");
  }
}

TEST(NativeBarrierCopies, GroupsThatCompeteForConnectionsAllFinish) {
  HostileServer server(
      {HostileServer::read_request(), HostileServer::send(ok_answer("x")), HostileServer::again()});
  Rig rig(plan_for({server.port()}), 3);
  std::vector<std::unique_ptr<Barrier>> barriers;
  for (int group = 0; group < 30; ++group) {
    barriers.push_back(std::make_unique<Barrier>());
    submit_copies(rig, post("pay"), *barriers.back(), 2);
    rig.submit(get());
  }
  ASSERT_TRUE(rig.run_all());
  for (const Exchange* exchange : rig.completed()) {
    EXPECT_EQ(exchange->how, AttemptClass::kSuccess) << exchange->detail;
  }
}

TEST(NativeBarrierCopies, LostAckOfOneCopyWithTheOthersKept) {
  HostileServer server(
      {HostileServer::read_request(), HostileServer::send(ok_answer("x")), HostileServer::again()});
  Rig rig(plan_for({server.port()}), 3);
  WireScript script;
  script.cut = model::WireCut{};
  script.copies = {.count = 3, .spacing = CopySpacing::kTogether};
  script.fault_count = 2;
  Barrier barrier{.expected = 3};
  for (unsigned i = 0; i < 3; ++i) {
    Exchange& exchange = rig.make(post("pay"));
    exchange.script = &script;
    exchange.barrier = &barrier;
    exchange.cut_applies = i == 1;
    exchange.copy = i;
    rig.submit(exchange);
  }
  ASSERT_TRUE(rig.run_all());
  for (const Exchange* exchange : rig.completed()) {
    EXPECT_EQ(exchange->how, exchange->copy == 1 ? AttemptClass::kCut : AttemptClass::kSuccess);
    EXPECT_TRUE(exchange->copy_fired);
  }
  EXPECT_TRUE(
      server.wait_until([&] { return server.bytes_received() == 3 * post("pay").text.size(); }));
}

}  // namespace
}  // namespace squall::engine::test
