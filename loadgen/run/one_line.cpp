#include "loadgen/run/one_line.hpp"

#include "loadgen/base/text.hpp"

namespace squall::run {

std::string in_one_line(std::string_view text) {
  std::string line;
  for (const std::string_view part : split(text, '\n')) {
    line += (line.empty() ? "" : " ") + std::string(trim(part));
  }
  return line;
}

}  // namespace squall::run
