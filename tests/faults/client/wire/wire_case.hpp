// One client fault on the wire: a plan with it is loaded, an arrival runs through the native
// engine, a scripted server keeps what arrived.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "loadgen/base/clock.hpp"
#include "loadgen/engine/flow_runner.hpp"
#include "loadgen/plan/loader.hpp"
#include "tests/support/all_registries.hpp"
#include "tests/support/hostile_server.hpp"
#include "tests/support/run_loop.hpp"

namespace squall::faults {

using test::HostileServer;

class FaultOnTheWire : public ::testing::Test {
 protected:
  static constexpr std::size_t kBodyBytes =
      48;  // {"token":"<36 characters>"}, as the plan sends it

  // What a test may want otherwise.
  struct Setting {
    const HostileServer* other_replica = nullptr;
    std::string timeout = "5s";
    std::string load = "duration = \"10s\"";
    std::string more_steps = {};
    std::string headers =
        R"(Idempotency-Key = "{{key}}", X-Now = "{{now | unix_ms}}", X-Seq = "{{seq}}")";
    std::string body = R"(json = { token = "{{key}}" })";  // and other keys of the step
  };

  // Loads a plan that sends POST /pay to `server` with `fault`, the keys of one [[fault]] beside
  // its name.
  // `headers`: of the step, as a TOML table has them in its braces.
  void load(const HostileServer& server, const std::string& fault, const std::string& headers) {
    load(server, fault, Setting{.headers = headers});
  }
  void load(const HostileServer& server, const std::string& fault) {
    load(server, fault, Setting());
  }
  void load(const HostileServer& server, const std::string& fault, const Setting& setting) {
    const auto url = [](const HostileServer& one) {
      return "\"http://127.0.0.1:" + std::to_string(one.port()) + "\"";
    };
    const std::string urls =
        url(server) + (setting.other_replica == nullptr ? "" : ", " + url(*setting.other_replica));
    const std::string text = R"(format = 1
name = "wire"
[[target]]
name = "api"
urls = [)" + urls + "]\ntimeout = \"" +
                             setting.timeout + "\"\n[load]\n" + setting.load + R"(
[[scenario]]
name = "buy"
arrivals = { process = "constant", rate = "10/s" }
  [[scenario.step]]
  name = "charge"
  request = "POST /pay"
  headers = { )" + setting.headers +
                             R"( }
  effect = "{{key}}"
  )" + setting.body + "\n" + setting.more_steps +
                             "[[fault]]\nname = \"tested\"\n" + fault;
    plan::LoadOptions options;
    options.seed = 7;
    options.run_id = "wire";
    options.environment = [](const std::string&) { return std::optional<std::string>(); };
    options.entropy = [] { return std::uint64_t{1}; };
    const plan::Loaded loaded =
        plan::load(text, "wire.toml", test::all_registries().for_plans(), options);
    ASSERT_NE(loaded.plan, nullptr) << loaded.diagnostics.to_text();
    plan_ = loaded.plan;
  }

  // Runs one arrival to its end, or as many as `arrivals_` says, which all begin at once. `watch`
  // is called again and again meanwhile. A look at the server that is followed by before(d) proves
  // that what it saw happened less than `d` after the arrival began. `late`: how much later than
  // intended it is taken up.
  void run(const std::function<void()>& watch = {}, Duration offset = Duration::zero(),
           Duration late = Duration::zero()) {
    ASSERT_NE(plan_, nullptr);
    net::Loop loop;
    engine::Engines native(loop, *plan_, {.connections = 32});
    engine::Recorder recorder(*plan_, 0);
    start_ = monotonic_now();
    engine::FlowRunner runner({.plan = *plan_,
                               .engine = native,
                               .recorder = recorder,
                               .zero = start_ - offset - late,
                               .max_waiting = 100});
    for (std::uint64_t index = 3; index < 3 + arrivals_; ++index) {
      runner.begin({.offset = offset, .index = index, .scenario = 0}, start_);
    }
    const bool ended = test::run_until(loop, [&] {
      const TimePoint now = monotonic_now();
      native.on_time(now);
      runner.collect(now);
      runner.on_time(now);
      if (now - start_ > drain_ends_) {
        runner.abandon_all(now);
      }
      if (watch) {
        watch();
      }
      return runner.active() == 0;
    });
    EXPECT_TRUE(ended);
    elapsed_ = monotonic_now() - start_;
    slice_ = recorder.turn_over(1);
  }

  [[nodiscard]] bool before(Duration since_start) const {
    return monotonic_now() - start_ < since_start;
  }

  [[nodiscard]] std::uint64_t attempts(model::AttemptClass how) const {
    std::uint64_t count = 0;
    for (const auto& [key, spans] : slice_->attempts) {
      EXPECT_EQ(key.exposure, model::Exposure::kFaulted);
      count += key.how == how ? spans->response.count() : 0;
    }
    return count;
  }

  void expect_fired() const {
    ASSERT_EQ(slice_->faults.size(), 1u);
    EXPECT_EQ(slice_->faults[0].planned, 1u);
    EXPECT_EQ(slice_->faults[0].fired, 1u);
    EXPECT_TRUE(slice_->unfired.empty()) << slice_->unfired.front().reason;
  }

  // The sequence numbers of the requests in the order in which they arrived, "453".
  static std::string sequence(const HostileServer& server);

  // Reads requests and answers them, for ever.
  static HostileServer::Script polite(Duration answer_time = Duration::zero()) {
    return {HostileServer::read_request(), HostileServer::wait(answer_time),
            HostileServer::send(test::ok_answer("{}")), HostileServer::again()};
  }

  std::shared_ptr<const model::Plan> plan_;
  std::unique_ptr<model::WorkerSlice> slice_;
  TimePoint start_{};
  Duration elapsed_{};
  std::uint64_t arrivals_ = 1;
  Duration drain_ends_ = Duration::max();  // after the arrivals began
};

// Header and body of a request as it arrived, whole or not.
struct Arrived {
  std::string head;  // with its blank line when it is complete
  std::string body;
  bool head_complete = false;
};

inline Arrived arrived(const std::string& bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string::npos) {
    return {bytes, "", false};
  }
  return {bytes.substr(0, end + 4), bytes.substr(end + 4), true};
}

// Value of a header line, for requests written by squall.
inline std::string header_of(const std::string& head, const std::string& name) {
  const std::size_t at = head.find("\r\n" + name + ": ");
  EXPECT_NE(at, std::string::npos) << name << " in " << head;
  const std::size_t from = at + name.size() + 4;
  return head.substr(from, head.find("\r\n", from) - from);
}

inline std::string FaultOnTheWire::sequence(const HostileServer& server) {
  std::string order;
  for (const std::string& text : server.request_texts()) {
    order += header_of(arrived(text).head, "X-Seq");
  }
  return order;
}

}  // namespace squall::faults
