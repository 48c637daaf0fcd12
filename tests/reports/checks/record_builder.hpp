// Small records for tests of checks: cells with a known number of equal values.
#pragma once

#include <string_view>

#include <gtest/gtest.h>

#include "loadgen/expr/condition.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::reports {

inline expr::Condition condition(std::string_view text) {
  auto parsed = expr::parse_condition(text);
  if (!parsed) {
    ADD_FAILURE() << text << ": " << to_string(parsed.error());
    return {};
  }
  return *parsed;
}

// buy.browse is step 0, buy.charge step 1, buyer.look step 2; ten measured seconds after two of
// warm-up.
class RecordBuilder {
 public:
  RecordBuilder() {
    using namespace std::chrono_literals;
    record.steps = {{"buy.browse", "GET /", "shop", false},
                    {"buy.charge", "POST /payments", "shop", true},
                    {"buyer.look", "GET /", "shop", false}};
    record.warmup = 2s;
    record.planned_duration = 10s;
    record.measured_duration = 10s;
    record.totals.bytes_received = 1;
  }

  RecordBuilder& operations(model::OperationKey key, std::uint64_t count,
                            std::int64_t microseconds) {
    record.operations.try_emplace(key, stats::Histogram(stats::kSpanLayout))
        .first->second.record_n(microseconds, count);
    return *this;
  }
  RecordBuilder& acked(std::uint16_t step, std::uint64_t count, std::int64_t microseconds) {
    return operations(
        {step, model::Phase::kMeasured, model::Exposure::kClean, model::OperationOutcome::kAcked},
        count, microseconds);
  }
  RecordBuilder& attempts(std::uint16_t step, model::AttemptClass how, std::uint64_t count,
                          std::int64_t microseconds) {
    auto& spans = record.attempts[{step, model::Phase::kMeasured, model::Exposure::kClean, how}];
    spans.response.record_n(microseconds, count);
    if (how != model::AttemptClass::kDropped) {
      spans.queue.record_n(microseconds / 10, count);
      spans.service.record_n(microseconds - microseconds / 10, count);
      spans.lag.record_n(microseconds, count);  // a nanosecond for each microsecond
    }
    return *this;
  }
  // Arrivals that were given up after `waited`.
  RecordBuilder& dropped(std::uint16_t step, std::uint64_t count, std::int64_t waited) {
    attempts(step, model::AttemptClass::kDropped, count, waited);
    return operations(
        {step, model::Phase::kMeasured, model::Exposure::kClean, model::OperationOutcome::kNotSent},
        count, waited);
  }
  RecordBuilder& second(std::int64_t second, std::uint64_t acked_count, std::uint64_t not_acked) {
    model::SecondSummary summary;
    summary.second = second;
    summary.acked = acked_count;
    summary.not_acked = not_acked;
    summary.counters.completed = acked_count + not_acked;
    record.seconds.push_back(summary);
    return *this;
  }
  // Counts by verdict: ok, lost, duplicate, phantom, undecided.
  RecordBuilder& effects(std::array<std::uint64_t, model::kEffectVerdictCount> verdicts) {
    record.effects.counted = true;
    model::EffectCounts counts;
    counts.step = "buy.charge";
    counts.verdicts = verdicts;
    for (const std::uint64_t count : verdicts) {
      counts.operations += count;
    }
    record.effects.steps = {counts};
    record.effects.oracles = {{"ledger", "http", 0, counts.operations, Duration(1), true, 0, ""}};
    return *this;
  }
  RecordBuilder& breach(double from_second, bool voids_effects = false) {
    record.breaches.push_back({"lag p99 was 14ms", from_second, voids_effects});
    return *this;
  }
  RecordBuilder& fault(model::FaultCounts counts) {
    record.faults.push_back({"twins", "duplicate", {"buy.charge"}, "2 copies", counts, {}});
    return *this;
  }

  model::RunRecord record;
};

}  // namespace squall::reports
