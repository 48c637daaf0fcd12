// The end of a log file.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace squall::faults {

// Up to `count` last lines, without their newlines, from the last 8 KiB of the file; an unfinished
// last line counts. Empty when the file is empty or cannot be read. Bytes are as they are in the
// file: make them printable before showing them.
[[nodiscard]] std::vector<std::string> last_lines(const std::string& path, std::size_t count);

}  // namespace squall::faults
