// Records of runs with a fault from 10s to 20s, 30s in all, for tests of detectors that compare
// phases.
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "loadgen/base/rng.hpp"
#include "loadgen/model/detector.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::reports {

// Steps: 0 "buy.charge", 1 "look.page", 2 "look.logo". What is not added is not there.
class PhaseRecord {
 public:
  explicit PhaseRecord(const std::string& detector) : detector_(detector) {
    using namespace std::chrono_literals;
    record.steps = {{"buy.charge", "POST /payments", "shop", true},
                    {"look.page", "GET /", "shop", false},
                    {"look.logo", "GET /logo", "shop", false}};
    record.phase_bounds.cover(10s, 20s);
    record.planned_duration = record.measured_duration = 30s;
    record.detector_settings[detector];
    for (std::int64_t second = 0; second < 30; ++second) {
      model::SecondSummary summary;
      summary.second = second;
      record.seconds.push_back(std::move(summary));
    }
  }

  PhaseRecord& set(const std::string& key, const std::string& value) {
    record.detector_settings[detector_][key] = value;
    return *this;
  }

  // `count` operations that took `microseconds` each, with one attempt each of that class.
  PhaseRecord& operations(std::uint16_t step, model::Phase phase, std::uint64_t count,
                          std::int64_t microseconds,
                          model::AttemptClass how = model::AttemptClass::kSuccess) {
    model::OutcomeFold fold;
    fold.add(how, true);
    record.operations[{step, phase, model::Exposure::kClean, fold.outcome()}].record_n(microseconds,
                                                                                       count);
    auto& spans = record.attempts[{step, phase, model::Exposure::kClean, how}];
    spans.response.record_n(microseconds, count);
    spans.service.record_n(microseconds, count);
    return *this;
  }
  // The same in the seconds [from, to), each of which gets `per_second` operations.
  PhaseRecord& seconds(std::uint16_t step, std::int64_t from, std::int64_t to,
                       std::uint64_t per_second, double error_share, std::int64_t microseconds,
                       model::AttemptClass error = model::AttemptClass::kServerError) {
    for (std::int64_t second = from; second < to; ++second) {
      const model::Phase phase = record.phase_bounds.phase_at(std::chrono::seconds(second));
      const auto errors =
          static_cast<std::uint64_t>(error_share * static_cast<double>(per_second) + 0.5);
      model::SecondSummary& summary = record.seconds[static_cast<std::size_t>(second)];
      summary.counters.due += per_second;
      summary.acked += per_second - errors;
      summary.not_acked += errors;
      summary.steps.push_back(
          {step, phase, per_second - errors, errors, microseconds, microseconds});
      if (per_second > errors) {
        operations(step, phase, per_second - errors, microseconds);
      }
      if (errors > 0) {
        operations(step, phase, errors, microseconds, error);
      }
    }
    return *this;
  }
  // Calls of a proxy in those seconds.
  PhaseRecord& calls(std::int64_t from, std::int64_t to, std::uint64_t per_second,
                     double failed_share, std::int64_t latency_us = 10000) {
    if (record.dependencies.proxies.empty()) {
      record.dependencies.proxies.emplace_back().name = "psp";
    }
    model::DependencyProxy& proxy = record.dependencies.proxies.front();
    for (std::int64_t second = from; second < to; ++second) {
      const auto failed =
          static_cast<std::uint64_t>(failed_share * static_cast<double>(per_second) + 0.5);
      model::DependencySecond one;
      one.second = second;
      one.calls = per_second;
      one.classes[static_cast<std::size_t>(model::AttemptClass::kSuccess)] = per_second - failed;
      one.classes[static_cast<std::size_t>(model::AttemptClass::kServerError)] = failed;
      proxy.seconds.push_back(one);
      model::DependencyPhase& phase =
          proxy.phases[record.phase_bounds.phase_at(std::chrono::seconds(second))];
      phase.calls += per_second;
      phase.faulted += failed;
      phase.latency.record_n(latency_us, per_second);
    }
    return *this;
  }

  [[nodiscard]] std::vector<model::Finding> findings() const {
    model::DetectorRegistry registry;
    register_detectors(registry);
    const model::DetectorKind* kind = registry.find(detector_);
    EXPECT_NE(kind, nullptr) << detector_;
    return kind == nullptr ? std::vector<model::Finding>{} : kind->detect(record);
  }
  // The verdict of the only finding.
  [[nodiscard]] model::Verdict verdict() const {
    const std::vector<model::Finding> all = findings();
    EXPECT_EQ(all.size(), 1U) << detector_;
    if (all.empty()) {
      return model::Verdict::kInvalid;
    }
    EXPECT_FALSE(all[0].summary.empty());
    EXPECT_EQ(all[0].remedies.empty(), all[0].verdict != model::Verdict::kFail);
    return all[0].verdict;
  }

  model::RunRecord record;

 private:
  std::string detector_;
};

}  // namespace squall::reports
