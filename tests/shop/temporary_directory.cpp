#include "tests/shop/temporary_directory.hpp"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/core.h>

namespace squall::shop {

Result<TemporaryDirectory> TemporaryDirectory::make() {
  std::error_code problem;
  const std::filesystem::path base = std::filesystem::temp_directory_path(problem);
  std::string path = (problem ? std::filesystem::path("/tmp") : base) / "squall-shop-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) {
    return fail(ErrorCode::kIo,
                fmt::format("cannot make {}: {}", path, std::system_category().message(errno)));
  }
  return TemporaryDirectory(std::move(path));
}

void TemporaryDirectory::remove() {
  if (!path_.empty()) {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
    path_.clear();
  }
}

}  // namespace squall::shop
