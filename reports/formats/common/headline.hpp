// What a run came to, in a line each: its verdict in a word, what it achieved, what it took up.
#pragma once

#include <string>

#include "loadgen/model/run_record.hpp"

namespace squall::reports {

// "7990 of 8000 due arrivals taken up; 10 operations dropped before they were sent": taking up
// is the generator's part, whether a connection comes free then is the target's.
[[nodiscard]] std::string taken_up_line(const model::RunRecord& record);

// What was achieved while load flowed, per second: due and started, acknowledged and not; and how
// long the drain took. Empty for records without seconds.
[[nodiscard]] std::string throughput_line(const model::RunRecord& record);

// A pass that no check and no required finding stands behind; never a capacity.
[[nodiscard]] bool nothing_required(const model::RunRecord& record);
// "PASS", "FAIL", …; "DONE" for a run of which nothing was required.
[[nodiscard]] std::string headline_word(const model::RunRecord& record);
// What stands beside it: "pass", "nothing was required of this run; errors 52%".
[[nodiscard]] std::string headline_text(const model::RunRecord& record);

}  // namespace squall::reports
