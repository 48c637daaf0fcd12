// Counts the effects of tokens when all has come to rest, by every oracle of the plan.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
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
  EffectCount(const model::Plan& plan, effects::Wait wait);

  // Whether there is an oracle to ask.
  [[nodiscard]] bool possible() const { return !plan_.effects.oracles.empty(); }

  struct Counts {
    std::map<std::string, std::uint64_t, std::less<>> effects;  // of every token that was decided
    std::string problem;  // why some, or all, are not; empty: all are
    // What the oracles after the first one count, in the plan's order: of the tokens that each of
    // them decided.
    std::vector<std::map<std::string, std::uint64_t, std::less<>>> elsewhere;
  };
  // An oracle after the first one.
  struct Other {
    std::string name;
    std::uint64_t effects_each = 0;  // of an operation that is sent once; 0: not the same for all
  };
  // Whether the first oracle, and with it every one, knows only how many effects there were in all:
  // then count() decides no token.
  [[nodiscard]] bool knows_only_totals() const;
  // Effects since the last call, once the total has come to rest; none at the first call. Absent
  // when it cannot be read, from then on: what came meanwhile belongs to nobody.
  // REQUIRES: knows_only_totals().
  [[nodiscard]] std::optional<std::uint64_t> new_in_total(const effects::SettleProgress& progress);
  // Why; empty: it could be read every time.
  [[nodiscard]] const std::string& total_problem() const { return total_problem_; }

  // Before anything is sent: what the sums of oracles begin with.
  void begin_totals(const effects::SettleProgress& progress);
  // A key or token was made up: oracles that count asked keys only are asked for it in the end.
  void made(std::string token);
  // When all has been sent: compares the sum of the first oracle with those of others that know
  // only a total.
  void compare_totals(const effects::SettleProgress& progress);

  // What the first oracle counts once two of its readings agree. The others are asked, too; what
  // they count otherwise is kept in disagreements(), but for the sink of [idempotency.producer]: it
  // receives what is told of effects. REQUIRES: possible().
  [[nodiscard]] Counts count(std::span<const std::string> tokens,
                             const effects::SettleProgress& progress);

  // The plan's oracles but the first. Whoever sends the control group says what is usual there.
  [[nodiscard]] std::vector<Other>& others() { return others_; }
  [[nodiscard]] const std::vector<Other>& others() const { return others_; }

  // "token: ledger counts 1, psp counts 2": the first few, no token twice.
  [[nodiscard]] const std::vector<std::string>& disagreements() const { return disagreements_; }
  [[nodiscard]] std::uint64_t disagreement_count() const {
    return disagreeing_.size() + disagreeing_totals_;
  }
  // Oracles after the first one that could not answer, and why: "psp: answered 503".
  [[nodiscard]] std::vector<std::string> unanswered() const;

 private:
  void compare(const model::OracleSpec& other, std::span<const std::string> tokens, Counts& counts,
               const effects::SettleProgress& progress);
  [[nodiscard]] std::optional<std::uint64_t> total_of(const model::OracleSpec& spec,
                                                      const effects::SettleProgress& progress);
  void disagree(std::string text, std::size_t place);

  const model::Plan& plan_;
  effects::Wait wait_;
  SystemClock clock_;
  std::vector<Other> others_;
  std::vector<std::string> disagreements_;
  std::set<std::string, std::less<>> disagreeing_;
  std::uint64_t disagreeing_totals_ = 0;
  std::map<std::string, std::string> unanswered_;  // by name
  std::optional<std::uint64_t> last_total_;
  std::string total_problem_;
  std::vector<std::optional<std::uint64_t>> first_totals_;  // of every oracle; empty: no need
  std::vector<std::string> made_;
};

}  // namespace squall::verify
