#include "loadgen/run/record_merge.hpp"

#include <algorithm>
#include <iterator>

#include "loadgen/base/check.hpp"
#include "loadgen/run/cell_percentile.hpp"

namespace squall::run {
namespace {

using model::RunRecord;
using model::SecondSummary;

constexpr std::size_t kMaxUnfiredTexts = 20;

void merge_faults(RunRecord& total, const RunRecord& delta) {
  SQUALL_CHECK(delta.faults.empty() || delta.faults.size() == total.faults.size());
  for (std::size_t i = 0; i < delta.faults.size(); ++i) {
    model::RecordedFault& into = total.faults[i];
    into.counts.add(delta.faults[i].counts);
    for (const std::string& text : delta.faults[i].unfired) {
      if (into.unfired.size() < kMaxUnfiredTexts) {
        into.unfired.push_back(text);
      }
    }
  }
}

void merge_unmet(RunRecord& total, const RunRecord& delta) {
  for (const model::UnmetDemand& unmet : delta.unmet) {
    const auto found =
        std::find_if(total.unmet.begin(), total.unmet.end(), [&](const model::UnmetDemand& one) {
          return one.step == unmet.step && one.text == unmet.text;
        });
    if (found != total.unmet.end()) {
      found->attempts += unmet.attempts;
    } else {
      total.unmet.push_back(unmet);
    }
  }
}

void merge_steps(std::vector<model::StepSecond>& into, const std::vector<model::StepSecond>& from) {
  for (const model::StepSecond& one : from) {
    const auto same = std::find_if(into.begin(), into.end(), [&](const model::StepSecond& known) {
      return known.step == one.step && known.phase == one.phase;
    });
    if (same == into.end()) {
      into.push_back(one);
      continue;
    }
    // Percentiles cannot be added up: those of the larger part stand for both, unless the cells of
    // the second tell.
    const bool larger = one.acked + one.not_acked > same->acked + same->not_acked;
    model::StepSecond merged = larger ? one : *same;
    merged.acked = same->acked + one.acked;
    merged.not_acked = same->not_acked + one.not_acked;
    *same = merged;
  }
}

void add_to(model::ProxySecond& into, const model::ProxySecond& from) {
  into.accepted += from.accepted;
  into.refused += from.refused;
  into.dial_failures += from.dial_failures;
  into.open_links += from.open_links;
  into.upstream_bytes += from.upstream_bytes;
  into.downstream_bytes += from.downstream_bytes;
}

bool has_responses(const SecondSummary& second) {
  return second.acked + second.not_acked > 0;
}

// Cells know no phase: those of a step are a phase's when the second has only that one of it.
void set_step_percentiles(SecondSummary& merged) {
  for (model::StepSecond& one : merged.steps) {
    const auto same = std::count_if(merged.steps.begin(), merged.steps.end(),
                                    [&](const auto& other) { return other.step == one.step; });
    std::vector<model::ResponseCells> cells;
    std::copy_if(merged.cells.begin(), merged.cells.end(), std::back_inserter(cells),
                 [&](const auto& other) { return other.step == one.step; });
    if (same == 1 && !cells.empty()) {
      one.response_p50_us = percentile_of_cells(cells, 50);
      one.response_p99_us = percentile_of_cells(cells, 99);
    }
  }
}

// REQUIRES: `merged` has the cells of both, and is otherwise the one with more operations.
void set_percentiles(SecondSummary& merged, const SecondSummary& a, const SecondSummary& b) {
  merged.response_max_us = std::max(a.response_max_us, b.response_max_us);
  merged.lag_p50_ns = std::max(a.lag_p50_ns, b.lag_p50_ns);
  merged.lag_p99_ns = std::max(a.lag_p99_ns, b.lag_p99_ns);
  // Records of older versions have no cells.
  if (has_responses(a) && has_responses(b) && !merged.cells.empty()) {
    merged.response_p50_us = percentile_of_cells(merged.cells, 50);
    merged.response_p90_us = percentile_of_cells(merged.cells, 90);
    merged.response_p99_us = percentile_of_cells(merged.cells, 99);
    set_step_percentiles(merged);
  }
}

void merge_second(SecondSummary& into, const SecondSummary& from) {
  const auto operations = [](const SecondSummary& second) {
    return second.acked + second.not_acked;
  };
  SecondSummary merged = operations(into) >= operations(from) ? into : from;
  merged.counters = into.counters;
  merged.counters.add(from.counters);
  merged.acked = into.acked + from.acked;
  merged.not_acked = into.not_acked + from.not_acked;
  merged.attempts_failed = into.attempts_failed + from.attempts_failed;
  merged.in_flight = into.in_flight + from.in_flight;
  merged.waiting = into.waiting + from.waiting;
  merged.connections = into.connections + from.connections;
  merged.effect_attempts = into.effect_attempts + from.effect_attempts;
  merged.cells = into.cells;
  for (const model::ResponseCells& cells : from.cells) {
    model::merge_cells(merged.cells, cells);
  }
  merged.steps = into.steps;
  merge_steps(merged.steps, from.steps);
  merged.faults = into.faults;
  merged.faults.resize(std::max(into.faults.size(), from.faults.size()));
  for (std::size_t i = 0; i < from.faults.size(); ++i) {
    merged.faults[i].add(from.faults[i]);
  }
  merged.proxies = into.proxies;
  merged.proxies.resize(std::max(into.proxies.size(), from.proxies.size()));
  for (std::size_t i = 0; i < from.proxies.size(); ++i) {
    add_to(merged.proxies[i], from.proxies[i]);
  }
  for (std::size_t i = 0; i < merged.classes.size(); ++i) {
    merged.classes[i] = into.classes[i] + from.classes[i];
  }
  set_percentiles(merged, into, from);
  into = merged;
}

void merge_seconds(RunRecord& total, const RunRecord& delta) {
  for (const SecondSummary& second : delta.seconds) {
    const auto at = std::lower_bound(
        total.seconds.begin(), total.seconds.end(), second.second,
        [](const SecondSummary& s, std::int64_t value) { return s.second < value; });
    if (at != total.seconds.end() && at->second == second.second) {
      merge_second(*at, second);
    } else {
      total.seconds.insert(at, second);
    }
  }
}

}  // namespace

void merge_ending(RunRecord& total, const model::RecordedEnding& ending) {
  auto same = std::find_if(total.endings.begin(), total.endings.end(),
                           [&](const model::RecordedEnding& known) {
                             return known.step == ending.step && known.how == ending.how &&
                                    known.status == ending.status;
                           });
  if (same == total.endings.end()) {
    total.endings.push_back(
        {.step = ending.step, .how = ending.how, .status = ending.status, .examples = {}});
    same = total.endings.end() - 1;
  }
  same->attempts += ending.attempts;
  for (const model::EndingExample& example : ending.examples) {
    if (same->examples.size() < model::kMaxEndingExamples) {
      same->examples.push_back(example);
    }
  }
}

void merge_tls(RunRecord& total, const model::RecordedTls& tls) {
  const auto same =
      std::find_if(total.tls.begin(), total.tls.end(),
                   [&](const model::RecordedTls& known) { return known.target == tls.target; });
  if (same == total.tls.end()) {
    total.tls.push_back(tls);
    return;
  }
  same->insecure = same->insecure || tls.insecure;
  same->use.add(tls.use);
}

// One occurrence of an action is known by its name and the instant that was planned for it.
void merge_timeline(RunRecord& total, const RunRecord& delta) {
  for (const model::RecordedAction& action : delta.timeline) {
    const auto same = std::find_if(
        total.timeline.begin(), total.timeline.end(), [&](const model::RecordedAction& known) {
          return known.kind == action.kind && known.name == action.name &&
                 known.planned_at == action.planned_at;
        });
    if (same == total.timeline.end()) {
      total.timeline.push_back(action);
    } else {
      *same = action;
    }
  }
  if (!delta.proxy_faults.empty()) {
    total.proxy_faults = delta.proxy_faults;
  }
}

void merge_into(RunRecord& total, const RunRecord& delta) {
  for (const auto& [key, spans] : delta.attempts) {
    auto& into = total.attempts[key];
    into.response.merge(spans.response);
    into.queue.merge(spans.queue);
    into.service.merge(spans.service);
    into.lag.merge(spans.lag);
  }
  for (const auto& [key, histogram] : delta.operations) {
    total.operations[key].merge(histogram);
  }
  for (const auto& [key, histogram] : delta.phases) {
    total.phases[key].merge(histogram);
  }
  total.totals.add(delta.totals);
  for (std::size_t i = 0; i < total.plan_digest.size(); ++i) {
    total.plan_digest[i] += delta.plan_digest[i];
  }
  merge_faults(total, delta);
  for (const model::RecordedTls& tls : delta.tls) {
    merge_tls(total, tls);
  }
  for (const model::RecordedEnding& ending : delta.endings) {
    merge_ending(total, ending);
  }
  merge_unmet(total, delta);
  merge_seconds(total, delta);
  merge_timeline(total, delta);
  // Both are known whole at the end of the load: the newest says it all.
  if (!delta.dependencies.proxies.empty()) {
    total.dependencies = delta.dependencies;
  }
  if (!delta.probes.empty()) {
    total.probes = delta.probes;
  }
  total.events.insert(total.events.end(), delta.events.begin(), delta.events.end());
  total.breaches.insert(total.breaches.end(), delta.breaches.begin(), delta.breaches.end());
}

}  // namespace squall::run
