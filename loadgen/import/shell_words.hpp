// A command line as a shell takes it apart. Nothing is run and no file is looked at.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/import/plan_text.hpp"

namespace squall::import {

struct ShellWord {
  std::string text;  // $NAME and ${NAME} between kVariableMark
  SourceRef where;   // of its first byte; no file
};

struct ShellCommand {
  std::vector<ShellWord> words;
};

struct ShellText {
  std::vector<ShellCommand> commands;  // separated by line breaks, ; & && ||; none is empty
  std::vector<std::string> left_out;   // what a shell would have done beside: pipes, redirections
};

// Quotes '…', "…", $'…' and $"…", backslashes, continued lines, comments, variables. Fails with
// kMalformed and the line and column of the opening quote when one is not closed, and for what
// would have to be run to be known: $(…), `…`, $((…)) and ${NAME…} other than ${NAME}. At most
// kMaxShellBytes.
[[nodiscard]] Result<ShellText> split_shell(std::string_view text);

inline constexpr std::size_t kMaxShellBytes = 16UL * 1024 * 1024;

}  // namespace squall::import
