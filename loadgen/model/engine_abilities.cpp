#include "loadgen/model/engine_abilities.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/model/plan.hpp"

namespace squall::model {
namespace {

// What libcurl leaves room for: holds before it is given the request, copies that are requests of
// their own, and whatever is decided while the request is rendered.
WireScript what_curl_can_do(const WireScript& script) {
  WireScript possible;
  for (const WirePoint point : {WirePoint::kConnect, WirePoint::kSend}) {
    const auto at = static_cast<std::size_t>(point);
    possible.hold[at] = script.hold[at];
  }
  const WireCopies& copies = script.copies;
  if (copies.count < 2 || copies.connection != CopyConnection::kSame) {
    possible.copies = copies;
  }
  possible.wall_offset = script.wall_offset;
  possible.wall_frozen = script.wall_frozen;
  possible.faults = script.faults;
  possible.fault_count = script.fault_count;
  possible.cut_copy = script.cut_copy;
  return possible;
}

}  // namespace

std::string why_not_on(EngineKind engine, const WireScript& script, RequestBody body) {
  if (engine == EngineKind::kNative) {
    return {};
  }
  if (script.cut) {
    return "libcurl writes a request as a whole and cannot be cut at a byte of it";
  }
  if (script.trickle) {
    return "libcurl writes a request as a whole and cannot send it in pieces";
  }
  if (script.slow_read) {
    return "libcurl chooses its connections and reads as fast as it can";
  }
  if (script.reorder) {
    return "libcurl does not say when a request has left, so nobody knows who has passed";
  }
  if (script.malformed) {
    return "libcurl writes request line, headers and length itself and gets them right";
  }
  for (std::size_t point = 0; point < kWirePointCount; ++point) {
    const auto at = static_cast<WirePoint>(point);
    if (script.hold[point] > Duration{} && at != WirePoint::kConnect && at != WirePoint::kSend) {
      return fmt::format("libcurl writes a request as a whole and cannot be held at {}",
                         to_string(at));
    }
  }
  const bool together = script.copies.count > 1 && script.copies.spacing == CopySpacing::kTogether;
  if (together && body == RequestBody::kNone) {
    return "libcurl writes a request without a body at one go: there is no last byte of it to hold "
           "back, so copies cannot wait for each other";
  }
  if (script.copies.count > 1 && script.copies.connection == CopyConnection::kSame) {
    return "libcurl chooses the connection of each request itself";
  }
  return what_curl_can_do(script) == script ? std::string() : "libcurl cannot do that to a request";
}

ConnectionShares connection_shares(const Plan& plan, unsigned connections) {
  const auto on_curl = static_cast<unsigned>(
      std::count_if(plan.targets.begin(), plan.targets.end(),
                    [](const Target& t) { return t.engine == EngineKind::kCurl; }));
  const auto all = static_cast<unsigned>(plan.targets.size());
  if (on_curl == 0 || on_curl == all) {
    return on_curl == 0 ? ConnectionShares{connections, 0} : ConnectionShares{0, connections};
  }
  const unsigned curl = std::max(1U, connections * on_curl / all);
  return {std::max(1U, connections - std::min(connections, curl)), curl};
}

std::string engines_text(const Plan& plan) {
  const bool plain =
      std::all_of(plan.targets.begin(), plan.targets.end(), [](const Target& target) {
        return target.engine == EngineKind::kNative && target.engine_why.empty();
      });
  if (plain) {
    return {};
  }
  std::string text;
  for (const Target& target : plan.targets) {
    text +=
        fmt::format("{}{}: {}", text.empty() ? "" : "; ", target.name, to_string(target.engine));
    text += target.engine_why.empty() ? "" : fmt::format(" ({})", target.engine_why);
  }
  return text;
}

}  // namespace squall::model
