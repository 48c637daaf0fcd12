#include "loadgen/base/span_text.hpp"

#include <array>
#include <cstdint>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/units.hpp"

namespace squall {

std::string span_text(Duration duration) {
  using namespace std::chrono_literals;
  if (duration % 1s != Duration::zero()) {
    return format_duration(duration);
  }
  std::int64_t seconds = duration / 1s;
  std::string text;
  constexpr std::array<std::pair<std::int64_t, char>, 4> kUnits{
      {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}}};
  for (const auto& [size, unit] : kUnits) {
    if (seconds >= size) {
      text += fmt::format("{}{}", seconds / size, unit);
      seconds %= size;
    }
  }
  return text.empty() ? "0s" : text;
}

}  // namespace squall
