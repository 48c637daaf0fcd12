// The seam of actions: what is done to services on the timeline. How to add one: faults/README.md.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/registry.hpp"
#include "loadgen/base/result.hpp"
#include "loadgen/expr/key_spec.hpp"
#include "loadgen/expr/table_reader.hpp"
#include "loadgen/model/service_control.hpp"

namespace squall::model {

// What one occurrence of an action works on. Borrows the services.
struct ActionContext {
  ServiceControl& services;
  std::string action;                  // its name in the plan
  std::vector<std::string> processes;  // labels of the replicas; none for a kind without a service
  bool ends = false;                   // the plan says with `for` when it is undone
};

// One occurrence of an action. Used by one thread.
class ServiceAction {
 public:
  virtual ~ServiceAction() = default;
  // Does it, wholly, and returns when it is done: a restart when the service is ready again. Fails
  // when something of it could not be done.
  [[nodiscard]] virtual Result<void> start(const ActionContext& context) = 0;
  // Puts back what start() did, also after one that failed half-way; what has gone meanwhile is
  // nothing to put back. Called once after each start().
  [[nodiscard]] virtual Result<void> undo(const ActionContext& context) = 0;
};

// An action of a plan, compiled: immutable.
class ActionRecipe {
 public:
  virtual ~ActionRecipe() = default;
  [[nodiscard]] virtual std::unique_ptr<ServiceAction> occurrence() const = 0;
  // What it does, for people, behind the service's name: "SIGKILL", "memory 64MiB".
  [[nodiscard]] virtual std::string text() const = 0;
};

// What an action is, as data, so that no central code names a concrete one.
struct ActionTraits {
  bool needs_service = true;  // a hook has none
  bool lasts = false;         // until it is undone; otherwise it is over once it is done
  bool moves_clock = false;   // its services start with a clock of their own
};

struct ActionKind {
  std::string_view name;              // the `kind` in a plan
  std::string_view summary;           // one line for help and reference
  std::string_view production_cause;  // what in production looks like this
  std::string_view example;           // a complete [[action]] table in TOML for a service "shop"
  ActionTraits traits = {};
  // The keys of its [[action]] table beside the common ones.
  const expr::TableSpec* keys = nullptr;
  // Reads those keys; problems go to the reader's diagnostics. Never returns null.
  std::unique_ptr<ActionRecipe> (*compile)(expr::TableReader& reader) = nullptr;
};

using ActionRegistry = Registry<ActionKind>;

}  // namespace squall::model
namespace squall::faults {
using model::ActionRegistry;
// Generated from the files in faults/process/actions.
void register_actions(ActionRegistry& registry);
}  // namespace squall::faults
