// Arrivals along a rate curve: what most arrival processes are.
#pragma once

#include <memory>

#include "loadgen/engine/rate_curve.hpp"
#include "loadgen/expr/key_spec.hpp"
#include "loadgen/expr/table_reader.hpp"
#include "loadgen/model/arrival_process.hpp"

namespace squall::engine {

enum class Spacing : std::uint8_t {
  kEven,     // the k-th arrival where the integral of the rate reaches k
  kPoisson,  // where it reaches the sum of k exponential draws of mean 1: a Poisson process whose
             // rate follows the curve (Cinlar, "Introduction to Stochastic Processes", 1975: time
             // rescaling)
};

// The key `spacing`, and its value.
[[nodiscard]] expr::KeySpec spacing_key();
[[nodiscard]] Spacing read_spacing(expr::TableReader& reader);

// A process along that curve, which counts from t = 0 and holds its first rate in the warm-up.
// REQUIRES: the curve is complete (it ends with something that is held).
[[nodiscard]] std::unique_ptr<model::ArrivalProcess> along_curve(RateCurve curve, Spacing spacing);

// How many arrivals of even spacing are due before `length`: the whole numbers from 0 on that the
// curve reaches until then. Exact.
[[nodiscard]] double even_count(const RateCurve& curve, Duration length);

}  // namespace squall::engine
