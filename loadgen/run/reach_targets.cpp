#include "loadgen/run/reach_targets.hpp"

#include <optional>
#include <string>

#include <fmt/core.h>

#include "loadgen/net/reach.hpp"

namespace squall::run {
namespace {

// Why none of the replicas can be reached; nothing when one of them can.
std::optional<std::string> unreachable(const model::Target& target, const StopSignal& stop) {
  std::optional<std::string> first;
  for (const model::Endpoint& replica : target.replicas) {
    const auto reached =
        net::reach(fmt::format("{}:{}", model::with_brackets(replica.host), replica.port),
                   static_cast<const HttpRoute&>(target.curl), target.connect_timeout);
    if (reached || stop.raised()) {
      return std::nullopt;
    }
    first = first ? first : reached.error().message;
  }
  return first;
}

}  // namespace

Result<void> reach_targets(const model::Plan& plan, const StopSignal& stop) {
  for (const model::Target& target : plan.targets) {
    if (const auto why = unreachable(target, stop)) {
      return fail(ErrorCode::kUnavailable,
                  fmt::format("target {} cannot be reached: {}", target.name,
                              model::redact(*why, plan.secrets)));
    }
    if (stop.raised()) {
      return {};
    }
  }
  return {};
}

}  // namespace squall::run
