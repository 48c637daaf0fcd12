// What the checkers of histories share.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "loadgen/base/time.hpp"
#include "loadgen/model/history_plan.hpp"
#include "loadgen/model/history_report.hpp"
#include "reports/history/fold.hpp"

namespace squall::reports {

// Bounds of a search. A value.
struct SearchLimits {
  // Asked now and then: whether to give up. Empty: never.
  std::function<bool()> over{};
  std::size_t max_bytes = 512UL * 1024 * 1024;  // of what it remembers, for one key
};

// What a checker found; everything but who was asked (name, check, steps, operations, keys). Each
// checker is pure but for the clock behind SearchLimits::over, and never fails: what it cannot
// judge is inconclusive. Operations come from fold_attempts(), in order of invoke; those that say
// nothing to the check are passed over.
using HistoryJudgement = model::HistoryCheckReport;

// set.cpp: `add` and `read` (a list). After Jepsen's set-full. Of each element that was added: it
// is known from its add's complete, or from that of the first read that saw it. It is lost when the
// last read that was invoked after that and did not see it was invoked after the last one that did;
// stale when such a read is followed by one that saw it. Violations: lost elements, elements that a
// read shows twice, elements of which every add failed and that are there all the same, and, where
// the plan wants it linearizable, stale ones. A read of nothing (JSON's null)
// is one of the empty set, unless no read at all shows a list. Near linear in the elements that all
// reads show.
[[nodiscard]] HistoryJudgement check_set(std::span<const model::HistoryOperation> operations,
                                         const model::HistoryCheckPlan& plan);

// register.cpp: `write`, `read` and `cas`; linearizable key by key.
[[nodiscard]] HistoryJudgement check_register(std::span<const model::HistoryOperation> operations,
                                              const model::HistoryCheckPlan& plan,
                                              const SearchLimits& limits);

// session.cpp: `write` and `read` with version numbers. For each client and key, of two operations
// of which one was complete before the other was invoked: a read sees no older version than the
// client's write or read before it (read your writes, monotonic reads), a write makes a newer one
// (monotonic writes, writes follow reads).
[[nodiscard]] HistoryJudgement check_session(std::span<const model::HistoryOperation> operations,
                                             const model::HistoryCheckPlan& plan);

// counter.cpp: `add` (a number) and `read`. A read sees at least what was acknowledged before its
// invoke and at most that and everything else that was invoked before its complete; where nothing
// is taken away, no less than a read that was complete before its invoke.
[[nodiscard]] HistoryJudgement check_counter(std::span<const model::HistoryOperation> operations,
                                             const model::HistoryCheckPlan& plan);

// bank.cpp: `read` (a list or named parts, whole numbers). Every read of a key sees the same sum,
// and all parts.
[[nodiscard]] HistoryJudgement check_bank(std::span<const model::HistoryOperation> operations,
                                          const model::HistoryCheckPlan& plan);

// lost_update.cpp: `append` or `write` of tokens and `read` (a list, or text that contains them).
// The read of a key that was invoked last shows every token that was acknowledged before that; one
// of nothing shows none, unless that is what every read shows.
[[nodiscard]] HistoryJudgement check_lost_update(
    std::span<const model::HistoryOperation> operations, const model::HistoryCheckPlan& plan);

// Helpers of the checkers.
inline bool is_ok(const model::HistoryOperation& one) {
  return one.outcome == model::HistoryOutcome::kOk;
}
inline bool is_ok_read(const model::HistoryOperation& one) {
  return one.op == model::HistoryOp::kRead && is_ok(one);
}
// "1 element", "2 elements".
[[nodiscard]] std::string count_of(std::uint64_t count, std::string_view what);
// Keeps the first few lines; a witness is for people.
inline constexpr std::size_t kMaxWitnessLines = 40;
void add_witness(HistoryJudgement& judgement, std::string line);

}  // namespace squall::reports
