// Actions that run a program of the plan's, for whoever checks a plan without running it.
#pragma once

#include <string>

#include "loadgen/model/action_kind.hpp"

namespace squall::model {

// A recipe that runs a command. Immutable.
class CommandRecipe : public ActionRecipe {
 public:
  // As written in the plan; empty when it names none, which was reported. Valid as long as this.
  [[nodiscard]] virtual const std::string& program() const = 0;
};

}  // namespace squall::model
