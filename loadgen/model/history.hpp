// The history of a run: what clients asked of the target's state and what they saw of it, in the
// terms of Jepsen. Checkers (reports/history) decide from it whether the target kept a consistency
// model.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "loadgen/base/time.hpp"
#include "loadgen/model/history_value.hpp"

namespace squall::model {

// What an attempt does to the thing under its key (Jepsen's :f).
enum class HistoryOp : std::uint8_t {
  kRead,      // sees the whole value; changes nothing
  kWrite,     // makes the value another one
  kCas,       // the same, but only where it was the expected one; its value is the list [from to]
  kAdd,       // puts an element into a set, or a number onto a counter
  kAppend,    // puts an element, unique to the operation, at the end of a list or log
  kTransfer,  // moves something between the parts of a bank; what is moved does not matter
};
inline constexpr std::size_t kHistoryOpCount = 6;
// "read", "write", "cas", "add", "append", "transfer".
[[nodiscard]] std::string_view to_string(HistoryOp value);
[[nodiscard]] std::optional<HistoryOp> history_op_from(std::string_view name);

enum class HistoryOutcome : std::uint8_t {
  kOk,    // done, between invoke and complete
  kFail,  // not done, and never will be. What a read that got no answer is, too: nobody saw it
  kInfo,  // not known: done at any time after its invoke, or never
};
inline constexpr std::size_t kHistoryOutcomeCount = 3;
[[nodiscard]] std::string_view to_string(HistoryOutcome value);  // "ok", "fail", "info"
[[nodiscard]] std::optional<HistoryOutcome> history_outcome_from(std::string_view name);

// One attempt or copy of a marked step: a line of history.ndjson. A value.
struct HistoryOperation {
  // A sequential thread of the history: at any time at most one operation of it is open, and after
  // an outcome of kInfo it has no other. Unique in the run.
  std::uint64_t process = 0;
  // Whoever asked: one iteration, or, in a closed scenario, one virtual user in all its iterations.
  // It goes on in another process where the old one has ended, or is busy.
  std::uint64_t client = 0;
  // Which operation of the plan it is an attempt of: (step, arrival, visit).
  std::uint16_t step = 0;
  std::uint64_t arrival = 0;
  std::uint32_t visit = 0;
  std::uint32_t attempt = 0;  // 0: the first
  std::uint32_t copy = 0;     // 0: the first
  HistoryOp op = HistoryOp::kRead;
  std::string key;
  HistoryValue value;                   // of a read: what it saw
  std::optional<std::int64_t> version;  // of the value seen or written, by the target's own count
  // Monotonic, after t = 0. The target can have done nothing of it before `invoke`, and an outcome
  // of kOk says that it was done by `complete`.
  Duration invoke{};
  Duration complete{};
  HistoryOutcome outcome = HistoryOutcome::kInfo;
  std::string problem = {};  // why what an answer showed could not be taken; short, printable
};

// `write 3`, `read -> [1 2]`, `cas 1 -> 2`: for people.
[[nodiscard]] std::string act_of(const HistoryOperation& operation);
// A line of a witness: act, process, span, outcome.
[[nodiscard]] std::string witness_line(const HistoryOperation& operation);

}  // namespace squall::model
