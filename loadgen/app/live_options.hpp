// Options about what can be seen of a run while it goes on, the same for every command that runs.
#pragma once

#include <string>
#include <vector>

#include "loadgen/base/result.hpp"

namespace CLI {
class App;
}

namespace squall::model {
struct Plan;
}

namespace squall::app {

// How a run is shown on stderr. What the terminal is too small or too simple for becomes the next
// one that it can show: full, panel, lines. --quiet goes before all of them.
enum class Shown {
  kAuto,   // the whole screen if it is large enough
  kFull,   // the whole screen
  kPanel,  // a few lines, redrawn in place
  kLines,  // plain lines
  kOff,    // nothing but what went wrong
};

// What a run says on stdout.
enum class Output {
  kText,  // its summary
  kJson,  // lines of JSON (NDJSON), the last of which has the verdict
};

struct LiveOptions {
  Shown shown = Shown::kAuto;
  Output output = Output::kText;
  std::string metrics = {};    // where Prometheus scrapes; empty: nowhere
  std::string dashboard = {};  // where a browser finds the page of the run; empty: nowhere
  std::string otlp = {};       // the collector that operations and figures go to; empty: none
};

// Adds the group "Live" to a command. Borrows `options`.
void add_live_options(CLI::App& command, LiveOptions& options);
// Adds --otlp to it, for commands that make a load. Borrows `options`.
void add_otlp_option(CLI::App& command, LiveOptions& options);
// What a plan's load has to do for the views, as values for PlanOptions::set.
[[nodiscard]] std::vector<std::string> settings_for(const LiveOptions& options);
// kInvalidArgument when something would go to a host that is neither loopback nor allowed.
[[nodiscard]] Result<void> check_hosts(const LiveOptions& options, const model::Plan& plan);

}  // namespace squall::app
