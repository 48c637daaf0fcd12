// The part of a record about a skew sweep, for both archives of json_archive.hpp.
#pragma once

#include <cstddef>

#include "loadgen/model/json_archive.hpp"
#include "loadgen/model/json_names.hpp"
#include "loadgen/model/skew.hpp"

namespace squall::model {

inline constexpr std::size_t kSkewEdgeKindCount = 4;

template <class Archive>
void describe(Archive& archive, Ref<Archive, SkewPoint> point) {
  archive.field("offset_ns", point.offset);
  archive.field("accepted", point.accepted);
  archive.field("refused", point.refused);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, SkewEdge> edge) {
  describe_name(archive, "kind", edge.kind, kSkewEdgeKindCount);
  archive.field("accepted_ns", edge.accepted);
  archive.field("refused_ns", edge.refused);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, SkewSweep> sweep) {
  archive.always("step", sweep.step);
  archive.field("to_ns", sweep.to);
  archive.field("resolution_ns", sweep.resolution);
  archive.field("declares_window", sweep.declares_window);
  archive.field("window_ns", sweep.window);
  archive.field("leeway_ns", sweep.leeway);
  archive.field("declares_ahead", sweep.declares_ahead);
  archive.field("ahead_ns", sweep.ahead);
  archive.object("past", [&](auto& inner) { describe(inner, sweep.past); });
  archive.object("future", [&](auto& inner) { describe(inner, sweep.future); });
  archive.field("clock_known", sweep.clock_known);
  archive.field("clock_least_ns", sweep.clock_least);
  archive.field("clock_most_ns", sweep.clock_most);
  archive.field("clock_text", sweep.clock_text);
  archive.field("requests", sweep.requests);
  archive.field("problem", sweep.problem);
  archive.list("points", sweep.points, [](auto& inner, auto& point) { describe(inner, point); });
}

}  // namespace squall::model
