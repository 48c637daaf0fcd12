#include "loadgen/model/history_plan.hpp"

#include <array>

namespace squall::model {
namespace {

constexpr std::array<std::string_view, kHistoryCheckKindCount> kKinds = {
    "set", "register", "session", "counter", "bank", "lost-update"};

}  // namespace

std::string_view to_string(HistoryCheckKind value) {
  return kKinds.at(static_cast<std::size_t>(value));
}

std::optional<HistoryCheckKind> history_check_kind_from(std::string_view name) {
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    if (kKinds.at(i) == name) {
      return static_cast<HistoryCheckKind>(i);
    }
  }
  return std::nullopt;
}

}  // namespace squall::model
