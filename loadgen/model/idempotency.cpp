#include <array>
#include <cstddef>

#include <fmt/core.h>

#include "loadgen/model/idempotency_profile.hpp"
#include "loadgen/model/idempotency_report.hpp"

namespace squall::model {

std::string_view to_string(InFlightMode value) {
  constexpr std::array<std::string_view, kInFlightModeCount> kNames = {"reject", "block", "replay"};
  return kNames.at(static_cast<std::size_t>(value));
}

std::string_view to_string(MismatchMode value) {
  constexpr std::array<std::string_view, kMismatchModeCount> kNames = {"reject", "replay",
                                                                       "execute"};
  return kNames.at(static_cast<std::size_t>(value));
}

std::string_view to_string(ReplayForm value) {
  constexpr std::array<std::string_view, kReplayFormCount> kNames = {"same", "latest"};
  return kNames.at(static_cast<std::size_t>(value));
}

std::string_view to_string(PropertyVerdict value) {
  constexpr std::array<std::string_view, kPropertyVerdictCount> kNames = {"pass", "warn", "fail",
                                                                          "not tested"};
  return kNames.at(static_cast<std::size_t>(value));
}

std::string_view to_string(PropertyHarm value) {
  constexpr std::array<std::string_view, kPropertyHarmCount> kNames = {"none", "effects", "state",
                                                                       "leak", "stuck",   "answer"};
  return kNames.at(static_cast<std::size_t>(value));
}

std::string property_id(const PropertyResult& property) {
  return fmt::format("{}-{}", property.number, property.name);
}

std::string finding_id(const PropertyResult& property) {
  return fmt::format("{}:{}", kIdempotencyDetector, property_id(property));
}

std::string script_path(const PropertyResult& property) {
  return fmt::format("findings/{}-{}.sh", kIdempotencyDetector, property_id(property));
}

}  // namespace squall::model
