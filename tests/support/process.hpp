// Real processes for tests: waited for with a limit, ended by pid.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loadgen/base/time.hpp"
#include "tests/support/files.hpp"

namespace squall::test {

struct ProcessResult {
  int exit_code = -1;  // 128 + signal when a signal ended it
  std::string output;  // stdout
  std::string errors;  // stderr
};

// Owns a child in a process group of its own; the destructor kills it (alone, not the group), and
// the kernel does when the thread that made it ends before. One thread at a time.
class Process {
 public:
  struct Options {
    std::vector<std::string> command;  // a name without a slash is looked up in PATH
    std::string directory = {};        // working directory; empty: the test's
    std::vector<std::pair<std::string, std::string>> environment = {};  // instead of the test's
    std::optional<std::uint64_t> file_size_limit = {};                  // RLIMIT_FSIZE, bytes
    std::optional<std::uint64_t> descriptor_limit = {};                 // RLIMIT_NOFILE, both
    bool closed_stdout = false;
  };
  // A program that cannot be started ends with exit code 127.
  explicit Process(const Options& options);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // What it has written so far.
  [[nodiscard]] std::string output() const { return read_file(files_ / "output"); }
  [[nodiscard]] std::string errors() const { return read_file(files_ / "errors"); }
  // Whether it has ended, waited for or not.
  [[nodiscard]] bool has_ended() const;
  // Does nothing once it was waited for.
  void signal(int number) const;
  // Waits for the end; kills it after `limit` and gives exit code 137 then. Again: the same result.
  ProcessResult wait(Duration limit = std::chrono::seconds(60));

 private:
  TestDirectory files_;
  pid_t pid_ = -1;
  std::optional<ProcessResult> result_;  // once waited for
};

// Runs a program to its end; after `limit` it is killed.
[[nodiscard]] ProcessResult run_program(std::vector<std::string> command,
                                        Duration limit = std::chrono::seconds(60));

}  // namespace squall::test
