// Completion scripts for shells, made from the command tree.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "loadgen/app/command_words.hpp"

namespace squall::app {

// REQUIRES: shell is "bash", "zsh" or "fish". Pure.
[[nodiscard]] std::string completion_script(std::string_view shell,
                                            const std::vector<CommandWords>& commands);

// The man page squall(1) in troff. Pure.
[[nodiscard]] std::string man_page(const std::vector<CommandWords>& commands,
                                   std::string_view version);

}  // namespace squall::app
