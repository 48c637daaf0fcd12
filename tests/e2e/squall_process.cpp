#include "tests/e2e/squall_process.hpp"
#include "tests/paths.hpp"

#include <filesystem>
#include <system_error>

namespace squall::test {

std::string squall_binary() {
  return std::string(SQUALL_BIN_DIR) + "/squall";
}

ProcessResult squall(const TestDirectory& directory, const std::vector<std::string>& arguments,
                     Duration limit) {
  Process::Options options{.command = {squall_binary()}, .directory = directory.path()};
  options.command.insert(options.command.end(), arguments.begin(), arguments.end());
  return Process(options).wait(limit);
}

std::string source_file(const std::string& path) {
  return std::string(SQUALL_SOURCE_DIR) + "/" + path;
}

std::vector<pid_t> processes_marked(const std::string& value) {
  const std::string mark = "SQUALL_TEST_MARK=" + value;
  std::vector<pid_t> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") == std::string::npos &&
        read_file("/proc/" + name + "/environ").find(mark) != std::string::npos) {
      found.push_back(static_cast<pid_t>(std::stol(name)));
    }
  }
  return found;
}

}  // namespace squall::test
