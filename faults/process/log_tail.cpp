#include "faults/process/log_tail.hpp"

#include <algorithm>
#include <fstream>

#include "loadgen/base/text.hpp"

namespace squall::faults {

std::vector<std::string> last_lines(const std::string& path, std::size_t count) {
  constexpr std::streamoff kTail = 8192;
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) {
    return {};
  }
  const std::streamoff size = file.tellg();
  const std::streamoff from = std::max<std::streamoff>(0, size - kTail);
  std::string text(static_cast<std::size_t>(size - from), '\0');
  file.seekg(from);
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.ends_with('\n')) {
    text.pop_back();
  }
  if (text.empty()) {
    return {};
  }
  const std::vector<std::string_view> lines = split(text, '\n');
  const std::size_t skipped = lines.size() > count ? lines.size() - count : 0;
  return {lines.begin() + static_cast<std::ptrdiff_t>(skipped), lines.end()};
}

}  // namespace squall::faults
