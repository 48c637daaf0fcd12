// What squall and its guardian say to each other: one JSON object per line.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"

namespace squall::faults {

// From squall to the guardian.
struct GuardianCommand {
  enum class Kind : std::uint8_t {
    kStart,   // id, argv, environment, log, directory
    kSignal,  // id of a started service, signal; reaches the service and everything that stems from
              // it
    kAddUndo,     // id, argv, log: to be run when the guardian ends
    kForgetUndo,  // id
    kEnd,         // end all services, run every undo, then leave
  };
  Kind kind = Kind::kEnd;
  std::uint64_t id = 0;  // chosen by squall
  std::vector<std::string> argv;
  std::vector<std::pair<std::string, std::string>> environment;  // added to the guardian's own
  std::string log;  // stdout and stderr are appended to this file
  int signal = 0;
  std::string directory = {};  // where the program runs; empty: where the guardian does
};

// From the guardian to squall.
struct GuardianReport {
  enum class Kind : std::uint8_t {
    kStarted,     // id, pid
    kNotStarted,  // id, problem
    kExited,      // id, pid, wait_status
    kUndone,      // id, wait_status, or problem when it could not be started
    kEnded,       // nothing is left; problem when something is
  };
  Kind kind = Kind::kEnded;
  std::uint64_t id = 0;
  pid_t pid = 0;
  int wait_status = 0;  // as from waitpid
  TimePoint at{};       // when the guardian saw it
  std::string problem;
};

// kInvalidArgument when a text holds a NUL byte or is not UTF-8: neither can reach a program's
// arguments unharmed.
[[nodiscard]] Result<std::string> encode(const GuardianCommand& command);
[[nodiscard]] std::string encode(const GuardianReport& report);
// kMalformed on anything that encode() does not make.
[[nodiscard]] Result<GuardianCommand> decode_command(std::string_view line);
[[nodiscard]] Result<GuardianReport> decode_report(std::string_view line);

}  // namespace squall::faults
