// What comparisons need of one run, small enough to keep of many.
#pragma once

#include <array>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "loadgen/model/comparison.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::reports {

inline constexpr std::size_t kPercentiles = std::size(model::kComparedPercentiles);

// Operations of one step and exposure in the measured phase.
struct StepFigures {
  std::string step;
  model::Exposure exposure = model::Exposure::kClean;
  // Microseconds; nothing where the samples do not carry it.
  std::array<std::optional<double>, kPercentiles> percentiles;
  std::uint64_t operations = 0;
  std::uint64_t errors = 0;  // not acknowledged, dropped ones included
};

// Operations of a step, clean and faulted.
struct RateFigures {
  std::string step;
  bool closed = false;        // users: the rate follows from the answers
  std::uint64_t offered = 0;  // dropped ones included
  std::uint64_t done = 0;
  double per_second = 0;
};

struct EffectFigures {
  std::string step;
  std::uint64_t operations = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t lost = 0;
  std::uint64_t phantoms = 0;
};

// A value. An empty `void_…`: the figures hold; else why they do not, in a sentence: the
// measurement is invalid, or there is none.
struct RunFigures {
  std::vector<StepFigures> steps;
  std::vector<RateFigures> rates;
  std::vector<EffectFigures> effects;
  bool effects_counted = false;
  std::string void_latency;
  std::string void_effects;
};
[[nodiscard]] RunFigures figures_of(const model::RunRecord& record);

// Whether the step's scenario has users and not arrivals. Older records do not say: no.
[[nodiscard]] bool is_closed(const model::RunRecord& record, const std::string& step);

}  // namespace squall::reports
