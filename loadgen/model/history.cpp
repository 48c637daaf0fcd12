#include "loadgen/model/history.hpp"

#include <array>

#include <fmt/core.h>

namespace squall::model {
namespace {

constexpr std::array<std::string_view, kHistoryOpCount> kOps = {"read", "write",  "cas",
                                                                "add",  "append", "transfer"};
constexpr std::array<std::string_view, kHistoryOutcomeCount> kOutcomes = {"ok", "fail", "info"};

template <class Enum, std::size_t Count>
std::optional<Enum> find_name(const std::array<std::string_view, Count>& names,
                              std::string_view name) {
  for (std::size_t i = 0; i < Count; ++i) {
    if (names.at(i) == name) {
      return static_cast<Enum>(i);
    }
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(HistoryOp value) {
  return kOps.at(static_cast<std::size_t>(value));
}

std::optional<HistoryOp> history_op_from(std::string_view name) {
  return find_name<HistoryOp>(kOps, name);
}

std::string_view to_string(HistoryOutcome value) {
  return kOutcomes.at(static_cast<std::size_t>(value));
}

std::optional<HistoryOutcome> history_outcome_from(std::string_view name) {
  return find_name<HistoryOutcome>(kOutcomes, name);
}

std::string act_of(const HistoryOperation& operation) {
  const std::string_view op = to_string(operation.op);
  std::string act;
  if (operation.op == HistoryOp::kRead) {
    act = operation.outcome == HistoryOutcome::kOk
              ? fmt::format("{} -> {}", op, to_text(operation.value))
              : std::string(op);
  } else if (const auto* pair = std::get_if<HistoryList>(&operation.value);
             operation.op == HistoryOp::kCas && pair != nullptr && pair->size() == 2) {
    act = fmt::format("{} {} -> {}", op, to_text((*pair)[0]), to_text((*pair)[1]));
  } else {
    act = fmt::format("{} {}", op, to_text(operation.value));
  }
  return operation.version ? fmt::format("{} (version {})", act, *operation.version) : act;
}

std::string witness_line(const HistoryOperation& operation) {
  const bool open = operation.outcome == HistoryOutcome::kInfo;
  return fmt::format(
      "{:<32} process {:<6} {:.6f}s to {} {}", act_of(operation), operation.process,
      to_seconds(operation.invoke),
      open ? std::string("?") : fmt::format("{:.6f}s", to_seconds(operation.complete)),
      to_string(operation.outcome));
}

}  // namespace squall::model
