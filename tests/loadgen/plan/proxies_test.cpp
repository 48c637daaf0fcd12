// [[proxy]] tables and the faults on them, read with the real toxics.
#include <gtest/gtest.h>

#include <map>

#include "loadgen/model/proxy_fault_record.hpp"
#include "loadgen/plan/loader.hpp"
#include "tests/support/all_registries.hpp"

namespace squall::plan {
namespace {

using std::chrono::seconds;

constexpr const char* kTraffic = R"(format = 1
name = "proxies"
[load]
duration = "30s"
warmup = "2s"
[[scenario]]
name = "buy"
arrivals = { process = "poisson", rate = "200/s" }
  [[scenario.step]]
  name = "charge"
  request = "POST /payments"
)";

class Proxies : public ::testing::Test {
 protected:
  Loaded load(const std::string& tables, std::map<std::string, std::string> set = {}) {
    LoadOptions options;
    std::uint16_t port = 40000;
    options.free_port = [&port] { return Result<std::uint16_t>(++port); };
    options.entropy = [] { return std::uint64_t{7}; };
    options.set.assign(set.begin(), set.end());
    options.allow = allow;
    return plan::load(kTraffic + tables, "plan.toml", test::all_registries().for_plans(), options);
  }
  std::shared_ptr<const model::Plan> plan(const std::string& tables) {
    const Loaded loaded = load(tables);
    EXPECT_NE(loaded.plan, nullptr) << loaded.diagnostics.to_text();
    return loaded.plan;
  }

  std::vector<std::string> allow;
};

TEST_F(Proxies, TheirAddressesAreUsableEverywhere) {
  const auto loaded = plan(R"(
[[service]]
name = "psp"
command = ["psp", "{{port.psp}}"]
[[service]]
name = "shop"
command = ["shop", "--psp", "http://{{proxy.psp}}", "--psp-port", "{{proxy.psp.port}}"]
environment = { PSP = "{{proxy.psp}}" }
[[proxy]]
name = "psp"
upstream = "127.0.0.1:{{port.psp}}"
[[proxy]]
name = "front"
upstream = "[::1]:8080"
listen = "127.0.0.1:15432"
half_close = "closed"
[[target]]
name = "shop"
urls = ["http://{{proxy.front}}/api"]
)");
  ASSERT_NE(loaded, nullptr);
  ASSERT_EQ(loaded->proxies.size(), 2U);
  const model::ProxyPlan& psp = loaded->proxies[0];
  EXPECT_EQ(psp.listen, "127.0.0.1:" + std::to_string(psp.port));
  EXPECT_EQ(psp.upstream, "127.0.0.1:" + std::to_string(loaded->services[0].port));
  EXPECT_NE(psp.port, loaded->services[0].port);
  EXPECT_EQ(psp.ends, model::ProxyEnds::kKept);
  EXPECT_EQ(loaded->services[1].command[2], "http://" + psp.listen);
  EXPECT_EQ(loaded->services[1].command[4], std::to_string(psp.port));
  EXPECT_EQ(loaded->services[1].environment[0].second, psp.listen);
  EXPECT_EQ(loaded->proxies[1].listen, "127.0.0.1:15432");
  EXPECT_EQ(loaded->proxies[1].upstream, "[::1]:8080");
  EXPECT_EQ(loaded->proxies[1].ends, model::ProxyEnds::kClose);
  EXPECT_EQ(loaded->targets[0].replicas[0].port, 15432);
  EXPECT_FALSE(loaded->leaves_loopback());
}

constexpr const char* kTarget = R"(
[[target]]
name = "shop"
urls = ["http://127.0.0.1:8080"]
)";

TEST_F(Proxies, AnUpstreamElsewhereMustBeAllowedAndLeavesLoopback) {
  const std::string tables = std::string(kTarget) +
                             "[[proxy]]\nname = \"db\"\nupstream = \"https://DB.example:5432\"\n"
                             "tls = { server_name = \"db\" }\n";
  EXPECT_NE(load(tables).diagnostics.to_text().find("db.example is neither loopback nor a target"),
            std::string::npos);
  allow = {"db.example"};
  const auto loaded = plan(tables);
  ASSERT_NE(loaded, nullptr);
  EXPECT_TRUE(loaded->leaves_loopback());
  EXPECT_EQ(loaded->proxies[0].upstream, "https://db.example:5432");
  EXPECT_EQ(loaded->proxies[0].tls.server_name, "db");
}

TEST_F(Proxies, AFaultHasItsPlaceItsShareAndItsWindow) {
  const auto loaded = plan(std::string(kTarget) + R"(
[[proxy]]
name = "psp"
upstream = "127.0.0.1:9000"
[[fault]]
name = "slow-psp"
kind = "latency"
proxy = "psp"
latency = { median = "80ms", sigma = 0.5, distribution = "lognormal" }
window = ["10s", "20s"]
[[fault]]
name = "thin"
kind = "bandwidth"
proxy = "psp"
direction = "upstream"
share = "25%"
rate = "64KB/s"
)");
  ASSERT_NE(loaded, nullptr);
  EXPECT_TRUE(loaded->faults.empty()) << "squall's own requests are left alone";
  ASSERT_EQ(loaded->proxy_faults.size(), 2U);
  const model::PlannedProxyFault& slow = loaded->proxy_faults[0];
  EXPECT_EQ(slow.direction, "downstream");
  EXPECT_EQ(slow.window, (expr::Window{seconds(10), seconds(20)}));
  EXPECT_NE(slow.attributes.find("delay"), nullptr);
  EXPECT_EQ(model::summary_of(slow), "latency on psp downstream, 10s to 20s");
  EXPECT_EQ(model::summary_of(loaded->proxy_faults[1]),
            "bandwidth on psp upstream, share 25%, all the time");
  const model::TimelineSlot slot = model::timeline_slot(slow);
  EXPECT_EQ(slot.at, seconds(10));
  EXPECT_EQ(slot.until, seconds(20));
  EXPECT_FALSE(model::timeline_slot(loaded->proxy_faults[1]).at.has_value());
}

TEST_F(Proxies, AFaultOnExchangesChoosesRequestsAndHasNoDirection) {
  const auto loaded = plan(std::string(kTarget) + R"(
[[proxy]]
name = "psp"
upstream = "127.0.0.1:9000"
mode = "http"
[[fault]]
name = "lost-answers"
kind = "http_abort"
proxy = "psp"
share = "10%"
at = "after"
route = "/payments/**"
methods = ["POST"]
every_nth = 2
)");
  ASSERT_NE(loaded, nullptr);
  ASSERT_EQ(loaded->proxy_faults.size(), 1U);
  const model::PlannedProxyFault& fault = loaded->proxy_faults[0];
  EXPECT_EQ(fault.kind->unit, model::ProxyFaultUnit::kRequest);
  EXPECT_TRUE(model::recorded(fault).of_requests);
  EXPECT_EQ(model::summary_of(fault), "http_abort on psp, share 10%, all the time");
  EXPECT_EQ(*fault.attributes.find("route")->as_string(), "/payments/**");
  EXPECT_EQ(std::get<std::int64_t>(fault.attributes.find("every_nth")->data), 2);
  EXPECT_EQ(fault.attributes.find("methods")->as_array()->size(), 1U);
  EXPECT_EQ(*fault.attributes.find("close")->as_string(), "reset") << "the default, written out";
}

TEST_F(Proxies, NamesOfFaultsAreOneSetWhateverTheyTouch) {
  const std::string problems = load(std::string(kTarget) + R"(
[[proxy]]
name = "psp"
upstream = "127.0.0.1:9000"
[[fault]]
name = "same"
kind = "latency"
latency = "10ms"
[[fault]]
name = "same"
kind = "blackhole"
proxy = "psp"
)")
                                   .diagnostics.to_text();
  EXPECT_NE(problems.find("same"), std::string::npos) << problems;
}

TEST_F(Proxies, SetMovesAnAddressAndAnAttribute) {
  const Loaded loaded =
      load(std::string(kTarget) +
               "[[proxy]]\nname = \"psp\"\nupstream = \"127.0.0.1:9000\"\n[[fault]]\nname = "
               "\"slow\"\nkind = \"close_after\"\nproxy = \"psp\"\ndelay = \"1s\"\n",
           {{"proxy.psp.listen", "127.0.0.1:1234"}, {"fault.slow.delay", "2s"}});
  ASSERT_NE(loaded.plan, nullptr) << loaded.diagnostics.to_text();
  EXPECT_EQ(loaded.plan->proxies[0].port, 1234);
  EXPECT_EQ(std::get<std::int64_t>(loaded.plan->proxy_faults[0].attributes.find("delay")->data),
            2000);
}

}  // namespace
}  // namespace squall::plan
