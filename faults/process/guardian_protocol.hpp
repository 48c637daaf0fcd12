// What squall and its guardian say to each other: one JSON object per line.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "faults/process/child_process.hpp"
#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"

namespace squall::faults {

// From squall to the guardian. A program is argv, environment, log, directory, user and limits.
struct GuardianCommand {
  enum class Kind : std::uint8_t {
    kStart,   // id, a program; signal and limit: how it is stopped when the guardian ends
    kSignal,  // id of a started service, signal; reaches the service and everything that stems from
              // it
    kStop,    // id of a started service, signal, limit: the same, SIGKILL after the limit; answered
              // when nothing of the service is left, also when it has ended before
    kRun,     // id, a program, limit: to its end, or killed after the limit
    kCancel,  // id of a kRun: is killed now
    kAddUndo,        // id, a program, limit: to be run when the guardian ends, the youngest first
    kRunUndo,        // id: now, and then no more
    kForgetUndo,     // id
    kMakeDirectory,  // id, directory, user: must not exist yet; removed when the guardian ends
    kEnd,            // run every undo, end all services, then leave
  };
  Kind kind = Kind::kEnd;
  std::uint64_t id = 0;  // chosen by squall
  std::vector<std::string> argv;
  std::vector<std::pair<std::string, std::string>> environment;  // added to the guardian's own
  std::string log;  // stdout and stderr are appended to this file
  int signal = 0;
  std::string directory = {};  // where the program runs; empty: where the guardian does
  std::string user = {};
  model::ResourceLimits limits = {};
  Duration limit{};

  [[nodiscard]] ChildSpec program() const;
};

// From the guardian to squall.
struct GuardianReport {
  enum class Kind : std::uint8_t {
    kStarted,     // id, pid
    kNotStarted,  // id, problem
    kExited,      // id, pid, wait_status: of a service
    kStopped,     // id: nothing of that service is left
    kRan,     // id, wait_status, or problem: could not be started, or took longer than its limit
    kUndone,  // the same of an undo
    kMade,    // id, or problem: the directory
    kEnded,   // nothing is left; problem when something is
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
