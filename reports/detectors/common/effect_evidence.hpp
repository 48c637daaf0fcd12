// What detectors that judge by counted effects have in common: whether the counts can be relied on,
// how wrong operations came about, and the first of them with their history.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "loadgen/model/run_record.hpp"

namespace squall::reports {

[[nodiscard]] std::uint64_t counted(const model::EffectCounts& counts,
                                    model::EffectVerdict verdict);
[[nodiscard]] std::uint64_t counted(const model::EffectCounts& counts,
                                    model::OperationOutcome outcome);

// "0.64%, 95% interval 0.45% to 0.87%". REQUIRES: trials > 0.
[[nodiscard]] std::string rate_text(std::uint64_t hits, std::uint64_t trials);

// How the step's operations of that verdict came about, the most frequent way first: the faults
// that touched them, whether they were retried, and how often such a fault led to that.
[[nodiscard]] std::vector<std::string> origin_lines(const model::RunRecord& record,
                                                    const model::EffectCounts& counts,
                                                    model::EffectVerdict verdict);

// Adds the first operations of that verdict with their attempts to the evidence, and the command
// that repeats the very first one.
void add_case_lines(const model::RunRecord& record, const model::EffectCounts& counts,
                    model::EffectVerdict verdict, model::Finding& finding);

// Whether silence means something: operations were sent, the effects of all of them are known, and
// the counts came to rest. Else the finding becomes inconclusive or invalid, and the result is
// false. Wrong effects are proven all the same: ask for those first.
[[nodiscard]] bool effects_are_known(const model::RunRecord& record,
                                     const model::EffectCounts& counts, model::Finding& finding);

// Adds what the oracles complain of.
void add_oracle_problems(const model::RunRecord& record, model::Finding& finding);

}  // namespace squall::reports
