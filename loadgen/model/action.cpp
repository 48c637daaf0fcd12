#include "loadgen/model/action.hpp"

#include <fmt/core.h>

namespace squall::model {

std::string PlannedAction::text() const {
  std::string touched;
  for (const std::string& process : processes) {
    touched += (touched.empty() ? " " : ", ") + process;
  }
  const std::string how = recipe->text();
  return fmt::format("{}{}{}{}{}", kind->name, touched, how.empty() ? "" : ": ", how,
                     order == ReplicaOrder::kOneAtATime ? ", one at a time" : "");
}

}  // namespace squall::model
