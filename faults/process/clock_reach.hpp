// Whether squall can set the clock of a program, told before it runs (from its file) and measured
// while it does (from its processes).
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/result.hpp"

namespace squall::faults {

// What decides whether the dynamic loader puts a library into a program.
struct ElfFacts {
  bool fits_this_host = false;  // 64 bits and this processor: else the shim is no library for it
  std::string loader;           // the program that loads it, "/lib64/ld-linux-x86-64.so.2"; empty:
                                // statically linked
  bool made_by_go = false;      // reads the time from the kernel's page without any library
};

// Reads the start of an executable file. kMalformed when it is none in the ELF format.
[[nodiscard]] Result<ElfFacts> read_elf(std::string_view bytes);

// The program that would really run, and why its clock cannot be set.
struct ClockReach {
  std::string program;  // the interpreter of a script
  std::string problem;  // "/usr/bin/app is statically linked: …"; empty: it can be reached
};

// `path`: an executable file. Follows "#!" lines, /usr/bin/env too (looked up in PATH). A script
// that starts other programs may still start one that cannot be reached: measure_clock tells.
[[nodiscard]] ClockReach clock_reach(const std::string& path);

// A process as the measurement found it.
struct MeasuredProcess {
  pid_t pid = 0;
  std::string program;  // its executable file
};

// Which of the processes that stem from `root`, itself included, have the shim mapped. Those that
// ended meanwhile are in neither list; one that may not be looked at is in `without`.
struct ClockMeasurement {
  std::vector<MeasuredProcess> with;
  std::vector<MeasuredProcess> without;
};
[[nodiscard]] ClockMeasurement measure_clock(pid_t root);

}  // namespace squall::faults
