#include "loadgen/engine/recorder.hpp"

#include <algorithm>
#include <utility>

namespace squall::engine {
namespace {

constexpr std::size_t kPhases = model::kPhaseCount;
constexpr std::size_t kExposures = 2;
constexpr std::size_t kEndings = 2;  // ended, censored

template <class Key>
std::size_t cell_index(const Key& key, std::size_t step_count, std::size_t kind,
                       std::size_t kinds) {
  const std::size_t step = std::min<std::size_t>(key.step, step_count);
  const std::size_t row = (step * kPhases + static_cast<std::size_t>(key.phase)) * kExposures +
                          static_cast<std::size_t>(key.exposure);
  return (row * kEndings + (key.censored ? 1 : 0)) * kinds + kind;
}

std::int64_t microseconds_of(Duration duration) {
  // Rounded, so that the error of one sample is at most half a microsecond either way.
  return (duration.count() + 500) / 1000;
}

}  // namespace

Recorder::Recorder(const model::Plan& plan, unsigned worker)
    : step_count_(plan.steps.size()),
      lag_limit_(plan.limits.lag_p99),
      fault_count_(plan.faults.size()),
      worker_(worker) {
  const std::size_t rows = (step_count_ + 1) * kPhases * kExposures * kEndings;
  attempt_cells_.resize(rows * model::kAttemptClassCount);
  operation_cells_.resize(rows * model::kOperationOutcomeCount);
  start_slice(0);
}

void Recorder::start_slice(std::int64_t second) {
  slice_ = std::make_unique<model::WorkerSlice>();
  slice_->worker = worker_;
  slice_->second = second;
  slice_->faults.resize(fault_count_);
  last_place_ = nullptr;
  std::fill(attempt_cells_.begin(), attempt_cells_.end(), nullptr);
  std::fill(operation_cells_.begin(), operation_cells_.end(), nullptr);
}

std::unique_ptr<model::WorkerSlice> Recorder::turn_over(std::int64_t next_second) {
  std::unique_ptr<model::WorkerSlice> ended = std::move(slice_);
  start_slice(next_second);
  return ended;
}

Recorder::Spans& Recorder::attempt_cell(model::AttemptKey key) {
  Spans*& cell = attempt_cells_[cell_index(key, step_count_, static_cast<std::size_t>(key.how),
                                           model::kAttemptClassCount)];
  if (cell == nullptr) {
    if (slice_->attempts.size() >= kMaxCells) {
      key.step = model::kOverflowStep;
    }
    auto& owned = slice_->attempts[key];
    if (!owned) {
      owned = std::make_unique<Spans>();
    }
    cell = owned.get();
  }
  return *cell;
}

stats::IntervalHistogram& Recorder::operation_cell(model::OperationKey key) {
  stats::IntervalHistogram*& cell = operation_cells_[cell_index(
      key, step_count_, static_cast<std::size_t>(key.outcome), model::kOperationOutcomeCount)];
  if (cell == nullptr) {
    if (slice_->operations.size() >= kMaxCells) {
      key.step = model::kOverflowStep;
    }
    auto& owned = slice_->operations[key];
    if (!owned) {
      owned = std::make_unique<stats::IntervalHistogram>(stats::kSpanLayout);
    }
    cell = owned.get();
  }
  return *cell;
}

void Recorder::taken_up(Duration due, Duration lag) {
  slice_->lag.record(lag.count());
  const std::int64_t second = std::chrono::floor<std::chrono::seconds>(due).count();
  // Nearly always the newest: take-ups are due one after the other.
  std::vector<model::Lateness>& all = slice_->lateness;
  auto found = std::find_if(all.rbegin(), all.rend(),
                            [&](const model::Lateness& one) { return one.second == second; });
  if (found == all.rend()) {
    all.push_back({.second = second});
    found = all.rbegin();
  }
  ++found->starts;
  found->late += lag > lag_limit_ ? 1U : 0U;
  found->worst_ns = std::max(found->worst_ns, std::int64_t{lag.count()});
}

void Recorder::attempt(const model::AttemptKey& key, const AttemptTimes& times) {
  Spans& spans = attempt_cell(key);
  spans.response.record(microseconds_of(times.end - times.intended));
  if (times.taken_up == TimePoint{}) {
    return;
  }
  spans.lag.record((times.taken_up - std::max(times.intended, times.ready)).count());
  if (times.first_byte_sent == TimePoint{}) {
    if (key.censored) {
      spans.queue.record(microseconds_of(times.end - times.taken_up));
    }
    return;
  }
  spans.queue.record(microseconds_of(times.first_byte_sent - times.taken_up));
  spans.service.record(microseconds_of(times.end - times.first_byte_sent));
}

void Recorder::operation(const model::OperationKey& key, Duration response) {
  operation_cell(key).record(microseconds_of(response));
}

void Recorder::ended(const model::EndingKey& key) {
  if (last_place_ == nullptr || key != last_ending_) {
    last_place_ = &slice_->endings[key];
    last_ending_ = key;
  }
  ++last_place_->attempts;
}

bool Recorder::wants_example(const model::EndingKey& key) const {
  if (key.how == model::AttemptClass::kSuccess) {
    return false;
  }
  const auto kept = examples_kept_.find(key);
  return kept == examples_kept_.end() || kept->second < model::kMaxEndingExamples;
}

void Recorder::example(const model::EndingKey& key, model::EndingExample example) {
  ++examples_kept_[key];
  slice_->endings[key].examples.push_back(std::move(example));
}

void Recorder::phases(std::uint16_t step, model::Phase phase, const PhaseSpans& phases) {
  for (std::size_t i = 0; i < phases.span.size(); ++i) {
    if (phases.span.at(i) < Duration::zero()) {
      continue;
    }
    const bool room = slice_->phases.size() < kMaxCells;
    const model::PhaseKey key{room ? step : model::kOverflowStep, phase,
                              static_cast<model::TransferPhase>(i)};
    auto& cell = slice_->phases[key];
    if (!cell) {
      cell = std::make_unique<stats::IntervalHistogram>(stats::kSpanLayout);
    }
    cell->record(microseconds_of(phases.span.at(i)));
  }
}

void Recorder::unfired(model::UnfiredFault fault) {
  if (unfired_kept_ < kMaxUnfired) {
    ++unfired_kept_;
    slice_->unfired.push_back(std::move(fault));
  }
}

}  // namespace squall::engine
