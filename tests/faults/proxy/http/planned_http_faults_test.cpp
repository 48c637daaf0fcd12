// HTTP faults of a plan on real sockets, and what their results tell.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "faults/proxy/planned_proxies.hpp"
#include "faults/proxy/planned_toxics.hpp"
#include "loadgen/model/proxy_fault_record.hpp"
#include "tests/faults/proxy/socket.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/loopback_port.hpp"

namespace squall::faults {
namespace {

using ::testing::HasSubstr;

const std::string kGet = "GET / HTTP/1.1\r\n\r\n";

class PlannedHttpFaults : public ::testing::Test {
 protected:
  PlannedHttpFaults() {
    register_http_faults(toxics_);
    add_planned_toxics(toxics_, kinds_);
    model::ProxyPlan proxy;
    proxy.name = "p";
    proxy.port = test::free_loopback_port();
    proxy.listen = "127.0.0.1:" + std::to_string(proxy.port);
    proxy.upstream = backend_.address();
    proxy.mode = model::ProxyMode::kHttp;
    plan_.proxies.push_back(proxy);
  }
  // A request under the fault that the backend answers so, and what is told of the fault then.
  model::RecordedProxyFault after_one_request(const std::string& kind, std::string_view attributes,
                                              const std::string& answer) {
    model::PlannedProxyFault fault;
    fault.name = "f";
    fault.kind = kinds_.find(kind);
    fault.proxy = "p";
    fault.share = {1};
    fault.attributes = *expr::parse_toml(attributes, "test.toml");
    plan_.proxy_faults = {fault};
    PlannedProxies proxies(plan_, toxics_);
    EXPECT_TRUE(proxies.start());
    const auto actions = proxies.actions();
    EXPECT_TRUE(actions.at(0)->start());
    test::Socket client = test::Socket::connect(plan_.proxies[0].port);
    test::Socket upstream = backend_.accept();
    EXPECT_TRUE(client.send(kGet));
    EXPECT_EQ(upstream.receive_all(kGet.size()), kGet);
    EXPECT_TRUE(upstream.send(answer));
    upstream.close();
    client.rest();
    EXPECT_TRUE(test::eventually([&] { return !proxies.take_exchanges().exchanges.empty(); }));
    EXPECT_TRUE(actions.at(0)->undo());
    return proxies.fault_results().at(0);
  }

  test::Acceptor backend_;
  ToxicRegistry toxics_;
  model::ProxyFaultRegistry kinds_;
  model::Plan plan_;
};

TEST_F(PlannedHttpFaults, TellThatTheUpstreamHasExecutedWhatWasLost) {
  const model::RecordedProxyFault fault = after_one_request(
      "http_abort", "at = \"after\"", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(fault.of_requests);
  EXPECT_EQ(fault.seen, 1U);
  EXPECT_EQ(fault.planned, 1U);
  EXPECT_EQ(fault.fired, 1U);
  EXPECT_EQ(fault.summary, model::summary_of(plan_.proxy_faults[0]) +
                               "; the upstream executed 1 that were lost or copied");
}

TEST_F(PlannedHttpFaults, TellWhyTheyDidNotFire) {
  const model::RecordedProxyFault fault =
      after_one_request("http_truncate", "bytes = \"3B\"", "HTTP/1.1 204 No\r\n\r\n");
  EXPECT_EQ(fault.planned, 1U);
  EXPECT_EQ(fault.fired, 0U);
  EXPECT_THAT(fault.summary, HasSubstr("; 1 did not fire: the answer has no body"));
}

}  // namespace
}  // namespace squall::faults
