// Files that a plan names.
#pragma once

#include <cstddef>
#include <string>

#include "loadgen/base/result.hpp"

namespace squall::expr {

// All of a regular file. Fails, naming the file, with kNotFound or kIo when it cannot be read, with
// kInvalidArgument when it is a pipe, a device or a directory (a pipe could keep the loader waiting
// for ever, a device never end), with kExhausted when it has more than `max_bytes`. Any thread.
[[nodiscard]] Result<std::string> read_plan_file(const std::string& path, std::size_t max_bytes);

}  // namespace squall::expr
