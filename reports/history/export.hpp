// The history in the forms that other checkers read: Jepsen's operation maps, as EDN or JSON.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/model/history.hpp"

namespace squall::reports {

struct HistoryExport {
  std::string_view name;     // `--as` value: "edn"
  std::string_view summary;  // one line
  // `attempts`: all of the run, in any order. `steps`: full names, by index. Pure.
  std::string (*render)(const std::vector<model::HistoryOperation>& attempts,
                        const std::vector<std::string>& steps) = nullptr;
};

// Each operation is an invoke and a completion, in order of time. Attempts and copies of a change
// are one operation, as they are for squall's own checks: a client with retries inside, in Jepsen's
// terms. Histories with `append` are Elle's transactions of one micro-operation each; the rest are
// flat, with their :key.
//   edn           one map a line
//   edn-txn       the same, with reads and writes as transactions, too (Elle's rw-register)
//   history-json  as edn, one JSON array
[[nodiscard]] std::span<const HistoryExport> history_exports();

}  // namespace squall::reports
