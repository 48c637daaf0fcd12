// The commands that compare runs, for the command tree, and how they say what came of it.
#pragma once

#include <string>

#include "loadgen/app/cli.hpp"
#include "loadgen/model/comparison.hpp"

namespace squall::app {

void add_compare_command(CLI::App& tree, Cli& cli);
void add_ab_command(CLI::App& tree, Cli& cli);

enum class ComparisonColor { kAuto, kNever };
// As stdout wants it: its sentence, then the table.
[[nodiscard]] std::string terminal_document(const model::ComparisonReport& report,
                                            ComparisonColor color);
// The same for people who read Markdown.
[[nodiscard]] std::string markdown_document(const model::ComparisonReport& report);

}  // namespace squall::app
