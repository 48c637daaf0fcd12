// Attempts of an operation as lines that people read, the same in every report.
#pragma once

#include <string>
#include <vector>

#include "loadgen/model/effect.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::model {

// "+12.345s  attempt 1 copy 2: 200 success after 23.1ms, 512 B sent [twins]". The time is that of
// the first byte, or of the end when none was sent. One line; text of the target is made printable.
[[nodiscard]] std::string timeline_line(const RunRecord& record, const EffectAttempt& attempt);

// "twins (duplicate) and lost-ack (drop)", or "no client fault".
[[nodiscard]] std::string fault_list(const RunRecord& record,
                                     const std::vector<std::uint16_t>& faults);

}  // namespace squall::model
