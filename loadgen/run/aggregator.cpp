#include "loadgen/run/aggregator.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/core.h>

#include "loadgen/run/record_merge.hpp"

namespace squall::run {
namespace {

using model::AttemptClass;
using model::SecondSummary;
using model::WorkerSlice;

void set_percentiles(SecondSummary& summary, const stats::Histogram& response,
                     const stats::Histogram& lag) {
  if (!response.empty()) {
    summary.response_p50_us = response.value_at_percentile(50);
    summary.response_p90_us = response.value_at_percentile(90);
    summary.response_p99_us = response.value_at_percentile(99);
    summary.response_max_us = response.max();
  }
  if (lag.count() > 0) {
    summary.lag_p50_ns = lag.value_at_percentile(50);
    summary.lag_p99_ns = lag.value_at_percentile(99);
  }
}

// Cells of one step and phase stand together: the key begins with them.
std::vector<model::StepSecond> steps_of(
    const std::map<model::OperationKey, stats::Histogram>& operations) {
  std::vector<model::StepSecond> steps;
  for (auto cell = operations.begin(); cell != operations.end();) {
    model::StepSecond one{.step = cell->first.step, .phase = cell->first.phase};
    stats::Histogram response(stats::kSpanLayout);
    for (;
         cell != operations.end() && cell->first.step == one.step && cell->first.phase == one.phase;
         ++cell) {
      const auto& [key, histogram] = *cell;
      const std::uint64_t count = histogram.count() + histogram.overflow();
      (key.outcome == model::OperationOutcome::kAcked ? one.acked : one.not_acked) += count;
      model::merge_cell(response, histogram, key.censored);
    }
    if (!response.empty() && one.step != model::kOverflowStep) {
      one.response_p50_us = response.value_at_percentile(50);
      one.response_p99_us = response.value_at_percentile(99);
      steps.push_back(one);
    }
  }
  return steps;
}

std::vector<model::ResponseCells> cells_of(
    const std::map<model::OperationKey, stats::Histogram>& operations) {
  std::vector<model::ResponseCells> all;
  for (const auto& [key, histogram] : operations) {
    model::ResponseCells one{.step = key.step, .exposure = key.exposure, .counts = {}};
    model::add_to_cells(one, histogram, key.censored);
    model::merge_cells(all, one);
  }
  return all;
}

void add_to(std::vector<model::Lateness>& all, const model::Lateness& one) {
  const auto same = std::find_if(all.begin(), all.end(), [&](const model::Lateness& known) {
    return known.second == one.second;
  });
  if (same == all.end()) {
    all.push_back(one);
    return;
  }
  same->starts += one.starts;
  same->late += one.late;
  same->worst_ns = std::max(same->worst_ns, one.worst_ns);
}

template <class Into, class From>
void move_all(std::vector<Into>& into, std::vector<From>& from) {
  into.insert(into.end(), std::make_move_iterator(from.begin()),
              std::make_move_iterator(from.end()));
}

}  // namespace

Aggregator::Aggregator(const model::Plan& plan, unsigned workers)
    : plan_(plan), delivered_(workers, std::numeric_limits<std::int64_t>::min()) {}

void Aggregator::take(std::unique_ptr<WorkerSlice> slice) {
  {
    const std::lock_guard lock(mutex_);
    inbox_.push_back(std::move(slice));
  }
  arrived_.notify_one();
}

void Aggregator::wait(Duration timeout) {
  std::unique_lock lock(mutex_);
  arrived_.wait_for(lock, timeout, [this] { return !inbox_.empty(); });
}

std::vector<RunSecond> Aggregator::collect(Which which) {
  std::vector<std::unique_ptr<WorkerSlice>> arrived;
  {
    const std::lock_guard lock(mutex_);
    arrived.swap(inbox_);
  }
  for (const auto& slice : arrived) {
    add(*slice);
  }
  const std::int64_t complete = *std::min_element(delivered_.begin(), delivered_.end());
  std::vector<RunSecond> seconds;
  while (!pending_.empty() && (which == Which::kAll || pending_.begin()->first <= complete)) {
    seconds.push_back(close(std::move(pending_.begin()->second)));
    pending_.erase(pending_.begin());
  }
  return seconds;
}

void Aggregator::add(WorkerSlice& slice) {
  delivered_[slice.worker] = slice.last ? std::numeric_limits<std::int64_t>::max()
                                        : std::max(delivered_[slice.worker], slice.second);
  Pending& pending = pending_[slice.second];
  model::RunRecord& delta = pending.second.delta;
  if (delta.seconds.empty()) {
    SecondSummary summary;
    summary.second = slice.second;
    summary.faults.resize(plan_.faults.size());
    delta.seconds.push_back(std::move(summary));
    delta.faults.resize(plan_.faults.size());
  }
  SecondSummary& summary = delta.seconds.front();
  summary.counters.add(slice.counters);
  summary.in_flight += slice.in_flight;
  summary.waiting += slice.waiting;
  summary.connections += slice.connections;
  summary.effect_attempts += slice.effect_attempts.size();
  delta.totals.add(slice.counters);
  for (std::size_t i = 0; i < delta.plan_digest.size(); ++i) {
    delta.plan_digest[i] += slice.digest[i];
  }
  add_samples(pending, slice);
  add_faults(pending, slice);
  add_tls(delta, slice);
  for (const model::Lateness& one : slice.lateness) {
    add_to(pending.second.lateness, one);
  }
  add_endings(delta, slice);
  add_unmet(pending, slice);
  move_all(pending.second.effect_attempts, slice.effect_attempts);
  move_all(pending.second.effect_operations, slice.effect_operations);
  move_all(pending.second.history, slice.history);
  move_all(pending.second.spans, slice.spans);
}

void Aggregator::add_samples(Pending& pending, const WorkerSlice& slice) {
  model::RunRecord& delta = pending.second.delta;
  SecondSummary& summary = delta.seconds.front();
  for (const auto& [key, spans] : slice.attempts) {
    const std::uint64_t count = spans->response.count() + spans->response.overflow();
    summary.classes[static_cast<std::size_t>(key.how)] += count;
    if (key.how != AttemptClass::kSuccess) {
      summary.attempts_failed += count;
    }
  }
  pending.lag.merge(slice.lag);
  for (const auto& [key, histogram] : slice.operations) {
    const std::uint64_t count = histogram->count() + histogram->overflow();
    (key.outcome == model::OperationOutcome::kAcked ? summary.acked : summary.not_acked) += count;
    model::merge_cell(pending.response, *histogram, key.censored);
  }
  model::merge_attempts(delta.attempts, slice);
  model::merge_operations(delta.operations, slice);
  model::merge_phases(delta.phases, slice);
}

void Aggregator::add_endings(model::RunRecord& delta, const WorkerSlice& slice) const {
  for (const auto& [key, ending] : slice.endings) {
    merge_ending(delta, {.step = plan_.steps[key.step].full_name,
                         .how = key.how,
                         .status = key.status,
                         .attempts = ending.attempts,
                         .examples = ending.examples});
  }
}

void Aggregator::add_unmet(Pending& pending, const WorkerSlice& slice) {
  std::vector<model::UnmetDemand>& all = pending.second.delta.unmet;
  for (const auto& [place, attempts] : slice.unmet) {
    const model::Step& step = plan_.steps[place.first];
    const std::string text = model::redact(step.demands().at(place.second), plan_.secrets);
    const auto found = std::find_if(all.begin(), all.end(), [&](const model::UnmetDemand& one) {
      return one.step == step.full_name && one.text == text;
    });
    if (found != all.end()) {
      found->attempts += attempts;
    } else {
      all.push_back({.step = step.full_name, .text = text, .attempts = attempts});
    }
  }
}

void Aggregator::add_faults(Pending& pending, const WorkerSlice& slice) {
  model::RunRecord& delta = pending.second.delta;
  SecondSummary& summary = delta.seconds.front();
  for (std::size_t i = 0; i < slice.faults.size(); ++i) {
    delta.faults[i].counts.add(slice.faults[i]);
    summary.faults[i].add(slice.faults[i]);
  }
  for (const model::UnfiredFault& unfired : slice.unfired) {
    delta.faults[unfired.fault].unfired.push_back(fmt::format(
        "{} arrival {}: {}", plan_.steps[unfired.step].full_name, unfired.arrival, unfired.reason));
  }
}

void Aggregator::add_tls(model::RunRecord& delta, const WorkerSlice& slice) const {
  for (std::size_t i = 0; i < slice.tls.size(); ++i) {
    if (slice.tls[i].handshakes > 0) {
      merge_tls(delta, {plan_.targets[i].name, false, slice.tls[i]});
    }
  }
}

RunSecond Aggregator::close(Pending pending) const {
  model::RunRecord& delta = pending.second.delta;
  set_percentiles(delta.seconds.front(), pending.response, pending.lag);
  delta.seconds.front().cells = cells_of(delta.operations);
  if (plan_.phases.split) {
    delta.seconds.front().steps = steps_of(delta.operations);
  }
  return std::move(pending.second);
}

}  // namespace squall::run
