// Answers that came, and were not what their step demands.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "loadgen/model/run_record.hpp"

namespace squall::reports {

struct UnexpectedAnswers {
  std::uint64_t answers = 0;     // successes, and those that were not as demanded
  std::uint64_t unexpected = 0;  // of them; errors of the target (5xx) and no answer are neither
  std::vector<std::string> demands;  // "read.again: json /value == 2, not met 12 times"
};

// Of all attempts of the steps that `selectors` mean, warm-up included. `selectors`: none: no step.
[[nodiscard]] UnexpectedAnswers unexpected_answers(const model::RunRecord& record,
                                                   const std::vector<std::string>& selectors);

}  // namespace squall::reports
