#include "loadgen/plan/fault_window.hpp"

#include <fmt/core.h>

namespace squall::plan {

std::optional<expr::Window> read_fault_window(expr::TableReader& reader, const model::Load& load) {
  const std::optional<expr::Window> window = reader.window("window");
  if (!window || load.duration <= Duration::zero()) {
    return window;
  }
  if (window->from >= load.duration) {
    reader.error(
        "window",
        fmt::format("\"window\" begins at {}, when the load of {} is over: this fault would "
                    "never happen",
                    format_duration(window->from), format_duration(load.duration)));
  } else if (window->to > load.duration) {
    reader.warning(
        "window", fmt::format("\"window\" ends at {}, after the load of {}: the rest has no effect",
                              format_duration(window->to), format_duration(load.duration)));
  }
  return window;
}

Share read_fault_share(expr::TableReader& reader) {
  const Share share = reader.share("share");
  if (reader.has("share") && share.fraction <= 0) {
    reader.error("share",
                 "a fault with a share of 0% never happens; remove the fault or write for "
                 "example \"5%\"");
  }
  return share;
}

}  // namespace squall::plan
