// history.ndjson: what Journal::history() wrote.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/model/history.hpp"

namespace squall::run {

inline constexpr std::string_view kHistoryName = "history.ndjson";
inline constexpr std::size_t kMaxHistoryOperations = 20'000'000;

// All operations, in file order. `steps`: full names, by index. A cut-off last line is passed over;
// any other broken line is kMalformed with its place; a file that is not there kNotFound; one that
// cannot be read to its end kIo; one with more operations than `most`, which would not fit into
// memory, kExhausted.
[[nodiscard]] Result<std::vector<model::HistoryOperation>> read_history(
    const std::string& directory, const std::vector<std::string>& steps,
    std::size_t most = kMaxHistoryOperations);

}  // namespace squall::run
