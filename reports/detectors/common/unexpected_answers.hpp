// Answers that came, and were not what their step demands.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "loadgen/model/run_record.hpp"

namespace squall::reports {

struct UnexpectedAnswers {
  std::uint64_t answers = 0;     // successes, and the next two
  std::uint64_t unexpected = 0;  // successes by their status, and otherwise not as demanded
  std::uint64_t missing = 0;     // 404 and 410, where that is not what is demanded
  std::uint64_t errors = 0;  // every other answer (401, 429, 503, …): it tells of the moment, not
                             // of what is kept
  std::vector<std::string> demands;  // "read.again: json /value == 2, not met 12 times"
};

// Of all attempts of the steps that `selectors` mean, warm-up included. `selectors`: none: no step.
[[nodiscard]] UnexpectedAnswers unexpected_answers(const model::RunRecord& record,
                                                   const std::vector<std::string>& selectors);

}  // namespace squall::reports
