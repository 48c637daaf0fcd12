#include "faults/process/program_search.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"

namespace squall::faults {
namespace {

bool is_executable_file(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

std::string own_program_directory() {
  std::error_code problem;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", problem);
  return problem ? std::string() : self.parent_path().string();
}

Result<std::string> find_program(const std::string& name, const std::string& first_directory,
                                 const std::string& folder) {
  if (name.find('/') != std::string::npos) {
    const std::string path = (std::filesystem::path(folder) / name).string();
    if (is_executable_file(path)) {
      return path;
    }
    return fail(ErrorCode::kNotFound, fmt::format("{} is not an executable file", printable(path)));
  }
  if (!first_directory.empty() && is_executable_file(first_directory + "/" + name)) {
    return first_directory + "/" + name;
  }
  // Nothing in squall calls setenv, which is what would make getenv unsafe.
  const char* path = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe)
  for (const std::string_view directory : split(path != nullptr ? path : "", ':')) {
    // An empty part means the current directory, as in a shell.
    const std::string candidate = (directory.empty() ? "." : std::string(directory)) + "/" + name;
    if (is_executable_file(candidate)) {
      return candidate;
    }
  }
  return fail(ErrorCode::kNotFound, fmt::format("no program {} in {} or in PATH", printable(name),
                                                first_directory.empty() ? "." : first_directory));
}

}  // namespace squall::faults
