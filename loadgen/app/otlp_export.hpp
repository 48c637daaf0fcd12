// Sends operations and figures of a run to a collector, as OTLP over HTTP (--otlp).
//
//   run's thread: take(), second() ─► bounded queue, figures ─► own thread: JSON ─► POST
//
// Nothing here fails or slows the run: what cannot be sent in time is counted, and said once, when
// the run is over.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "loadgen/base/time.hpp"
#include "loadgen/model/operation_span.hpp"
#include "loadgen/model/progress.hpp"
#include "reports/live/otlp_json.hpp"

namespace squall::app {

// What became of the telemetry of a run. A value.
struct OtlpOutcome {
  std::uint64_t spans = 0;  // that there were
  // Of them: the queue was full, nobody took them, or they were refused.
  std::uint64_t lost = 0;
  std::string problem;  // the first one, for people; empty: none
};
// One line for stderr; empty when there was no problem.
[[nodiscard]] std::string otlp_warning(std::string_view url, const OtlpOutcome& outcome);

// Told of the run on its thread. Owns a thread of its own from begin() to end().
class OtlpExport final : public model::ProgressView {
 public:
  struct Limits {
    std::size_t queue = 65'536;                  // spans that wait
    std::size_t batch = 512;                     // spans in a request
    unsigned attempts = 5;                       // of a request
    Duration timeout = std::chrono::seconds(3);  // of an attempt
    // Before the second attempt; doubles each time. A Retry-After goes before it, up to the limit.
    Duration backoff = std::chrono::milliseconds(250);
    Duration longest_wait = std::chrono::seconds(5);
    Duration flush = std::chrono::seconds(5);  // how long end() takes at most
  };

  // `url`: of the collector, without /v1/traces; an http or https URL that may be sent to.
  OtlpExport(std::string url, std::string squall_version)
      : OtlpExport(std::move(url), std::move(squall_version), Limits()) {}
  OtlpExport(std::string url, std::string squall_version, const Limits& limits);
  ~OtlpExport() override;
  OtlpExport(const OtlpExport&) = delete;
  OtlpExport& operator=(const OtlpExport&) = delete;

  void begin(const model::Plan& plan) override;
  void stage(model::Stage /*stage*/, std::string_view /*detail*/) override {}
  void tick(Duration /*elapsed*/, const model::SecondSummary& /*last_second*/,
            const model::Counters& /*so_far*/) override {}
  void second(const model::SecondSummary& second) override;
  void event(const model::RunEvent& /*event*/) override {}
  // Sends what waits, and says on stderr what could not be sent.
  void end(const model::RunRecord& record) override;

  // Operations that ended; `zero` is the wall clock's t = 0. Between begin() and end().
  void take(WallTime zero, std::vector<model::OperationSpan> spans);

  // Sends what waits, as long as Limits::flush allows, and ends the thread. Without a run:
  // nothing.
  OtlpOutcome finish();

 private:
  struct Delivery {
    bool taken = false;
    std::string body;     // of the answer
    std::string problem;  // why it was not taken
  };

  void work();
  void send_figures(std::unique_lock<std::mutex>& lock);
  void send_spans(std::unique_lock<std::mutex>& lock);
  // Called without the lock, as is what it calls.
  [[nodiscard]] Delivery deliver(const std::string& path, const std::string& body);
  [[nodiscard]] Duration time_for_attempt();
  // False when there is no time left.
  [[nodiscard]] bool pause(Duration wait);
  void note(std::string problem);  // with the lock

  const std::string url_;
  const std::string version_;
  const Limits limits_;

  std::mutex mutex_;
  std::condition_variable changed_;
  // The rest is of the lock.
  reports::OtlpSource source_;  // does not change while the thread runs
  WallTime zero_{};
  std::deque<model::OperationSpan> queue_;
  reports::OtlpFigures figures_;
  bool new_figures_ = false;
  bool ending_ = false;
  TimePoint deadline_{};  // when it is ending
  OtlpOutcome outcome_;
  std::thread thread_;
};

}  // namespace squall::app
