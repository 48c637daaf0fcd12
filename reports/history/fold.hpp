// From attempts and copies to what they were meant to do: one operation each.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "loadgen/model/history.hpp"
#include "loadgen/model/history_plan.hpp"

namespace squall::reports {

// What checkers judge, in order of invoke.
//
// Reads stay what they are: each of them saw something. The attempts and copies of a change become
// one operation from the first one's invoke to the first ok's complete: it is ok when one of them
// is, fail when all are, else info. With HistoryRepeats::kAgain every other attempt that is not
// fail stands beside it as info: it may have done the same again, or nothing.
[[nodiscard]] std::vector<model::HistoryOperation> fold_attempts(
    std::vector<model::HistoryOperation> attempts, model::HistoryRepeats repeats);

// What happened to one thing.
struct KeyHistory {
  std::string_view key;
  std::vector<const model::HistoryOperation*> operations;  // in order of invoke
};

// In order of the keys' first operation. Borrows `operations`, which are in order of invoke.
[[nodiscard]] std::vector<KeyHistory> split_by_key(
    std::span<const model::HistoryOperation> operations);

}  // namespace squall::reports
