// A Poisson process: independent exponential gaps, as many independent users make them. The whole
// sequence comes from the scenario's stream, so each worker sees the same instants and takes its
// share of them.
#include <memory>

#include "loadgen/engine/arrival_rate.hpp"
#include "loadgen/engine/curve_arrivals.hpp"

namespace squall::engine {
namespace {

using expr::TableSpec;

const TableSpec& keys() {
  static const TableSpec spec{
      .name = "scenario.arrivals (poisson)",
      .help = "Independent arrivals: exponential gaps.",
      .keys = {rate_key("Mean arrivals per second, all threads together.")}};
  return spec;
}

std::unique_ptr<model::ArrivalProcess> compile(expr::TableReader& reader) {
  RateCurve curve;
  curve.hold(read_rate(reader));
  return along_curve(std::move(curve), Spacing::kPoisson);
}

}  // namespace

void register_arrival_poisson(model::ArrivalRegistry& registry);

void register_arrival_poisson(model::ArrivalRegistry& registry) {
  registry.add({.name = "poisson",
                .summary = "independent users: exponential gaps, bursts as in real traffic",
                .example = "arrivals = { process = \"poisson\", rate = \"200/s\" }",
                .keys = &keys(),
                .compile = compile});
}

}  // namespace squall::engine
