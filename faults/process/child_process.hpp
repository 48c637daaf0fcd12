// Starting a program as the guardian does it.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/model/service.hpp"

namespace squall::faults {

struct ChildSpec {
  std::vector<std::string> argv;  // argv[0] without a slash is looked up in PATH
  std::vector<std::pair<std::string, std::string>> environment;  // added to the caller's own
  std::string log;             // stdout and stderr are appended to it; it is made when missing
  std::string directory = {};  // it runs there; empty: where the caller is
  std::string user = {};       // that it runs as when the caller is root (user.hpp); empty: none
  model::ResourceLimits limits = {};
};

// Starts the program in a session of its own (no terminal's ^C reaches it), with default signal
// dispositions, /dev/null as stdin and no other descriptor of the caller, under its limits and as
// its user (with HOME, USER and LOGNAME of that user unless `environment` gives them). The kernel
// kills it when the calling thread dies. Returns its pid once the program runs; kNotFound or kIo
// when it cannot. REQUIRES: one thread (it forks), argv not empty.
[[nodiscard]] Result<pid_t> start_child(const ChildSpec& spec);

// "exited with status 3", "was killed by signal 9 (Killed)".
[[nodiscard]] std::string describe_wait_status(int wait_status);

}  // namespace squall::faults
