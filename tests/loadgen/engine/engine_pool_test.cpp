// What both engines promise of connections and of what waits for one: cap, order, age, the end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <functional>
#include <thread>
#include <type_traits>
#include <utility>

#include "loadgen/engine/curl_engine.hpp"
#include "loadgen/engine/native_engine.hpp"
#include "tests/loadgen/engine/engine_rig.hpp"
#include "tests/support/loopback_port.hpp"

namespace squall::engine::test {
namespace {

using model::AttemptClass;
using model::CopyConnection;
using squall::test::HostileServer;
using squall::test::ok_answer;

template <class Engine>
class EnginePool : public testing::Test {
 protected:
  using Rig = EngineRig<Engine>;

  static model::Plan plan(const std::vector<std::uint16_t>& ports) {
    model::Plan made = plan_for(ports);
    for (model::Target& target : made.targets) {
      target.engine = std::is_same_v<Engine, CurlEngine> ? model::EngineKind::kCurl
                                                         : model::EngineKind::kNative;
    }
    return made;
  }
};

using BothEngines = testing::Types<NativeEngine, CurlEngine>;
TYPED_TEST_SUITE(EnginePool, BothEngines);

HostileServer::Script answers_after(Duration wait) {
  return {HostileServer::read_request(), HostileServer::wait(wait),
          HostileServer::send(ok_answer("x")), HostileServer::again()};
}

TYPED_TEST(EnginePool, OneConnectionServesOneAfterTheOther) {
  HostileServer server(polite());
  typename TestFixture::Rig rig(this->plan({server.port()}));
  for (int i = 0; i < 50; ++i) {
    ASSERT_EQ(rig.run(get()).how, AttemptClass::kSuccess);
  }
  EXPECT_EQ(server.connections(), 1U);
  const EngineCounters counters = rig.engine().take_counters();
  EXPECT_EQ(counters.connections_opened, 1U);
  EXPECT_EQ(counters.resends, 0U);
  EXPECT_EQ(rig.engine().connections(), 1U);
}

TYPED_TEST(EnginePool, CapIsATotalAndTheOthersWaitInOrder) {
  HostileServer server(answers_after(20ms));
  typename TestFixture::Rig rig(this->plan({server.port()}), 3);
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

TYPED_TEST(EnginePool, WaitingForAConnectionDoesNotUseUpTheTimeout) {
  HostileServer server(answers_after(150ms));
  typename TestFixture::Rig rig(this->plan({server.port()}), 1);
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
  EXPECT_GT(submitted.back()->end - submitted.back()->taken_up, 500ms);
  EXPECT_GT(submitted.back()->first_byte_sent - submitted.back()->taken_up, 400ms);
}

TYPED_TEST(EnginePool, IdleConnectionOfAnotherTargetMakesRoom) {
  HostileServer first(polite());
  HostileServer second(polite());
  typename TestFixture::Rig rig(this->plan({first.port(), second.port()}), 1);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(rig.run(get(), 0).how, AttemptClass::kSuccess);
    EXPECT_EQ(rig.run(get(), 1).how, AttemptClass::kSuccess);
    EXPECT_EQ(rig.engine().connections(), 1U);
  }
  EXPECT_TRUE(first.wait_until([&] { return first.open_connections() == 0; }));
  EXPECT_EQ(second.open_connections(), 1U);
}

TYPED_TEST(EnginePool, FreshMeansANewConnection) {
  HostileServer server(polite());
  typename TestFixture::Rig rig(this->plan({server.port()}), 2);
  std::uint64_t earlier = rig.run(get()).connection_id;
  for (int i = 0; i < 4; ++i) {
    Exchange& exchange = rig.make(get());
    exchange.connection = CopyConnection::kFresh;
    rig.run(exchange);
    EXPECT_EQ(exchange.how, AttemptClass::kSuccess);
    EXPECT_NE(std::exchange(earlier, exchange.connection_id), exchange.connection_id);
    EXPECT_TRUE(exchange.copy_fired);
    EXPECT_LE(rig.engine().connections(), 2U);
  }
  EXPECT_EQ(server.connections(), 5U);
  rig.run(get());
  EXPECT_EQ(server.connections(), 5U);
}

TYPED_TEST(EnginePool, ConnectionThatThePeerClosedWhileIdleIsReplaced) {
  HostileServer server([](unsigned connection) -> HostileServer::Script {
    if (connection > 0) {
      return polite();
    }
    return {HostileServer::read_request(), HostileServer::send(ok_answer("x")),
            HostileServer::close_fin()};
  });
  typename TestFixture::Rig rig(this->plan({server.port()}));
  EXPECT_EQ(rig.run(get()).how, AttemptClass::kSuccess);
  ASSERT_TRUE(server.wait_until([&] { return server.open_connections() == 0; }));
  Exchange& exchange = rig.make(get());
  exchange.once = true;
  EXPECT_EQ(rig.run(exchange).how, AttemptClass::kSuccess) << exchange.detail;
  EXPECT_EQ(server.connections(), 2U);
  EXPECT_EQ(server.requests(), 2U);
}

TYPED_TEST(EnginePool, OutOfDescriptorsIsRefusedAndCounted) {
  HostileServer server(polite());
  typename TestFixture::Rig rig(this->plan({server.port()}));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none = before;
  none.rlim_cur = 3;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const Exchange& exchange = rig.run(get());
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(exchange.how, AttemptClass::kRefused);
  EXPECT_THAT(exchange.detail, testing::AnyOf(testing::HasSubstr("EMFILE"),
                                              testing::HasSubstr("Too many open files")));
  EXPECT_EQ(rig.engine().take_counters().out_of_descriptors, 1U);
  EXPECT_EQ(rig.engine().connections(), 0U);
  EXPECT_EQ(rig.run(get()).how, AttemptClass::kSuccess);
}

TYPED_TEST(EnginePool, WhatTheTargetRefusesIsNotTheHostsLack) {
  const squall::test::RefusedPort refused;
  typename TestFixture::Rig rig(this->plan({refused.port()}));
  EXPECT_EQ(rig.run(get()).how, AttemptClass::kRefused);
  const EngineCounters counters = rig.engine().take_counters();
  EXPECT_EQ(counters.out_of_descriptors, 0U);
  EXPECT_EQ(counters.out_of_ports, 0U);
}

// In a network of the test's own, where there are as many local ports as it says. False when this
// process may not have one.
bool in_network_with_ports(const std::string& range, const std::function<void()>& body) {
  bool done = false;
  std::thread([&] {
    if (::unshare(CLONE_NEWNET) != 0) {
      return;
    }
    const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq loopback{};
    std::strcpy(&loopback.ifr_name[0], "lo");
    loopback.ifr_flags = IFF_UP | IFF_RUNNING;
    const bool up = ::ioctl(fd, SIOCSIFFLAGS, &loopback) == 0;
    ::close(fd);
    // Files of /proc/sys/net belong to the network of the thread that opens them.
    std::ofstream ports("/proc/sys/net/ipv4/ip_local_port_range");
    ports << range << std::flush;
    if (up && ports.good()) {
      body();
      done = true;
    }
  }).join();
  return done;
}

TYPED_TEST(EnginePool, OutOfPortsIsRefusedAndCounted) {
  const bool done = in_network_with_ports("40000 40001", [&] {
    HostileServer server({HostileServer::read_request(), HostileServer::send(ok_answer("x")),
                          HostileServer::read_request(), HostileServer::stall()});
    // The server has one of the two ports, the first connection has the other.
    typename TestFixture::Rig rig(this->plan({server.port()}), 4);
    ASSERT_EQ(rig.run(get()).how, AttemptClass::kSuccess);
    rig.submit(get());
    Exchange& second = rig.submit(get());
    ASSERT_TRUE(rig.run_until([&] { return second.end != TimePoint{}; }));
    EXPECT_EQ(second.how, AttemptClass::kRefused) << second.detail;
    EXPECT_EQ(rig.engine().take_counters().out_of_ports, 1U) << second.detail;
  });
  if (!done) {
    GTEST_SKIP() << "no right to a network of one's own";
  }
}

TYPED_TEST(EnginePool, AbandonEndsEverythingThatIsLent) {
  HostileServer server({HostileServer::read_request(), HostileServer::stall()});
  typename TestFixture::Rig rig(this->plan({server.port()}), 2);
  const Exchange& first = rig.submit(get());
  const Exchange& second = rig.submit(get());
  const Exchange& third = rig.submit(get());
  model::WireScript script;
  script.fault_count = 1;
  script.hold[static_cast<std::size_t>(model::WirePoint::kConnect)] = 1h;
  Exchange& held = rig.make(get());
  held.script = &script;
  held.timeout = 2h;
  rig.submit(held);
  ASSERT_TRUE(rig.run_until([&] { return server.requests() == 2; }));
  rig.engine().abandon_all(monotonic_now());
  EXPECT_EQ(rig.engine().in_flight(), 0U);
  EXPECT_EQ(rig.engine().waiting(), 0U);
  rig.collect();
  EXPECT_EQ(rig.completed().size(), 4U);
  EXPECT_EQ(first.how, AttemptClass::kTimeout);
  EXPECT_EQ(second.how, AttemptClass::kTimeout);
  EXPECT_GT(first.bytes_sent, 0U);
  EXPECT_EQ(third.how, AttemptClass::kDropped);
  EXPECT_EQ(held.how, AttemptClass::kDropped);
  EXPECT_NE(third.end, TimePoint{});
  EXPECT_GT(rig.engine().next_deadline().value_or(TimePoint::max()), monotonic_now());
}

TYPED_TEST(EnginePool, GoesOnAfterAnAbandon) {
  HostileServer server(polite());
  typename TestFixture::Rig rig(this->plan({server.port()}), 1);
  rig.submit(get());
  rig.submit(get());
  rig.engine().abandon_all(monotonic_now());
  rig.collect();
  EXPECT_EQ(rig.run(get()).how, AttemptClass::kSuccess);
}

// Nobody accepts, so no other socket gets the number of the one that is given up: what libcurl
// closes without a word must not be watched any more.
TYPED_TEST(EnginePool, AConnectionGivenUpWhileItIsMadeIsForgotten) {
  std::uint16_t port = 0;
  const int listener = squall::test::bind_loopback(port);
  ASSERT_EQ(::listen(listener, 8), 0);
  typename TestFixture::Rig rig(this->plan({port}), 1);
  for (int i = 0; i < 3; ++i) {
    rig.submit(get());
    rig.engine().abandon_all(monotonic_now());
    rig.collect();
    EXPECT_EQ(rig.engine().connections(), 0U);
    bool turned = false;
    rig.run_until([&] { return std::exchange(turned, true); });
  }
  ::close(listener);
}

TYPED_TEST(EnginePool, EngineMayGoWithEverythingUnderWay) {
  HostileServer server({HostileServer::read_request(), HostileServer::stall()});
  typename TestFixture::Rig rig(this->plan({server.port()}), 3);
  for (int i = 0; i < 6; ++i) {
    rig.submit(get());
  }
  ASSERT_TRUE(rig.run_until([&] { return server.requests() == 3; }));
  rig.destroy_engine();
  EXPECT_TRUE(server.wait_until([&] { return server.open_connections() == 0; }));
}

}  // namespace
}  // namespace squall::engine::test
