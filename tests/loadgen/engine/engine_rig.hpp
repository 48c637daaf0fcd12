// What the tests of both engines share: a plan with targets on this host, requests, and one engine
// on a loop that runs until something has ended.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loadgen/base/clock.hpp"
#include "loadgen/engine/exchange.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/net/loop.hpp"
#include "loadgen/net/precise_timer.hpp"
#include "tests/support/hostile_server.hpp"

namespace squall::engine::test {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace): tests are full of
                                       // durations

// Targets of 127.0.0.1, one per port; generous limits.
inline model::Plan plan_for(const std::vector<std::uint16_t>& ports) {
  model::Plan plan;
  for (const std::uint16_t port : ports) {
    model::Target target;
    target.name = "t" + std::to_string(plan.targets.size());
    target.replicas = {{.scheme = "http", .host = "127.0.0.1", .port = port, .base_path = ""}};
    target.timeout = 5s;
    target.connect_timeout = 2s;
    target.idle_limit = 4s;
    target.max_header = ByteCount{16 * 1024};
    target.max_body_kept = ByteCount{64 * 1024};
    plan.targets.push_back(target);
  }
  return plan;
}

// A request's text, and how long its head is.
struct TestRequest {
  std::string text;
  std::size_t head_bytes = 0;
};
inline TestRequest request(std::string_view method, std::string_view path,
                           std::string_view headers = {}, std::string_view body = {}) {
  TestRequest made;
  made.text = std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: t\r\n" +
              std::string(headers);
  if (!body.empty() || method == "POST" || method == "PUT") {
    made.text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  }
  made.text += "\r\n";
  made.head_bytes = made.text.size();
  made.text += body;
  return made;
}
inline TestRequest get(std::string_view path = "/x", std::string_view headers = {}) {
  return request("GET", path, headers);
}
inline TestRequest post(std::string_view body, std::string_view headers = {}) {
  return request("POST", "/pay", headers, body);
}

// Answers every request on a connection that stays.
inline squall::test::HostileServer::Script polite() {
  using squall::test::HostileServer;
  return {HostileServer::read_request(), HostileServer::send(squall::test::ok_answer("x")),
          HostileServer::again()};
}

// One engine (NativeEngine or CurlEngine) on a loop of its own; exchanges live as long as the rig.
template <class Engine>
class EngineRig {
 public:
  explicit EngineRig(model::Plan plan, unsigned connections = 8)
      : plan_(std::move(plan)),
        timer_(loop_, [] {}),
        engine_(std::make_unique<Engine>(loop_, plan_,
                                         typename Engine::Options{.connections = connections})) {}

  // A new exchange for `request`, not submitted.
  Exchange& make(const TestRequest& request, std::uint16_t target = 0) {
    requests_.push_back(std::make_unique<TestRequest>(request));
    exchanges_.push_back(std::make_unique<Exchange>());
    Exchange& exchange = *exchanges_.back();
    exchange.request = requests_.back()->text;
    exchange.head_bytes = requests_.back()->head_bytes;
    exchange.target = target;
    exchange.timeout = 5s;
    exchange.keep_body = true;
    return exchange;
  }
  Exchange& submit(Exchange& exchange) {
    engine_->submit(exchange, monotonic_now());
    return exchange;
  }
  Exchange& submit(const TestRequest& request, std::uint16_t target = 0) {
    return submit(make(request, target));
  }
  // Submits and waits for the end of everything.
  Exchange& run(Exchange& exchange) {
    submit(exchange);
    run_all();
    return exchange;
  }
  Exchange& run(const TestRequest& request, std::uint16_t target = 0) {
    return run(make(request, target));
  }

  // Turns the loop until the condition holds; false when it does not in time.
  bool run_until(const std::function<bool()>& condition, Duration limit = 10s) {
    const TimePoint end = monotonic_now() + limit;
    while (!condition()) {
      const TimePoint now = monotonic_now();
      if (now >= end) {
        return false;
      }
      timer_.arm(std::min({engine_->next_deadline().value_or(end), end, now + 5ms}));
      loop_.wait();
      engine_->on_time(monotonic_now());
      collect();
    }
    return true;
  }
  bool run_all(Duration limit = 10s) {
    return run_until([&] { return engine_->in_flight() == 0; }, limit);
  }
  void collect() {
    std::vector<Exchange*> ended;
    engine_->take_completed(ended);
    completed_.insert(completed_.end(), ended.begin(), ended.end());
  }

  Engine& engine() { return *engine_; }
  net::Loop& loop() { return loop_; }
  void destroy_engine() { engine_.reset(); }
  [[nodiscard]] const std::vector<Exchange*>& completed() const { return completed_; }

 private:
  model::Plan plan_;
  net::Loop loop_;
  net::PreciseTimer timer_;
  std::vector<std::unique_ptr<TestRequest>> requests_;
  std::vector<std::unique_ptr<Exchange>> exchanges_;
  std::unique_ptr<Engine> engine_;
  std::vector<Exchange*> completed_;
};

}  // namespace squall::engine::test
