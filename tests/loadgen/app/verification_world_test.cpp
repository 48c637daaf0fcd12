// The world of a verification, with real proxies and services that are kept in memory.
#include "loadgen/app/verification_world.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "loadgen/base/clock.hpp"
#include "tests/faults/proxy/socket.hpp"
#include "tests/support/all_registries.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/loopback_port.hpp"

namespace squall::app {
namespace {

// Services that remember what was done to them.
class RememberedServices final : public model::ServiceControl {
 public:
  explicit RememberedServices(const std::vector<model::Service>& services) : services_(services) {
    for (const model::Service& service : services) {
      running.insert(service.label());
    }
  }
  Result<void> signal(const std::string& process, int signal, model::ExitIs exit) override {
    EXPECT_EQ(signal, SIGKILL);
    EXPECT_EQ(exit, model::ExitIs::kPlanned);
    done.push_back("signal " + process);
    return {};
  }
  Result<void> stop(const std::string& process, int, Duration) override {
    running.erase(process);
    done.push_back("stop " + process);
    return {};
  }
  Result<void> start(const std::string& process) override {
    running.insert(process);
    done.push_back("start " + process);
    return {};
  }
  bool is_running(const std::string& process) override { return running.contains(process); }
  Result<model::ResourceLimits> change_limits(const std::string&,
                                              const model::ResourceLimits&) override {
    return model::ResourceLimits{};
  }
  Result<void> move_clock(const std::string& process, const model::ClockMove& move) override {
    ahead[process] = *move.to - wall_clock_now();
    return {};
  }
  Result<void> restore_clock(const std::string& process) override {
    done.push_back("restore " + process);
    return {};
  }
  const model::Service& described(const std::string&) const override { return services_.front(); }
  Result<void> run(const model::HookCommand&) override { return {}; }
  Result<std::uint64_t> add_undo(const model::HookCommand&) override { return 0; }
  Result<void> run_undo(std::uint64_t) override { return {}; }
  bool pause(Duration) override { return true; }

  std::set<std::string> running;
  std::vector<std::string> done;
  std::map<std::string, Duration> ahead;

 private:
  const std::vector<model::Service>& services_;
};

class VerificationWorldTest : public ::testing::Test {
 protected:
  VerificationWorldTest() {
    plan_.seed = 5;
    model::ProxyPlan proxy;
    proxy.name = "db";
    proxy.port = test::free_loopback_port();
    proxy.listen = "127.0.0.1:" + std::to_string(proxy.port);
    proxy.upstream = backend_.address();
    plan_.proxies.push_back(proxy);
    for (unsigned replica = 1; replica <= 2; ++replica) {
      model::Service service;
      service.name = "shop";
      service.replica = replica;
      service.replicas = 2;
      plan_.services.push_back(service);
    }
    services_ = std::make_unique<RememberedServices>(plan_.services);
    proxies_ = std::make_unique<faults::PlannedProxies>(plan_, test::all_registries().toxics);
    EXPECT_TRUE(proxies_->start());
    world_ = std::make_unique<VerificationWorld>(plan_, *proxies_, *services_);
  }
  // Both ends of a new link.
  void connect() {
    client_ = test::Socket::connect(plan_.proxies[0].port);
    server_ = backend_.accept();
  }

  test::Acceptor backend_;
  model::Plan plan_;
  std::unique_ptr<RememberedServices> services_;
  std::unique_ptr<faults::PlannedProxies> proxies_;
  std::unique_ptr<VerificationWorld> world_;
  test::Socket client_;
  test::Socket server_;
};

TEST_F(VerificationWorldTest, AFailingLinkIsResetBeforeAnythingArrives) {
  connect();
  ASSERT_TRUE(world_->fail("db"));
  ASSERT_TRUE(client_.send("insert"));
  EXPECT_EQ(client_.receive(), "");
  EXPECT_EQ(server_.receive(), "") << "nothing of it came";
  EXPECT_EQ(world_->touched("db"), 1U);
  ASSERT_TRUE(world_->heal("db"));
  EXPECT_EQ(world_->touched("db"), std::nullopt);
  connect();
  ASSERT_TRUE(client_.send("insert"));
  EXPECT_EQ(server_.receive_all(6), "insert");
}

TEST_F(VerificationWorldTest, ALostAnswerIsOneToACallThatArrived) {
  connect();
  ASSERT_TRUE(world_->lose_answers("db"));
  EXPECT_EQ(world_->touched("db"), 0U);
  ASSERT_TRUE(client_.send("insert"));
  EXPECT_EQ(server_.receive_all(6), "insert");
  ASSERT_TRUE(server_.send("done"));
  EXPECT_EQ(client_.receive(), "");
  EXPECT_EQ(world_->touched("db"), 1U);
}

TEST_F(VerificationWorldTest, SilenceHoldsBothDirectionsUntilItIsHealed) {
  connect();
  ASSERT_TRUE(world_->blackhole("db"));
  ASSERT_TRUE(client_.send("question"));
  ASSERT_TRUE(server_.send("answer"));
  ASSERT_TRUE(test::eventually([&] { return world_->touched("db") == 2U; }));
  ASSERT_TRUE(world_->heal("db"));
  EXPECT_EQ(server_.receive_all(8), "question");
  EXPECT_EQ(client_.receive_all(6), "answer");
}

TEST_F(VerificationWorldTest, OneChangeReplacesTheOther) {
  connect();
  ASSERT_TRUE(world_->blackhole("db"));
  ASSERT_TRUE(world_->slow("db", std::chrono::milliseconds(1)));
  ASSERT_TRUE(client_.send("question"));
  EXPECT_EQ(server_.receive_all(8), "question");
}

TEST_F(VerificationWorldTest, AToxicThatIsNoLongerThereIsTold) {
  ASSERT_TRUE(world_->fail("db"));
  ASSERT_TRUE(proxies_->take_off("db", "verification_reset_peer_upstream"));
  const auto healed = world_->heal("db");
  ASSERT_FALSE(healed);
  EXPECT_NE(healed.error().message.find("no longer there"), std::string::npos)
      << healed.error().message;
  EXPECT_TRUE(world_->heal("db")) << "told once";
}

TEST_F(VerificationWorldTest, LeavesNothingBehind) {
  ASSERT_TRUE(world_->fail("db"));
  ASSERT_TRUE(world_->set_clock_ahead("shop", std::chrono::hours(1)));
  world_.reset();
  EXPECT_FALSE(proxies_->counters_of("db", "verification_reset_peer_upstream"));
  EXPECT_EQ(services_->done, (std::vector<std::string>{"restore shop-1", "restore shop-2"}));
}

TEST_F(VerificationWorldTest, AServiceIsAllItsReplicas) {
  ASSERT_TRUE(world_->kill("shop"));
  EXPECT_TRUE(services_->running.empty());
  EXPECT_EQ(services_->done, (std::vector<std::string>{"signal shop-1", "signal shop-2",
                                                       "stop shop-1", "stop shop-2"}));
  ASSERT_TRUE(world_->start("shop"));
  EXPECT_EQ(services_->running, (std::set<std::string>{"shop-1", "shop-2"}));
}

TEST_F(VerificationWorldTest, AClockAheadIsOneOfTheTrueTime) {
  using std::chrono::hours;
  for (const Duration ahead : {hours(5), hours(2)}) {
    ASSERT_TRUE(world_->set_clock_ahead("shop", ahead));
    for (const char* label : {"shop-1", "shop-2"}) {
      EXPECT_LE(services_->ahead[label], ahead);
      EXPECT_GT(services_->ahead[label], ahead - hours(1));
    }
  }
  ASSERT_TRUE(world_->set_clock_ahead("shop", Duration::zero()));
  EXPECT_EQ(services_->done, (std::vector<std::string>{"restore shop-1", "restore shop-2"}));
}

TEST_F(VerificationWorldTest, WhatThePlanDoesNotHaveIsTold) {
  EXPECT_FALSE(world_->fail("nobody"));
  EXPECT_FALSE(world_->slow("nobody", std::chrono::seconds(1)));
  EXPECT_FALSE(world_->kill("nobody"));
  EXPECT_FALSE(world_->set_clock_ahead("nobody", std::chrono::seconds(1)));
}

}  // namespace
}  // namespace squall::app
