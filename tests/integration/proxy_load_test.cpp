// PostgreSQL and Redis behind the fault proxy, by their own load generators, while toxics come and
// go: nothing breaks, nothing is lost or changed, no call waits.
//
//   pgbench, redis-benchmark ─► relay ─► proxy ─► relay ─► PostgreSQL, Redis
//
// SQUALL_TOXIC_CHANGES: how many toxics come and go under each load (default 60; ci/bench does
// 1,000).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include <fmt/core.h>

#include "faults/proxy/proxy_server.hpp"
#include "loadgen/base/clock.hpp"
#include "tests/faults/proxy/chain_case.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/process.hpp"
#include "tests/support/recording_relay.hpp"
#include "tests/support/redis.hpp"

namespace squall::faults {
namespace {

using Conversation = test::RecordingRelay::Conversation;

constexpr std::uint64_t kConnections = 200;
constexpr Duration kMostOfACall = std::chrono::seconds(2);

struct ToxicCase {
  const char* type;
  const char* attributes;
};
// Those that keep every byte and end nothing.
constexpr std::array<ToxicCase, 5> kToxics = {{{"latency", "latency = 1"},
                                               {"slicer", "average_size = 64\nsize_variation = 32"},
                                               {"bandwidth", "rate = 100000"},
                                               {"noop", ""},
                                               {"slow_close", "delay = 1"}}};

unsigned changes_wanted() {
  const char* const text = std::getenv("SQUALL_TOXIC_CHANGES");
  return text == nullptr ? 60U : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

// The call's result; its time goes to `took`.
template <class Call>
auto timed(std::vector<Duration>& took, Call call) {
  const TimePoint begin = monotonic_now();
  auto result = call();
  took.push_back(monotonic_now() - begin);
  return result;
}

double milliseconds_at(const std::vector<Duration>& sorted, double share) {
  const auto index = static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1));
  return to_seconds(sorted[index]) * 1e3;
}

std::string bytes_of(const std::vector<Conversation>& conversations) {
  std::uint64_t up = 0;
  std::uint64_t down = 0;
  for (const Conversation& one : conversations) {
    up += one.to_server.bytes;
    down += one.to_client.bytes;
  }
  return fmt::format("{} connections, {} bytes up, {} bytes down", conversations.size(), up, down);
}

class ProxyLoadTest : public testing::Test {
 protected:
  // Runs `load` (given the port to talk to) again and again until all changes are made, and holds
  // what came through against what went in.
  template <class Load>
  void prove(const char* what, std::uint16_t server_port, Load load) {
    test::RecordingRelay behind(server_port);
    const auto made = proxies.create({.name = "p",
                                      .listen = "127.0.0.1:0",
                                      .upstream = "127.0.0.1:" + std::to_string(behind.port())});
    ASSERT_TRUE(made.has_value()) << made.error().message;
    const std::string& at = made->settings.listen;
    test::RecordingRelay before(
        static_cast<std::uint16_t>(std::stoul(at.substr(at.rfind(':') + 1))));
    std::atomic<bool> changed = false;
    std::thread changer([&] {
      change_toxics();
      changed = true;
    });
    do {
      load(before.port());
    } while (!changed && !HasFailure());
    given_up = true;
    changer.join();
    compare(what, before, behind);
  }

  void change_toxics() {
    const unsigned wanted = changes_wanted();
    EXPECT_TRUE(becomes([&] { return view().open_links >= kConnections; }));
    for (unsigned i = 0; i < wanted && !given_up; ++i) {
      const ToxicCase& toxic = kToxics[i % kToxics.size()];
      const Direction direction = i % 2 == 0 ? Direction::kUpstream : Direction::kDownstream;
      const auto added = timed(calls, [&] {
        return proxies.add_toxic("p",
                                 {.name = "t",
                                  .type = toxic.type,
                                  .direction = direction,
                                  .toxicity = i % 3 == 0 ? 0.5F : 1.0F,
                                  .attributes = *expr::parse_toml(toxic.attributes, "toxic.toml")});
      });
      EXPECT_TRUE(added.has_value()) << added.error().message;
      // So that each of them has bytes to deal with.
      const std::uint64_t before = passed(direction);
      EXPECT_TRUE(becomes([&] { return passed(direction) > before; })) << toxic.type;
      fired += toxic_fired();
      EXPECT_TRUE(timed(calls, [&] { return proxies.remove_toxic("p", "t"); }));
    }
  }

  void compare(const char* what, const test::RecordingRelay& before,
               const test::RecordingRelay& behind) {
    ASSERT_TRUE(test::eventually([&] { return before.open() == 0 && behind.open() == 0; }))
        << before.open() << " and " << behind.open();
    const std::vector<Conversation> in = before.conversations();
    const std::vector<Conversation> out = behind.conversations();
    EXPECT_GE(in.size(), kConnections);
    EXPECT_TRUE(in == out) << bytes_of(in) << "; behind the proxy " << bytes_of(out);
    EXPECT_EQ(std::count_if(in.begin(), in.end(), [](const auto& one) { return one.broken; }), 0);
    ASSERT_TRUE(test::eventually([&] { return view().open_links == 0; }));
    const ProxyCounters counters = view().counters;
    EXPECT_EQ(counters.dial_failures + counters.accept_failures, 0U);
    for (const Direction direction : {Direction::kUpstream, Direction::kDownstream}) {
      EXPECT_EQ(counters.of(direction).received_bytes, counters.of(direction).sent_bytes);
    }
    EXPECT_GT(fired, 0U);
    std::sort(calls.begin(), calls.end());
    ASSERT_FALSE(calls.empty());
    EXPECT_LT(calls.back(), kMostOfACall);
    fmt::print(
        "{}: {}, digests equal on both sides; {} calls under load: p50 {:.2f} ms, p99 {:.2f} ms, "
        "max {:.2f} ms\n",
        what, bytes_of(in), calls.size(), milliseconds_at(calls, 0.5), milliseconds_at(calls, 0.99),
        milliseconds_at(calls, 1));
  }

  [[nodiscard]] bool becomes(const std::function<bool()>& condition) const {
    return test::eventually([&] { return condition() || given_up; });
  }
  [[nodiscard]] ProxyView view() const { return proxies.find("p").value(); }
  [[nodiscard]] std::uint64_t passed(Direction direction) const {
    return view().counters.of(direction).sent_bytes;
  }
  [[nodiscard]] std::uint64_t toxic_fired() const {
    const auto toxics = view().toxics;
    return toxics.empty() ? 0 : toxics.front().counters.fired;
  }

  ProxyServer proxies{all_toxics(), {.seed = 7}};
  std::atomic<bool> given_up = false;  // no load runs any more
  std::vector<Duration> calls;
  std::uint64_t fired = 0;
};

TEST_F(ProxyLoadTest, redis_with_200_connections) {
  const test::Redis redis;
  prove("redis", redis.port(), [](std::uint16_t port) {
    const test::ProcessResult result = test::run_program(
        {"redis-benchmark", "-h", "127.0.0.1", "-p", std::to_string(port), "-c",
         std::to_string(kConnections), "-n", "10000", "-d", "256", "-t", "set,get", "-q"});
    EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
    EXPECT_THAT(result.errors, testing::Not(testing::HasSubstr("Error"))) << result.output;
  });
}

TEST_F(ProxyLoadTest, postgres_with_200_connections) {
  const test::Postgres postgres;
  const std::string pgbench = test::postgres_program("pgbench");
  const test::ProcessResult filled = test::run_program(
      {pgbench, "--initialize", "--init-steps=dtgp", test::Postgres::url(postgres.port())});
  ASSERT_EQ(filled.exit_code, 0) << filled.errors;
  prove("postgres", postgres.port(), [&](std::uint16_t port) {
    const test::ProcessResult result = test::run_program(
        {pgbench, "--client", std::to_string(kConnections), "--no-vacuum", "--transactions", "20",
         "--builtin", "select-only@3", "--builtin", "simple-update@1", test::Postgres::url(port)});
    EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
    EXPECT_THAT(result.output, testing::HasSubstr("number of failed transactions: 0 (0.000%)"));
  });
}

}  // namespace
}  // namespace squall::faults
