// The parts of a record that are kept beside the load's own figures, for both archives of
// json_archive.hpp.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>

#include <fmt/core.h>

#include "loadgen/model/dependency_view.hpp"
#include "loadgen/model/json_archive.hpp"
#include "loadgen/model/json_names.hpp"
#include "loadgen/model/observation.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::model {

template <class Archive>
void describe(Archive& archive, Ref<Archive, PhaseBounds> bounds) {
  archive.field("fault_from_ns", bounds.fault_from);
  archive.field("fault_to_ns", bounds.fault_to);
  if constexpr (Archive::kReads) {
    bounds.split = true;
  }
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, RecoverySettings> settings) {
  constexpr double kPpm = 1e6;
  auto within = static_cast<std::uint32_t>(std::lround(settings.within * kPpm));
  Duration slack = settings.slack;
  bool error_rate = settings.error_rate;
  bool response = settings.response_p99;
  bool rate = settings.rate;
  archive.always("within_ppm", within);
  archive.field("slack_ns", slack);
  archive.always("error_rate", error_rate);
  archive.always("response_p99", response);
  archive.always("rate", rate);
  if constexpr (Archive::kReads) {
    settings = {static_cast<double>(within) / kPpm, slack, error_rate, response, rate};
  }
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, StepSecond> second) {
  describe_step(archive, second.step);
  describe_name(archive, "phase", second.phase, kPhaseCount);
  archive.field("acked", second.acked);
  archive.field("not_acked", second.not_acked);
  archive.maybe("response_p50_us", second.response_p50_us);
  archive.maybe("response_p99_us", second.response_p99_us);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, ProbeAnswer> answer) {
  archive.field("at_ns", answer.at);
  archive.field("status", answer.status);
  archive.field("took_ns", answer.took);
  archive.sparse("problem", answer.problem);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, RecordedProbe> probe) {
  archive.field("name", probe.name);
  archive.field("request", probe.request);
  archive.field("every_ns", probe.every);
  archive.field("timeout_ns", probe.timeout);
  archive.list("answers", probe.answers,
               [](auto& inner, auto& answer) { describe(inner, answer); });
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, DependencySecond> second) {
  archive.field("second", second.second);
  archive.field("calls", second.calls);
  archive.field("arrived", second.arrived);
  archive.field("executed", second.executed);
  describe_counts<AttemptClass>(archive, "classes", second.classes);
  archive.maybe("latency_p50_us", second.latency_p50_us);
  archive.maybe("latency_p99_us", second.latency_p99_us);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, Phase> key, Ref<Archive, DependencyPhase> phase) {
  describe_name(archive, "phase", key, kPhaseCount);
  archive.field("calls", phase.calls);
  archive.field("arrived", phase.arrived);
  archive.field("executed", phase.executed);
  archive.field("faulted", phase.faulted);
  describe_counts<AttemptClass>(archive, "classes", phase.classes);
  archive.histogram("latency", phase.latency, JsonUnit::kMicroseconds);
  archive.object("traces", [&](auto& inner) {
    for (std::size_t i = 0; i < phase.traces.size(); ++i) {
      inner.sparse(fmt::format("calls_{}", i + 1), phase.traces.at(i));
    }
  });
  for (std::size_t i = 0; i < phase.gaps.size(); ++i) {
    auto& gap = phase.gaps.at(i);
    archive.optional_object(fmt::format("gap_{}", i + 1), !gap.empty(), [&](auto& inner) {
      inner.histogram("time", gap, JsonUnit::kMicroseconds);
    });
  }
  archive.field("overlapping", phase.overlapping);
  archive.field("nested", phase.nested);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, DependencyProxy> proxy) {
  archive.field("name", proxy.name);
  archive.map("phases", proxy.phases,
              [](auto& inner, auto& key, auto& phase) { describe(inner, key, phase); });
  archive.list("seconds", proxy.seconds,
               [](auto& inner, auto& second) { describe(inner, second); });
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, DependencyView> view) {
  archive.list("proxies", view.proxies, [](auto& inner, auto& proxy) { describe(inner, proxy); });
  archive.field("lost", view.lost);
}

// What a plan says about judging: left out where it says nothing.
template <class Archive>
void describe_settings(Archive& archive, Ref<Archive, RunRecord> record) {
  archive.optional_object("recovery", record.recovery != RecoverySettings{},
                          [&](auto& inner) { describe(inner, record.recovery); });
  archive.optional_map("detector_settings", record.detector_settings,
                       [](auto& inner, auto& detector, auto& values) {
                         inner.always("detector", detector);
                         inner.map("values", values, [](auto& entry, auto& key, auto& value) {
                           entry.always("key", key);
                           entry.always("value", value);
                         });
                       });
}

}  // namespace squall::model
