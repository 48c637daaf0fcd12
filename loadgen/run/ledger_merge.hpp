// Joins the ledgers of shards to the one that a single process would have written.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/model/run_record.hpp"
#include "loadgen/run/ledger_line.hpp"

namespace squall::run {

// Told of each line, in the order of the joined ledger; `shard` is an index into the directories.
using LedgerVisitor = std::function<void(std::size_t shard, const LedgerEntry& entry)>;

// Reads ledger.ndjson of each directory and writes all their lines, byte by byte as they are, in
// the order of LedgerPlace to `path`. Holds one line of each in memory. A cut-off last line is
// passed over. kMalformed, with file and line, for a line that makes no sense or is out of order,
// kNotFound without a ledger, kIo when it cannot be written.
[[nodiscard]] Result<void> merge_ledgers(const std::vector<std::string>& directories,
                                         const std::vector<model::RecordedStep>& steps,
                                         const std::string& path, const LedgerVisitor& visit);

}  // namespace squall::run
