#include "reports/live/run_so_far.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/model/load_model.hpp"

namespace squall::reports {
namespace {

using model::Stage;

// How many iterations a plan has that ends by their number; 0 for one that ends by time.
std::uint64_t iterations_of(const model::Plan& plan) {
  std::uint64_t all = 0;
  for (const model::Users* users : model::user_pools(plan)) {
    if (users->iterations == 0) {
      return 0;
    }
    all += users->iterations;
  }
  return model::arrival_streams(plan).empty() ? all : 0;
}

std::string clock_text(Duration elapsed) {
  return fmt::format("{:.0f}s", to_seconds(elapsed));
}

// Properties that were not kept are among the reasons of the verdict.
bool tells_progress(std::string_view kind) {
  return kind == "fault" || kind == "action" || kind == "property";
}

}  // namespace

bool load_is_running(Stage stage) {
  return stage == Stage::kWarmup || stage == Stage::kMeasured || stage == Stage::kDrain;
}

void RunSoFar::begin(const model::Plan& plan) {
  plan_name_ = printable(plan.name);
  title_ =
      fmt::format("squall: {}, seed {}, run id {}", plan_name_, plan.seed, printable(plan.run_id));
  warmup_ = plan.load.warmup;
  duration_ = plan.load.duration;
  threads_ = plan.load.threads;
  iterations_ = iterations_of(plan);
  faults_on_ = FaultsOn(plan);
  const bool closed = model::arrival_streams(plan).empty() && !model::user_pools(plan).empty();
  starts_ = closed ? Starts::kIterations : Starts::kArrivals;
  elapsed_ = -warmup_;
}

void RunSoFar::stage(Stage stage, std::string_view detail) {
  stage_ = stage;
  stage_detail_ = printable(detail);
}

void RunSoFar::tick(Duration elapsed, const model::SecondSummary& last_second,
                    const model::Counters& so_far) {
  elapsed_ = elapsed;
  last_ = last_second;
  totals_ = so_far;
}

void RunSoFar::second(const model::SecondSummary& second) {
  last_ = second;
  faults_.resize(std::max(faults_.size(), second.faults.size()));
  for (std::size_t i = 0; i < second.faults.size(); ++i) {
    faults_[i].add(second.faults[i]);
  }
  for (std::size_t i = 0; i < second.classes.size(); ++i) {
    classes_[i] += second.classes[i];
  }
  effect_attempts_ += second.effect_attempts;
  seconds_.push_back(second);
  if (seconds_.size() > kKeptSeconds) {
    seconds_.pop_front();
  }
}

const RunSoFar::Event* RunSoFar::event(const model::RunEvent& event) {
  if (event.kind == "phase") {
    return nullptr;
  }
  const bool is_progress = tells_progress(event.kind);
  warnings_ += is_progress ? 0 : 1;
  events_.push_back({event.at, printable(event.kind), printable(event.text, 500), is_progress});
  if (events_.size() > kKeptEvents) {
    events_.pop_front();
  }
  return &events_.back();
}

std::string event_line(const RunSoFar::Event& event) {
  return fmt::format("{:>6.1f}s  {}: {}", to_seconds(event.at), event.kind, event.text);
}

double RunSoFar::share_done() const {
  if (iterations_ > 0) {
    return static_cast<double>(totals_.started) / static_cast<double>(iterations_);
  }
  const Duration whole = warmup_ + duration_;
  const Duration done = elapsed_ + warmup_;
  return whole > Duration{} ? to_seconds(done) / to_seconds(whole) : 0;
}

std::string RunSoFar::progress_text() const {
  if (!load_is_running(stage_)) {
    return {};
  }
  if (stage_ == Stage::kWarmup) {
    return fmt::format("{} of {}", clock_text(elapsed_ + warmup_), clock_text(warmup_));
  }
  if (stage_ == Stage::kDrain) {
    return clock_text(elapsed_);
  }
  return iterations_ > 0 ? fmt::format("{} of {} iterations", totals_.started, iterations_)
                         : fmt::format("{} of {}", clock_text(elapsed_), clock_text(duration_));
}

std::string RunSoFar::remaining_text() const {
  if (stage_ == Stage::kWarmup) {
    return clock_text(std::max(-elapsed_, Duration{})) + " to t = 0";
  }
  if (stage_ != Stage::kMeasured || iterations_ > 0) {
    return {};
  }
  return clock_text(std::max(duration_ - elapsed_, Duration{})) + " left";
}

std::string RunSoFar::label(const model::SecondSummary& second, double covered) const {
  const auto start = static_cast<double>(second.second);
  const double end = start + covered;
  if (second.second < 0) {
    return fmt::format("warm-up {:.0f}s", start + 1 + to_seconds(warmup_));
  }
  return covered < 1 ? fmt::format("{:.1f}s", end) : fmt::format("{:.0f}s", end);
}

}  // namespace squall::reports
