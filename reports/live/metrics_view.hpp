// The run as a Prometheus server scrapes it while it goes on (text format 0.0.4).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loadgen/model/progress.hpp"
#include "reports/live/faults_on.hpp"

namespace squall::reports {

// Told of the run on its thread, which adds numbers up and no more; text() is for any thread.
// Counters count from the start of the warm-up. When a second run begins (a search has several)
// everything starts at zero again, as the counters of a restarted process do. Series are bounded:
// operations of steps beyond the first kLabelledSteps stand under step="(other)".
class MetricsView final : public model::ProgressView {
 public:
  static constexpr std::size_t kLabelledSteps = 100;

  explicit MetricsView(std::string squall_version);

  void begin(const model::Plan& plan) override;
  void stage(model::Stage stage, std::string_view detail) override;
  void tick(Duration elapsed, const model::SecondSummary& last_second,
            const model::Counters& so_far) override;
  void second(const model::SecondSummary& second) override;
  void event(const model::RunEvent& event) override;
  void end(const model::RunRecord& record) override;

  [[nodiscard]] std::string text() const;

 private:
  struct Fault {
    std::string name;
    std::string kind;
    model::FaultCounts counts;
  };
  // Everything text() is made of; copied under the lock, written without it.
  struct State {
    bool begun = false;
    std::string plan;
    std::string run_id;
    std::uint64_t seed = 0;
    std::vector<std::string> steps;
    FaultsOn faults_on;
    std::vector<Fault> faults;
    model::Stage stage = model::Stage::kServices;
    Duration elapsed{};
    model::Counters totals;
    std::uint64_t acked = 0;
    std::uint64_t not_acked = 0;
    std::uint64_t effect_attempts = 0;
    std::array<std::uint64_t, model::kAttemptClassCount> classes{};
    std::vector<model::ResponseCells> cells;
    std::uint32_t in_flight = 0;  // as the next two: at the end of the last second
    std::uint32_t waiting = 0;
    std::uint32_t connections = 0;
    std::int64_t lag_p99_ns = -1;
    std::map<std::string, std::uint64_t> events;  // by kind
    std::optional<std::pair<model::Verdict, model::ExitCode>> judged;
  };
  [[nodiscard]] static std::string run_text(const State& state, const std::string& version);
  [[nodiscard]] static std::string operation_text(const State& state);
  [[nodiscard]] static std::string response_text(const State& state);
  [[nodiscard]] static std::string fault_text(const State& state);

  const std::string version_;
  mutable std::mutex mutex_;
  State state_;
};

}  // namespace squall::reports
