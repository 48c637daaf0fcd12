// Counts the effects of tokens when all has come to rest, by every oracle of the plan.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "loadgen/base/clock.hpp"
#include "loadgen/effects/settle.hpp"
#include "loadgen/model/plan.hpp"

namespace squall::verify {

// Borrows the plan and through it the oracles, which must have been started. Blocks; one thread.
// Tokens are of this run alone, so no baseline is subtracted.
class EffectCount {
 public:
  EffectCount(const model::Plan& plan, effects::Wait wait) : plan_(plan), wait_(std::move(wait)) {}

  // Whether there is an oracle to ask.
  [[nodiscard]] bool possible() const { return !plan_.effects.oracles.empty(); }

  struct Counts {
    std::map<std::string, std::uint64_t, std::less<>> effects;  // of every token that was decided
    std::string problem;  // why some, or all, are not; empty: all are
  };
  // What the first oracle counts once two of its readings agree. The others are asked, too; what
  // they count otherwise is kept in disagreements(). REQUIRES: possible().
  [[nodiscard]] Counts count(std::span<const std::string> tokens,
                             const effects::SettleProgress& progress);

  // "token: ledger counts 1, psp counts 2": the first few, no token twice.
  [[nodiscard]] const std::vector<std::string>& disagreements() const { return disagreements_; }
  [[nodiscard]] std::uint64_t disagreement_count() const { return disagreeing_.size(); }

 private:
  void compare(const model::OracleSpec& other, std::span<const std::string> tokens,
               const Counts& counts, const effects::SettleProgress& progress);

  const model::Plan& plan_;
  effects::Wait wait_;
  SystemClock clock_;
  std::vector<std::string> disagreements_;
  std::set<std::string, std::less<>> disagreeing_;
};

}  // namespace squall::verify
