// The [[action]] tables of a plan: what is done to services on the timeline.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "loadgen/base/error.hpp"
#include "loadgen/base/time.hpp"
#include "loadgen/expr/value.hpp"

namespace squall::model {

struct PlannedAction {
  std::string name;
  std::string kind;     // "kill", "stop", "continue", "restart", "exec", "clock"
  std::string service;  // empty: of none (a hook)
  std::optional<std::uint32_t> replica = {};  // from 1; absent: all of the service
  Duration at{};                              // after t = 0
  // When it is undone, after t = 0; absent: when the load is over. Undoing always happens.
  std::optional<Duration> undo_at = {};
  // The keys of its kind, a table with load-time names filled in: `signal`, `command`, `undo`,
  // `offset`…
  expr::Value attributes = {expr::Table{}, {}};
  SourceRef where = {};
};

}  // namespace squall::model
