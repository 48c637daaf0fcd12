// Signals as people write them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace squall::model {

// "SIGTERM" or "TERM" to 15. Nothing for an unknown one.
[[nodiscard]] std::optional<int> signal_named(std::string_view name);
// "SIGTERM"; the number for one without a name.
[[nodiscard]] std::string signal_name(int signal);

}  // namespace squall::model
