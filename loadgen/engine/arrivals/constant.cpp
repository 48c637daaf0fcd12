// Arrivals at equal distances: the i-th at i / rate, computed from i, so no rounding error adds up.
#include <memory>

#include "loadgen/engine/arrival_rate.hpp"
#include "loadgen/engine/curve_arrivals.hpp"

namespace squall::engine {
namespace {

using expr::TableSpec;

const TableSpec& keys() {
  static const TableSpec spec{.name = "scenario.arrivals (constant)",
                              .help = "Arrivals at equal distances.",
                              .keys = {rate_key("Arrivals per second, all threads together.")}};
  return spec;
}

std::unique_ptr<model::ArrivalProcess> compile(expr::TableReader& reader) {
  RateCurve curve;
  curve.hold(read_rate(reader));
  return along_curve(std::move(curve), Spacing::kEven);
}

}  // namespace

void register_arrival_constant(model::ArrivalRegistry& registry);

void register_arrival_constant(model::ArrivalRegistry& registry) {
  registry.add({.name = "constant",
                .summary = "equal distances; the least bursty schedule of a rate",
                .example = "arrivals = { process = \"constant\", rate = \"200/s\" }",
                .keys = &keys(),
                .compile = compile});
}

}  // namespace squall::engine
