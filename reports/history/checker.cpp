#include "reports/history/checker.hpp"

#include <fmt/core.h>

namespace squall::reports {

std::string count_of(std::uint64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

void add_witness(HistoryJudgement& judgement, std::string line) {
  if (judgement.witness.size() < kMaxWitnessLines) {
    judgement.witness.push_back(std::move(line));
  }
}

}  // namespace squall::reports
