// Runs a program to its end and takes what it printed. For oracles that people write themselves.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"

namespace squall::effects {

struct Command {
  std::vector<std::string>
      arguments;  // the first is the program, looked up in PATH; no shell reads them
  std::vector<std::pair<std::string, std::string>> environment;  // added to squall's own
  std::string directory;  // where it runs, relative program paths count from there; empty: where
                          // squall runs
  std::string input;      // its standard input
  Duration timeout = std::chrono::seconds(10);
  std::uint64_t max_output_bytes = 64UL * 1024 * 1024;
};

struct CommandResult {
  int exit_status = 0;  // 128 + signal when a signal ended it
  std::string output;   // standard output
  std::string errors;   // the first 4 KiB of standard error
};

// Blocks the calling thread up to `timeout`. When it returns the program has ended and been waited
// for, and what it left in its process group is killed. kNotFound when it cannot be started,
// kUnavailable when the time was up, kExhausted when it printed too much. Any thread. REQUIRES: at
// least one argument.
[[nodiscard]] Result<CommandResult> run_command(const Command& command);

}  // namespace squall::effects
