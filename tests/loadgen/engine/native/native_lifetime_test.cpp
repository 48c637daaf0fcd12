// The end of an engine, with and without work under way, and that nothing is left of it.
#include <dirent.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "tests/loadgen/engine/native/native_rig.hpp"
#include "tests/support/hostile_server.hpp"
#include "tests/support/loopback_port.hpp"

namespace squall::engine::test {
namespace {

using model::AttemptClass;
using model::WirePoint;
using model::WireScript;
using squall::test::HostileServer;
using squall::test::ok_answer;
using squall::test::RefusedPort;

std::size_t open_descriptors() {
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(::opendir("/proc/self/fd"), ::closedir);
  std::size_t count = 0;
  while (::readdir(dir.get()) != nullptr) {
    ++count;
  }
  return count;
}

TEST(NativeLifetime, AbandonDoesNotReleaseABarrier) {
  HostileServer server({HostileServer::stall()});
  Rig rig(plan_for({server.port()}), 2);
  Barrier barrier{.expected = 2};
  for (int i = 0; i < 2; ++i) {
    Exchange& exchange = rig.make(post("x"));
    exchange.barrier = &barrier;
    exchange.target = 0;
    rig.submit(exchange);
    rig.engine().abandon_all(monotonic_now());
  }
  EXPECT_EQ(barrier.arrived, 2U);
  EXPECT_FALSE(barrier.released);
}

TEST(NativeLifetime, DestructionForgetsWhatIsLent) {
  HostileServer server({HostileServer::read_request(),
                        HostileServer::send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal"),
                        HostileServer::stall()});
  Rig rig(plan_for({server.port()}), 4);
  WireScript script;
  script.hold[static_cast<std::size_t>(WirePoint::kBeforeLastByte)] = 1h;
  auto barrier = std::make_unique<Barrier>();
  barrier->expected = 2;
  auto lent = std::make_unique<std::vector<Exchange>>(7);
  const TestRequest request = post("0123456789");
  const TestRequest large = post(std::string(30'000'000, 'l'));
  for (std::size_t i = 0; i < lent->size(); ++i) {
    Exchange& exchange = (*lent)[i];
    exchange.request = i == 3 ? large.text : request.text;
    exchange.head_bytes = request.head_bytes;
    exchange.timeout = 1h;
    exchange.keep_body = true;
    exchange.script = i == 1 ? &script : nullptr;
    exchange.barrier = i == 2 ? barrier.get() : nullptr;
    rig.engine().submit(exchange, monotonic_now());
  }
  ASSERT_TRUE(
      rig.run_until([&] { return server.requests() >= 1 && (*lent)[0].bytes_received > 0; }));
  lent.reset();
  barrier.reset();
  rig.destroy_engine();
  EXPECT_TRUE(server.wait_until([&] { return server.open_connections() == 0; }));
  rig.loop().turn();
}

TEST(NativeLifetime, CompletedExchangesMakeTheDeadlineDue) {
  model::Plan plan = plan_for({80});
  plan.targets[0].replicas[0].host = "no-such-host.invalid";
  Rig rig(plan);
  EXPECT_EQ(rig.engine().next_deadline(), std::nullopt);
  rig.submit(get());  // ended inside submit(): nothing else would wake the loop
  ASSERT_TRUE(rig.engine().next_deadline().has_value());
  EXPECT_LE(*rig.engine().next_deadline(), monotonic_now());
  rig.collect();
  EXPECT_EQ(rig.engine().next_deadline(), std::nullopt);
}

TEST(NativeLifetime, NoDescriptorIsLeft) {
  std::size_t before = 0;
  for (int round = 0; round < 3; ++round) {
    {
      HostileServer polite({HostileServer::read_request(), HostileServer::send(ok_answer("x")),
                            HostileServer::again()});
      HostileServer closing({HostileServer::read_request(), HostileServer::close_fin()});
      HostileServer resetting({HostileServer::read_request(), HostileServer::close_rst()});
      HostileServer silent({HostileServer::stall()});
      HostileServer garbage({HostileServer::read_request(), HostileServer::send_garbage(100),
                             HostileServer::stall()});
      const RefusedPort refused;
      Rig rig(plan_for({polite.port(), closing.port(), resetting.port(), silent.port(),
                        garbage.port(), refused.port()}),
              10);
      WireScript script;
      script.cut = model::WireCut{};
      script.fault_count = 1;
      for (std::uint16_t i = 0; i < 300; ++i) {
        Exchange& exchange = rig.make(post("x"), i % 6);
        exchange.timeout = 5ms;
        if (i % 5 == 0) {
          exchange.script = &script;
          exchange.cut_applies = true;
        }
        rig.submit(exchange);
      }
      ASSERT_TRUE(rig.run_all(30s));
      EXPECT_EQ(rig.completed().size(), 300U);
      EXPECT_LE(rig.engine().connections(), 10U);
    }
    const std::size_t after = open_descriptors();
    if (round == 0) {
      before = after;  // what the process keeps for itself is open by now
    }
    EXPECT_EQ(after, before);
  }
}

}  // namespace
}  // namespace squall::engine::test
