// The [[action]] tables of a plan: what is done to services on the timeline.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loadgen/base/error.hpp"
#include "loadgen/base/time.hpp"
#include "loadgen/model/action_kind.hpp"

namespace squall::model {

enum class ReplicaOrder : std::uint8_t { kTogether, kOneAtATime };

// One occurrence of an [[action]].
struct PlannedAction {
  std::string name;
  unsigned occurrence = 1;  // of those that `at` or `every` ask for; from 1
  const ActionKind* kind = nullptr;
  std::shared_ptr<const ActionRecipe> recipe;
  std::string service;                 // empty: of none (a hook)
  std::vector<std::string> processes;  // labels of the replicas that it touches
  ReplicaOrder order = ReplicaOrder::kTogether;
  Duration between{};  // kOneAtATime: from one replica to the next
  Duration at{};       // after t = 0
  // For how long; absent: until the load is over. One at a time: each replica for that long.
  std::optional<Duration> lasts = {};
  std::optional<HookCommand> undo = {};  // the plan's own, run last
  SourceRef where = {};

  // "restart of shop, one at a time" for events and reports.
  [[nodiscard]] std::string text() const;
};

}  // namespace squall::model
