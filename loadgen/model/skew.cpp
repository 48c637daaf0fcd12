#include "loadgen/model/skew.hpp"

#include <fmt/core.h>

#include "loadgen/base/span_text.hpp"

namespace squall::model {

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
      return fmt::format("accepted up to {} {}, refused from {}", span_text(edge.accepted), what,
                         span_text(edge.refused));
    case SkewEdgeKind::kNone:
      return fmt::format("no edge: still accepted {} {}", span_text(to), what);
    case SkewEdgeKind::kFlapping:
      return fmt::format("flapping: accepted up to {} {}, then now accepted, now refused, {}",
                         span_text(edge.accepted), what,
                         edge.refused == Duration::zero()
                             ? "as far as was tried"
                             : "and always refused from " + span_text(edge.refused));
  }
  return {};
}

}  // namespace squall::model
