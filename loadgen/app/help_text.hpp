// How help shows options.
#pragma once

#include <memory>
#include <string>

namespace CLI {
class FormatterBase;
class Option;
}  // namespace CLI

namespace squall::app {

// What stands for an option's value: "TIME", "auto|spin|timer", "1..1024", "N"; empty for a flag.
[[nodiscard]] std::string value_label(const CLI::Option& option);

// CLI11's own one shows the names of C++ types, of checks, and every exclusion.
[[nodiscard]] std::shared_ptr<CLI::FormatterBase> help_formatter();

}  // namespace squall::app
