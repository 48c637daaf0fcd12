// The options of commands that compare runs.
#pragma once

#include <string>
#include <vector>

#include "loadgen/model/comparison.hpp"
#include "loadgen/model/run_record.hpp"

namespace CLI {
class App;
}

namespace squall::app {

// As typed. A value.
struct ComparisonOptions {
  std::vector<std::string> tolerances;  // "response=5%", checked
  std::vector<std::string> metrics;     // checked
};

void add_comparison_options(CLI::App& command, ComparisonOptions& options);

// `settings` with what was typed in place of what it says.
[[nodiscard]] model::ComparisonSettings with_options(model::ComparisonSettings settings,
                                                     const ComparisonOptions& options);

// 6 when worse; 7 with `strict` when inconclusive; else 0.
[[nodiscard]] model::ExitCode exit_code_of(model::ComparisonVerdict verdict, bool strict);

}  // namespace squall::app
