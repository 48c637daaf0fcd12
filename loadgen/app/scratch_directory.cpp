#include "loadgen/app/scratch_directory.hpp"

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <fmt/core.h>

namespace squall::app {

ScratchDirectory::ScratchDirectory(const std::string& purpose) {
  std::error_code none;
  const std::filesystem::path folder = std::filesystem::temp_directory_path(none);
  std::string pattern = (folder / fmt::format("squall-{}-XXXXXX", purpose)).string();
  if (mkdtemp(pattern.data()) != nullptr) {
    path_ = pattern;
  }
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  if (!path_.empty()) {
    std::filesystem::remove_all(path_, ignored);
  }
}

}  // namespace squall::app
