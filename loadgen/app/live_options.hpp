// Options about what can be seen of a run while it goes on, the same for every command that runs.
#pragma once

#include <string>

namespace CLI {
class App;
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
};

// Adds the group "Live" to a command. Borrows `options`.
void add_live_options(CLI::App& command, LiveOptions& options);

}  // namespace squall::app
