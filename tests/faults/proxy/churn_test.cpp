// Toxics that come, change and go a thousand times while many connections carry bytes.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <iterator>
#include <thread>
#include <vector>

#include "loadgen/base/clock.hpp"
#include "loadgen/base/rng.hpp"
#include "tests/faults/proxy/proxy_case.hpp"

namespace squall::faults {
namespace {

// FNV-1a: bytes in any chunks, order included.
class Digest {
 public:
  void add(std::string_view bytes) {
    for (const char byte : bytes) {
      value_ = (value_ ^ static_cast<unsigned char>(byte)) * 0x100000001b3ULL;
    }
  }
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325ULL;
};

// Sends back what it gets, and remembers it.
class EchoServer {
 public:
  EchoServer(const test::Acceptor& acceptor, std::size_t connections) {
    digests_.resize(connections);
    threads_.reserve(connections);
    for (std::size_t i = 0; i < connections; ++i) {
      threads_.emplace_back([this, i, socket = acceptor.accept()]() mutable {
        for (std::string bytes = socket.receive(); !bytes.empty(); bytes = socket.receive()) {
          digests_[i].add(bytes);
          if (!socket.send(bytes)) {
            return;
          }
        }
      });
    }
  }
  std::vector<std::uint64_t> finish() {
    for (std::thread& thread : threads_) {
      thread.join();
    }
    std::vector<std::uint64_t> result;
    for (const Digest& digest : digests_) {
      result.push_back(digest.value());
    }
    std::sort(result.begin(), result.end());
    return result;
  }

 private:
  std::vector<Digest> digests_;
  std::vector<std::thread> threads_;
};

struct ClientResult {
  Digest sent;
  Digest received;
  std::uint64_t bytes = 0;
  bool broken = false;
};

// Rounds of random bytes that must come back, until it is told to stop.
void run_client(test::Socket& socket, std::size_t index, const std::atomic<bool>& stop,
                ClientResult& result) {
  Rng rng(StreamId(21, "churn", "client", index));
  while (!stop && !result.broken) {
    std::string bytes(1 + rng.next_below(20'000), '\0');
    std::generate(bytes.begin(), bytes.end(),
                  [&rng] { return static_cast<char>(rng.next_below(256)); });
    result.sent.add(bytes);
    result.broken = !socket.send(bytes);
    const std::string back = socket.receive_all(bytes.size());
    result.received.add(back);
    result.broken = result.broken || back.size() != bytes.size();
    result.bytes += back.size();
  }
}

struct Choice {
  std::string_view type;
  std::string_view toml;
};
// Those that lose nothing.
constexpr std::array<Choice, 8> kChoices{{{"latency", "latency = 2\njitter = 2\n"},
                                          {"latency", "latency = 5\n"},
                                          {"bandwidth", "rate = 5000\n"},
                                          {"bandwidth", "rate = 0\n"},
                                          {"slicer", "average_size = 900\nsize_variation = 300\n"},
                                          {"noop", ""},
                                          {"blackhole", ""},
                                          {"slow_close", "delay = 1\n"}}};

class ChurnTest : public ProxyCase {
 protected:
  // How long each call took, in milliseconds.
  std::vector<double> change_a_thousand_times() {
    Rng rng(StreamId(22, "churn", "changes"));
    std::vector<std::string> there;
    std::vector<double> took;
    for (int done = 0; done < 1000; ++done) {
      const Choice& choice = kChoices[rng.next_below(kChoices.size())];
      const bool adds = there.empty() || (there.size() < 4 && rng.next_below(2) == 0);
      const std::size_t at = there.empty() ? 0 : rng.next_below(there.size());
      const TimePoint begin = monotonic_now();
      if (adds) {
        there.push_back("t" + std::to_string(done));
        EXPECT_TRUE(server.add_toxic(
            "p",
            {.name = there.back(),
             .type = std::string(choice.type),
             .direction = rng.next_below(2) == 0 ? Direction::kUpstream : Direction::kDownstream,
             .toxicity = rng.next_below(2) == 0 ? 1.0F : 0.5F,
             .attributes = *expr::parse_toml(choice.toml, "test.toml")}));
      } else if (rng.next_below(3) == 0) {
        EXPECT_TRUE(server.update_toxic("p", there[at], {.toxicity = 0.7F}));
      } else {
        EXPECT_TRUE(server.remove_toxic("p", there[at]));
        there.erase(there.begin() + static_cast<std::ptrdiff_t>(at));
      }
      took.push_back(to_seconds(monotonic_now() - begin) * 1000);
    }
    return took;
  }
};

TEST_F(ChurnTest, loses_no_byte_of_any_connection) {
  constexpr std::size_t kConnections = 24;
  create();
  std::vector<test::Socket> sockets;
  for (std::size_t i = 0; i < kConnections; ++i) {
    sockets.push_back(test::Socket::connect(port));
  }
  EchoServer echo(backend, kConnections);
  std::atomic<bool> stop{false};
  std::vector<ClientResult> results(kConnections);
  std::vector<std::thread> clients;
  clients.reserve(kConnections);
  for (std::size_t i = 0; i < kConnections; ++i) {
    clients.emplace_back([&, i] { run_client(sockets[i], i, stop, results[i]); });
  }
  std::vector<double> took = change_a_thousand_times();
  EXPECT_TRUE(server.reset());
  stop = true;
  std::vector<std::uint64_t> sent;
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < kConnections; ++i) {
    clients[i].join();
    sockets[i].close();
    EXPECT_FALSE(results[i].broken) << i;
    EXPECT_EQ(results[i].sent.value(), results[i].received.value()) << i;
    sent.push_back(results[i].sent.value());
    bytes += results[i].bytes;
  }
  std::sort(sent.begin(), sent.end());
  EXPECT_EQ(echo.finish(), sent);
  EXPECT_TRUE(links_become(0));
  const ProxyCounters counters = view().counters;
  EXPECT_EQ(counters.of(Direction::kUpstream).sent_bytes, bytes);
  EXPECT_EQ(counters.of(Direction::kDownstream).sent_bytes, bytes);
  std::sort(took.begin(), took.end());
  std::printf("%llu bytes echoed; a change took %.3f ms in the median, p99 %.3f, at most %.3f\n",
              static_cast<unsigned long long>(bytes), took[500], took[990], took.back());
}

}  // namespace
}  // namespace squall::faults
