// Judging a step by operations that were done more than once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/model/run_record.hpp"

namespace squall::reports {

// Who might do an operation a second time.
enum class Repeater : std::uint8_t {
  kClient,  // by copies and retries: without any of them silence says nothing
  kTarget,  // the target by itself, of each operation
};

struct RepetitionWords {
  std::string_view detector;
  Repeater repeater = Repeater::kClient;
  std::uint64_t least = 1;  // repetitions (of a client) or operations (of a target) for a pass
  std::vector<std::string> remedies;  // the most important first
};

// fail: some operations of the step have several effects, with how they came about. pass: what was
// tried did not lead there, with the bound that follows for the rate. Else inconclusive or invalid.
[[nodiscard]] model::Finding judge_repeated(const model::RunRecord& record,
                                            const model::EffectCounts& counts,
                                            const RepetitionWords& words);

}  // namespace squall::reports
