#include "loadgen/expr/plan_file.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"

namespace squall::expr {

Result<std::string> read_plan_file(const std::string& path, std::size_t max_bytes) {
  std::error_code problem;
  const auto kind = std::filesystem::status(path, problem).type();
  if (kind != std::filesystem::file_type::regular &&
      kind != std::filesystem::file_type::not_found && kind != std::filesystem::file_type::none) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} is no regular file", printable(path)));
  }
  std::ifstream file(path, std::ios::binary);
  const int why_not_open = errno;
  std::string content;
  std::string block(std::size_t{64} * 1024, '\0');
  while (
      file.is_open() && content.size() <= max_bytes &&
      (file.read(block.data(), static_cast<std::streamsize>(block.size())) || file.gcount() > 0)) {
    content.append(block, 0, static_cast<std::size_t>(file.gcount()));
  }
  if (!file.is_open() || file.bad()) {
    const int why = file.is_open() ? EIO : why_not_open;
    return fail(
        why == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo,
        fmt::format("cannot read {}: {}", printable(path), std::generic_category().message(why)));
  }
  if (content.size() > max_bytes) {
    return fail(ErrorCode::kExhausted, fmt::format("{} is larger than {}", printable(path),
                                                   format_bytes(ByteCount{max_bytes})));
  }
  return content;
}

}  // namespace squall::expr
