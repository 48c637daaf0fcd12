// The proxies of a plan, with real sockets.
#include "faults/proxy/planned_proxies.hpp"

#include <gtest/gtest.h>

#include "faults/proxy/planned_toxics.hpp"
#include "tests/faults/proxy/chain_case.hpp"
#include "tests/faults/proxy/proxy_case.hpp"
#include "tests/faults/proxy/socket.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/loopback_port.hpp"

namespace squall::faults {
namespace {

class PlannedProxiesTest : public ::testing::Test {
 protected:
  PlannedProxiesTest() {
    add_planned_toxics(all_toxics(), kinds_);
    plan_.seed = 5;
    model::ProxyPlan proxy;
    proxy.name = "p";
    proxy.port = test::free_loopback_port();
    proxy.listen = "127.0.0.1:" + std::to_string(proxy.port);
    proxy.upstream = backend_.address();
    plan_.proxies.push_back(proxy);
  }

  void add_fault(const std::string& kind, const std::string& attributes, double share = 1) {
    model::PlannedProxyFault fault;
    fault.name = "the-" + kind;
    fault.kind = kinds_.find(kind);
    fault.proxy = "p";
    fault.direction = "downstream";
    fault.share = {share};
    fault.attributes = *expr::parse_toml(attributes, "test.toml");
    plan_.proxy_faults.push_back(fault);
  }
  [[nodiscard]] std::uint16_t port() const { return plan_.proxies[0].port; }

  test::Acceptor backend_;
  model::ProxyFaultRegistry kinds_;
  model::Plan plan_;
};

TEST_F(PlannedProxiesTest, ListenBeforeAnybodyIsThereAndCountWhatPasses) {
  PlannedProxies proxies(plan_, all_toxics());
  ASSERT_TRUE(proxies.start());
  const test::Socket client = test::Socket::connect(port());
  test::Socket server = backend_.accept();
  ASSERT_TRUE(client.send("hello"));
  EXPECT_EQ(server.receive(5), "hello");
  ASSERT_TRUE(test::eventually([&] { return proxies.totals()[0].upstream_bytes == 5; }));
  EXPECT_EQ(proxies.totals()[0].accepted, 1U);
  EXPECT_EQ(proxies.totals()[0].open_links, 1U);
  proxies.stop();
  int error = 0;
  (void)test::Socket::connect(port(), error);
  EXPECT_EQ(error, ECONNREFUSED);
}

TEST_F(PlannedProxiesTest, AFaultIsPutOnLiveLinksCountedAndTakenOff) {
  add_fault("limit_data", "bytes = 3");
  PlannedProxies proxies(plan_, all_toxics());
  ASSERT_TRUE(proxies.start());
  const auto actions = proxies.actions();
  ASSERT_EQ(actions.size(), 1U);
  test::Socket client = test::Socket::connect(port());
  const test::Socket server = backend_.accept();
  ASSERT_TRUE(actions[0]->start());
  ASSERT_TRUE(server.send("123456"));
  EXPECT_EQ(client.receive(3), "123");
  EXPECT_EQ(client.receive(), "");
  ASSERT_TRUE(actions[0]->undo());
  const auto results = proxies.fault_results();
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].seen, 1U) << "the link that was there when it was put on";
  EXPECT_EQ(results[0].planned, 1U);
  EXPECT_EQ(results[0].fired, 1U);

  test::Socket after = test::Socket::connect(port());
  const test::Socket untouched = backend_.accept();
  ASSERT_TRUE(untouched.send("1234"));
  EXPECT_EQ(after.receive(4), "1234");
}

TEST_F(PlannedProxiesTest, LinksThatWereGoneBeforeAreNotSeen) {
  add_fault("limit_data", "bytes = 3");
  PlannedProxies proxies(plan_, all_toxics());
  ASSERT_TRUE(proxies.start());
  {
    const test::Socket client = test::Socket::connect(port());
    const test::Socket server = backend_.accept();
  }
  ASSERT_TRUE(test::eventually([&] { return proxies.totals()[0].open_links == 0; }));
  const auto actions = proxies.actions();
  ASSERT_TRUE(actions[0]->start());
  ASSERT_TRUE(actions[0]->undo());
  EXPECT_EQ(proxies.fault_results()[0].seen, 0U);
}

TEST_F(PlannedProxiesTest, AClosedPortCannotBeCountedAndOpensAgain) {
  add_fault("refuse", "");
  PlannedProxies proxies(plan_, all_toxics());
  ASSERT_TRUE(proxies.start());
  const auto actions = proxies.actions();
  ASSERT_TRUE(actions[0]->start());
  int error = 0;
  (void)test::Socket::connect(port(), error);
  EXPECT_EQ(error, ECONNREFUSED);
  EXPECT_TRUE(proxies.fault_results()[0].counts_nothing);
  ASSERT_TRUE(actions[0]->undo());
  EXPECT_TRUE(test::Socket::connect(port()).is_open());
}

TEST_F(PlannedProxiesTest, AFaultThatCouldNotBePutOnSaysWhyAndUndoesNothing) {
  add_fault("limit_data", "bytes = 3");
  plan_.proxy_faults[0].proxy = "nobody";
  PlannedProxies proxies(plan_, all_toxics());
  ASSERT_TRUE(proxies.start());
  const auto actions = proxies.actions();
  EXPECT_FALSE(actions[0]->start());
  EXPECT_TRUE(actions[0]->undo());
}

TEST_F(PlannedProxiesTest, APortThatIsTakenIsAnErrorAtTheTable) {
  const test::RefusedPort taken;
  plan_.proxies[0].listen = "127.0.0.1:" + std::to_string(taken.port());
  plan_.proxies[0].where = {"plan.toml", 9, 1};
  PlannedProxies proxies(plan_, all_toxics());
  const auto started = proxies.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(to_string(started.error()).find("plan.toml:9:1: proxy p: "), std::string::npos)
      << to_string(started.error());
}

}  // namespace
}  // namespace squall::faults
