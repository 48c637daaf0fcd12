// The API while the proxies have other things to do.
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <vector>

#include "faults/control/slow_calls.hpp"
#include "loadgen/base/clock.hpp"
#include "tests/faults/control/api_case.hpp"
#include "tests/support/eventually.hpp"

namespace squall::faults {
namespace {

class ApiServerTest : public ApiCase {};

// Links full of data that nobody reads, under toxics that would wait for ever.
TEST_F(ApiServerTest, no_call_waits_for_traffic) {
  const test::Acceptor backend;
  const auto made =
      proxies.create({.name = "p", .listen = "localhost:0", .upstream = backend.address()},
                     {{.name = "stall", .type = "bandwidth", .direction = Direction::kUpstream}});
  ASSERT_TRUE(made);
  const std::string& listen = made->settings.listen;
  const auto port = static_cast<std::uint16_t>(std::stoi(listen.substr(listen.rfind(':') + 1)));
  std::vector<test::Socket> ends;
  for (int i = 0; i < 20; ++i) {
    ends.push_back(test::Socket::connect(port));
    ends.back().send(std::string(100'000, 'x'));
    ends.push_back(backend.accept());
  }
  ASSERT_TRUE(test::eventually([&] { return proxies.find("p")->held_links == 20; }));
  const std::string toxics = "/proxies/p/toxics";
  for (const std::string_view body :
       {R"({"name":"t","stream":"upstream","type":"reset_peer","attributes":{"timeout":3600000}})",
        R"({"name":"t","stream":"upstream","type":"timeout"})",
        R"({"name":"t","stream":"upstream","type":"slicer","attributes":{"average_size":1}})",
        R"({"name":"t","stream":"upstream","type":"slow_close","attributes":{"delay":3600000}})",
        R"({"name":"t","stream":"upstream","type":"limit_data","attributes":{"bytes":1000000}})",
        R"({"name":"t","stream":"upstream","type":"latency","attributes":{"latency":3600000}})"}) {
    (void)body_of(200, "POST", toxics, body);
    (void)body_of(200, "POST", toxics + "/t", R"({"toxicity":0.5})");
    (void)body_of(200, "GET", "/proxies");
    (void)body_of(204, "DELETE", toxics + "/t");
  }
  (void)body_of(204, "DELETE", toxics + "/stall");
  (void)body_of(200, "PATCH", "/proxies/p", R"({"enabled":false})");
  EXPECT_EQ(proxies.find("p")->open_links, 0U);
}

TEST(SlowCalls, those_that_wait_hold_up_nobody_while_there_are_threads) {
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  std::promise<void> ran;
  SlowCalls calls(3);
  calls.add([released] { released.wait(); });
  calls.add([released] { released.wait(); });
  calls.add([&ran] { ran.set_value(); });
  ran.get_future().wait();
  release.set_value();
}

TEST(SlowCalls, more_than_there_are_threads_wait_their_turn) {
  std::string order;
  std::promise<void> release;
  std::promise<void> last;
  SlowCalls calls(1);
  calls.add([&] { release.get_future().wait(); });
  calls.add([&] { order += 'a'; });
  calls.add([&] { order += 'b'; });
  calls.add([&] { last.set_value(); });
  release.set_value();
  last.get_future().wait();
  EXPECT_EQ(order, "ab");
}

}  // namespace
}  // namespace squall::faults
