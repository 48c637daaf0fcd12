// Comparisons, for both archives of json_archive.hpp.
#pragma once

#include "loadgen/model/comparison.hpp"
#include "loadgen/model/json_archive.hpp"
#include "loadgen/model/json_names.hpp"

namespace squall::model {

template <class Archive>
void describe(Archive& archive, Ref<Archive, MetricComparison> metric) {
  archive.always("metric", metric.metric);
  archive.field("step", metric.step);
  archive.field("exposure", metric.exposure);
  describe_name(archive, "scale", metric.scale, kComparisonScaleCount);
  archive.always("measured", metric.measured);
  archive.field("base", metric.base);
  archive.field("candidate", metric.candidate);
  archive.field("difference", metric.difference);
  archive.field("low", metric.low);
  archive.field("high", metric.high);
  archive.field("tolerance", metric.tolerance);
  archive.field("noise_floor", metric.noise_floor);
  archive.field("p_value", metric.p_value);
  describe_name(archive, "verdict", metric.verdict, kComparisonVerdictCount);
  archive.field("note", metric.note);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, ComparisonReport> report) {
  describe_name(archive, "method", report.method, kComparisonMethodCount);
  archive.field("base", report.base);
  archive.field("candidate", report.candidate);
  archive.field("rounds", report.rounds);
  archive.field("noise_rounds", report.noise_rounds);
  describe_name(archive, "verdict", report.verdict, kComparisonVerdictCount);
  archive.list("metrics", report.metrics, [](auto& inner, auto& item) { describe(inner, item); });
  archive.field("notes", report.notes);
}

}  // namespace squall::model
