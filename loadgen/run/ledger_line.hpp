// One line of ledger.ndjson.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/model/effect.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::run {

// Where a line belongs in the ledger of its run: by the second in which it was recorded, attempts
// before operations. No two lines of a run have the same, so there is one right order of them, and
// ledgers of shards can be joined as if one process had written them.
struct LedgerPlace {
  std::int64_t second = 0;  // as SecondSummary::second
  bool is_operation = false;
  Duration intended{};  // of attempts
  std::uint16_t step = 0;
  std::uint64_t arrival = 0;
  std::uint32_t visit = 0;
  std::uint32_t attempt = 0;
  std::uint32_t copy = 0;
  auto operator<=>(const LedgerPlace&) const = default;
};
[[nodiscard]] LedgerPlace place_of(std::int64_t second, const model::EffectAttempt& attempt);
[[nodiscard]] LedgerPlace place_of(std::int64_t second, const model::EffectOperation& operation);

// Appends a line with its line break. Steps are named, so a line can be read without the plan.
void append_line(std::string& out, std::int64_t second, const model::EffectAttempt& attempt,
                 const std::vector<model::RecordedStep>& steps);
void append_line(std::string& out, std::int64_t second, const model::EffectOperation& operation,
                 const std::vector<model::RecordedStep>& steps);

using LedgerEntry = std::variant<model::EffectAttempt, model::EffectOperation>;

// kMalformed when it is neither.
[[nodiscard]] Result<LedgerEntry> parse_ledger_line(std::string_view line,
                                                    const std::vector<model::RecordedStep>& steps);

// The same with its place. kMalformed also for lines of older versions, which do not say their
// second.
struct PlacedEntry {
  LedgerPlace place;
  LedgerEntry entry;
};
[[nodiscard]] Result<PlacedEntry> parse_placed_line(std::string_view line,
                                                    const std::vector<model::RecordedStep>& steps);

}  // namespace squall::run
