// What a live view knows of a run: the last figures, and what has come together since the start.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/model/progress.hpp"
#include "reports/live/faults_on.hpp"
#include "reports/live/panel.hpp"

namespace squall::reports {

// Whether load goes: warm-up, measured phase or drain.
[[nodiscard]] bool load_is_running(model::Stage stage);

// Told what a ProgressView is told. A value; not thread-safe. Texts are printable. Keeps the last
// kKeptSeconds seconds and kKeptEvents events, so it stays bounded however long the run is.
class RunSoFar {
 public:
  static constexpr std::size_t kKeptSeconds = 600;
  static constexpr std::size_t kKeptEvents = 1000;
  struct Event {
    Duration at{};  // after t = 0
    std::string kind;
    std::string text;
    // It says how far the run is, not what went wrong with it.
    bool is_progress = false;
  };

  void begin(const model::Plan& plan);
  void stage(model::Stage stage, std::string_view detail);
  void tick(Duration elapsed, const model::SecondSummary& last_second,
            const model::Counters& so_far);
  void second(const model::SecondSummary& second);
  // What is kept of it, valid until the next call; null of a phase, which stages tell of.
  const Event* event(const model::RunEvent& event);

  // "squall: checkout, seed 7, run id r-1"
  [[nodiscard]] const std::string& title() const { return title_; }
  [[nodiscard]] const std::string& plan_name() const { return plan_name_; }
  [[nodiscard]] model::Stage stage() const { return stage_; }
  [[nodiscard]] const std::string& stage_detail() const { return stage_detail_; }
  [[nodiscard]] Duration elapsed() const { return elapsed_; }
  [[nodiscard]] unsigned threads() const { return threads_; }
  [[nodiscard]] Starts starts() const { return starts_; }
  [[nodiscard]] const model::SecondSummary& last() const { return last_; }
  [[nodiscard]] const std::deque<model::SecondSummary>& seconds() const { return seconds_; }
  [[nodiscard]] const std::deque<Event>& events() const { return events_; }
  // Of events that tell what went wrong: those that were dropped from events() too.
  [[nodiscard]] std::uint64_t warnings() const { return warnings_; }
  [[nodiscard]] const std::array<std::uint64_t, model::kAttemptClassCount>& classes() const {
    return classes_;
  }
  // By index into Plan::faults; empty before a second has told of them.
  [[nodiscard]] const std::vector<model::FaultCounts>& faults() const { return faults_; }
  [[nodiscard]] const FaultsOn& faults_on() const { return faults_on_; }
  [[nodiscard]] std::uint64_t effect_attempts() const { return effect_attempts_; }

  // How much of the load is done, 0 to 1: of its time, or of its iterations when it ends by them.
  [[nodiscard]] double share_done() const;
  // "12s of 30s", "250 of 1000 iterations", in the drain "31s"; empty without load.
  [[nodiscard]] std::string progress_text() const;
  // "18s left" of the warm-up or of the measured phase; empty when the time is not known.
  [[nodiscard]] std::string remaining_text() const;
  // "12s", "0.3s" of a second that was not whole, "warm-up 1s".
  [[nodiscard]] std::string label(const model::SecondSummary& second, double covered) const;

 private:
  std::string title_;
  std::string plan_name_;
  Duration warmup_{};
  Duration duration_{};
  unsigned threads_ = 1;
  Starts starts_ = Starts::kArrivals;
  std::uint64_t iterations_ = 0;  // after which the load ends; 0: it ends by time
  model::Stage stage_ = model::Stage::kServices;
  std::string stage_detail_;
  Duration elapsed_{};
  model::SecondSummary last_;
  model::Counters totals_;
  FaultsOn faults_on_;
  std::vector<model::FaultCounts> faults_;
  std::array<std::uint64_t, model::kAttemptClassCount> classes_{};
  std::uint64_t effect_attempts_ = 0;
  std::uint64_t warnings_ = 0;
  std::deque<model::SecondSummary> seconds_;
  std::deque<Event> events_;
};

// "   1.5s  service: psp ended with status 1"
[[nodiscard]] std::string event_line(const RunSoFar::Event& event);

}  // namespace squall::reports
