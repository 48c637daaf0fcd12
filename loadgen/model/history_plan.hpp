// What a plan says about its history: what the attempts of a step do, and what is checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/error.hpp"
#include "loadgen/base/time.hpp"
#include "loadgen/expr/extraction.hpp"
#include "loadgen/expr/template.hpp"
#include "loadgen/model/history.hpp"

namespace squall::model {

// The `history` of a step.
struct StepHistory {
  HistoryOp op = HistoryOp::kRead;
  expr::Template key{};                    // of the thing that it reads or changes
  expr::Template value{};                  // what it writes, adds or appends; of kCas the new value
  expr::Template expected{};               // of kCas
  std::optional<expr::Extraction> seen{};  // what a read saw, in its answer
  std::string each{};                      // JSON pointer into the elements of what was seen
  std::optional<expr::Extraction> version{};  // of what was seen or written, in the answer
  SourceRef where{};
};

enum class HistoryCheckKind : std::uint8_t {
  kSet,
  kRegister,
  kSession,
  kCounter,
  kBank,
  kLostUpdate
};
inline constexpr std::size_t kHistoryCheckKindCount = 6;
// "set", "register", "session", "counter", "bank", "lost-update".
[[nodiscard]] std::string_view to_string(HistoryCheckKind value);
[[nodiscard]] std::optional<HistoryCheckKind> history_check_kind_from(std::string_view name);

// What another attempt or copy of an operation may do.
enum class HistoryRepeats : std::uint8_t {
  kOnce,   // nothing: the operation is done once, as an idempotent API promises
  kAgain,  // the same again, as a plain PUT does
};

// A [[history]] table.
struct HistoryCheckPlan {
  std::string name{};
  HistoryCheckKind check = HistoryCheckKind::kRegister;
  std::vector<std::uint16_t> steps{};  // into Plan::steps; each has a `history`
  HistoryRepeats repeats = HistoryRepeats::kOnce;
  std::optional<HistoryScalar> initial{};  // of registers and counters; registers: else not known
  std::optional<std::int64_t> total{};     // of banks; else that of the first read
  bool negative = true;                    // of banks: a part may be below zero
  bool linearizable = false;  // of sets: an element that comes late is a violation, too
  Duration time_limit{};      // of the search of registers
  SourceRef where{};
};

struct HistoryPlan {
  std::vector<HistoryCheckPlan> checks;
};

}  // namespace squall::model
