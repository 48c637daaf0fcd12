// Runs the squall binary and programs like it for tests: real processes, bounded waiting, ended by
// pid.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loadgen/base/time.hpp"

namespace squall::test {

struct ProcessResult {
  int exit_code = -1;  // 128 + signal when a signal ended it
  std::string output;  // stdout
  std::string errors;  // stderr
};

// Owns a child in a process group of its own; the destructor kills it.
class Process {
 public:
  struct Options {
    std::vector<std::string> command;
    std::string directory;                                              // working directory
    std::vector<std::pair<std::string, std::string>> environment = {};  // added
    std::optional<std::uint64_t> file_size_limit = {};                  // RLIMIT_FSIZE, bytes
    bool closed_stdout = false;
  };
  explicit Process(const Options& options);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  void signal(int number) const;
  // Waits for the end; kills it after `limit` and gives exit code 137 then.
  [[nodiscard]] ProcessResult wait(Duration limit = std::chrono::seconds(60));

 private:
  pid_t pid_ = -1;
  std::filesystem::path output_path_;
  std::filesystem::path errors_path_;
  bool waited_ = false;
};

// A directory that is removed with the object.
class ScratchDirectory {
 public:
  ScratchDirectory();
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }
  // Writes a file and gives its path.
  [[nodiscard]] std::string write(const std::string& name, const std::string& content) const;

 private:
  std::filesystem::path path_;
};

// squall with these arguments, in that directory, to its end.
[[nodiscard]] ProcessResult squall(const ScratchDirectory& directory,
                                   const std::vector<std::string>& arguments,
                                   Duration limit = std::chrono::seconds(60));
[[nodiscard]] std::string squall_binary();

[[nodiscard]] std::string read_text(const std::string& path);
[[nodiscard]] std::string source_file(const std::string& path);

// Every process whose ancestors or environment lead back to the mark SQUALL_TEST_MARK=value.
[[nodiscard]] std::vector<pid_t> processes_marked(const std::string& value);

// Looks every few milliseconds until it holds or the limit is over.
[[nodiscard]] bool eventually(const std::function<bool()>& condition, Duration limit);

}  // namespace squall::test
