#include "loadgen/model/selection.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "loadgen/base/check.hpp"

namespace squall::model {
namespace {

std::uint64_t size_of(const stats::Histogram& histogram) {
  return histogram.count() + histogram.overflow();
}

bool chosen_phase(const CellFilter& filter, Phase phase) {
  return !filter.phase || *filter.phase == phase ||
         (*filter.phase == Phase::kMeasured && is_measured(phase));
}

template <class Key>
bool chosen(const RunRecord& record, const CellFilter& filter, const Key& key) {
  if (!chosen_phase(filter, key.phase) || (filter.exposure && *filter.exposure != key.exposure)) {
    return false;
  }
  if (key.step >= record.steps.size()) {
    return filter.step.empty();
  }
  return selects_step(filter.step, record.steps[key.step].name);
}

// Takes the values of `part` out of `whole` and counts them as larger than any.
stats::Histogram with_unbounded(const stats::Histogram& whole, const stats::Histogram& part) {
  std::vector<std::uint64_t> counts(whole.counts().begin(), whole.counts().end());
  std::uint64_t moved = 0;
  const auto taken = part.counts();
  for (std::size_t i = 0; i < std::min(counts.size(), taken.size()); ++i) {
    const std::uint64_t here = std::min<std::uint64_t>(counts[i], taken[i]);
    counts[i] -= here;
    moved += here;
  }
  stats::Histogram result(whole.layout());
  SQUALL_CHECK(result.assign_counts(counts, whole.overflow() + moved));
  return result;
}

const stats::Histogram& span(const AttemptSpans<stats::Histogram>& spans, AttemptSpan which) {
  switch (which) {
    case AttemptSpan::kResponse:
      return spans.response;
    case AttemptSpan::kQueue:
      return spans.queue;
    case AttemptSpan::kService:
      return spans.service;
    case AttemptSpan::kLag:
      return spans.lag;
  }
  return spans.response;
}

}  // namespace

bool selects_step(std::string_view selector, std::string_view full_name) {
  return selector.empty() || full_name == selector ||
         (full_name.size() > selector.size() && full_name.substr(0, selector.size()) == selector &&
          full_name[selector.size()] == '.');
}

std::uint64_t OperationCounts::total() const {
  return std::accumulate(outcomes.begin(), outcomes.end(), std::uint64_t{0});
}

OperationCounts count_operations(const RunRecord& record, const CellFilter& filter) {
  OperationCounts counts;
  for (const auto& [key, histogram] : record.operations) {
    if (chosen(record, filter, key)) {
      counts.outcomes[static_cast<std::size_t>(key.outcome)] += size_of(histogram);
      counts.unanswered += key.censored ? size_of(histogram) : 0;
    }
  }
  const auto attempts = count_attempts(record, filter);
  // A retry or a copy may be dropped too, and its operation may still have been acked.
  counts.dropped = std::min(attempts[static_cast<std::size_t>(AttemptClass::kDropped)] +
                                attempts[static_cast<std::size_t>(AttemptClass::kNoData)],
                            counts.outcomes[static_cast<std::size_t>(OperationOutcome::kNotSent)]);
  counts.unanswered -= std::min(counts.dropped, counts.unanswered);
  return counts;
}

std::array<std::uint64_t, kAttemptClassCount> count_attempts(const RunRecord& record,
                                                             const CellFilter& filter) {
  std::array<std::uint64_t, kAttemptClassCount> counts{};
  for (const auto& [key, spans] : record.attempts) {
    if (chosen(record, filter, key)) {
      counts[static_cast<std::size_t>(key.how)] += size_of(spans.response);
    }
  }
  return counts;
}

stats::Histogram response_of_operations(const RunRecord& record, const CellFilter& filter) {
  stats::Histogram answered(stats::kSpanLayout);
  stats::Histogram not_sent(stats::kSpanLayout);
  for (const auto& [key, histogram] : record.operations) {
    if (chosen(record, filter, key)) {
      stats::Histogram& into = key.outcome == OperationOutcome::kNotSent ? not_sent : answered;
      merge_cell(into, histogram, key.censored);
    }
  }
  // Records of the first versions do not mark what was given up.
  stats::Histogram dropped(stats::kSpanLayout);
  for (const auto& [key, spans] : record.attempts) {
    if (never_started(key.how) && !key.censored && chosen(record, filter, key)) {
      dropped.merge(spans.response);
    }
  }
  answered.merge(with_unbounded(not_sent, dropped));
  return answered;
}

stats::Histogram span_of_attempts(const RunRecord& record, const CellFilter& filter,
                                  AttemptSpan which) {
  stats::Histogram merged(which == AttemptSpan::kLag ? stats::kLagLayout : stats::kSpanLayout);
  for (const auto& [key, spans] : record.attempts) {
    if (chosen(record, filter, key)) {
      merge_cell(merged, span(spans, which), key.censored && which != AttemptSpan::kLag);
    }
  }
  return merged;
}

}  // namespace squall::model
