// The part of a record about a capacity, for both archives of json_archive.hpp.
#pragma once

#include <cstddef>

#include "loadgen/model/capacity.hpp"
#include "loadgen/model/json_archive.hpp"
#include "loadgen/model/json_names.hpp"

namespace squall::model {

inline constexpr std::size_t kStageVerdictCount = 4;
inline constexpr std::size_t kCapacityLimitCount = 5;

template <class Archive>
void describe(Archive& archive, Ref<Archive, CapacityStage> stage) {
  archive.field("rate_per_s", stage.rate.per_second);
  archive.field("started_per_s", stage.started_per_s);
  archive.field("completed_per_s", stage.completed_per_s);
  archive.field("error_rate", stage.error_rate);
  archive.field("response_p50_ns", stage.p50);
  archive.field("response_p99_ns", stage.p99);
  describe_name(archive, "verdict", stage.verdict, kStageVerdictCount);
  archive.field("confirmation", stage.confirmation);
  archive.field("reason", stage.reason);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, Capacity> capacity) {
  archive.field("rate_per_s", capacity.rate.per_second);
  archive.field("upper_per_s", capacity.upper.per_second);
  describe_name(archive, "limit", capacity.limit, kCapacityLimitCount);
  archive.field("confirmed", capacity.confirmed);
  archive.field("conditions", capacity.conditions);
  archive.list("stages", capacity.stages, [](auto& inner, auto& stage) { describe(inner, stage); });
}

}  // namespace squall::model
