#include "loadgen/model/skew.hpp"

#include <array>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/units.hpp"

namespace squall::model {
namespace {

// Exact, unlike format_duration: an edge is known to a second, however far it is.
std::string exact(Duration duration) {
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

}  // namespace

std::string_view to_string(SkewEdgeKind value) {
  switch (value) {
    case SkewEdgeKind::kNotSought:
      return "not_sought";
    case SkewEdgeKind::kFound:
      return "found";
    case SkewEdgeKind::kNone:
      return "none";
    case SkewEdgeKind::kFlapping:
      return "flapping";
  }
  return "";
}

std::string edge_text(const SkewEdge& edge, Duration to, std::string_view what) {
  switch (edge.kind) {
    case SkewEdgeKind::kNotSought:
      return "not found out";
    case SkewEdgeKind::kFound:
      return fmt::format("accepted up to {} {}, refused from {}", exact(edge.accepted), what,
                         exact(edge.refused));
    case SkewEdgeKind::kNone:
      return fmt::format("no edge: still accepted {} {}", exact(to), what);
    case SkewEdgeKind::kFlapping:
      return fmt::format("flapping: accepted up to {} {}, then now accepted, now refused, {}",
                         exact(edge.accepted), what,
                         edge.refused == Duration::zero()
                             ? "as far as was tried"
                             : "and always refused from " + exact(edge.refused));
  }
  return {};
}

}  // namespace squall::model
