// A rate that rises or falls along a straight line and then stays.
#include <memory>

#include "loadgen/engine/arrival_rate.hpp"
#include "loadgen/engine/curve_arrivals.hpp"

namespace squall::engine {
namespace {

using expr::TableSpec;

const TableSpec& keys() {
  static const TableSpec spec{
      .name = "scenario.arrivals (ramp)",
      .help = "A rate along a straight line.",
      .keys = {rate_key("Rate at t = 0 and in the warm-up; may be \"0/s\".", "from"),
               rate_key("Rate at the end of the ramp and ever after.", "to"),
               {.name = "over",
                .type = expr::ValueType::kDuration,
                .help = "How long the ramp takes.",
                .required = true,
                .example = "\"1m\""},
               spacing_key()}};
  return spec;
}

std::unique_ptr<model::ArrivalProcess> compile(expr::TableReader& reader) {
  const Rate from = reader.rate("from");
  Rate to = reader.rate("to");
  const Duration over = read_span(reader, "over");
  if (from.per_second <= 0 && to.per_second <= 0) {
    reader.error("to", "a ramp from zero to zero makes no traffic; write for example \"200/s\"");
    to = Rate{1};
  }
  RateCurve curve;
  curve.add_linear(over, from, to);
  curve.hold(to);
  return along_curve(std::move(curve), read_spacing(reader));
}

}  // namespace

void register_arrival_ramp(model::ArrivalRegistry& registry);

void register_arrival_ramp(model::ArrivalRegistry& registry) {
  registry.add({.name = "ramp",
                .summary = "a rate that rises or falls along a straight line and then stays",
                .example = "arrivals = { process = \"ramp\", from = \"0/s\", to = \"1000/s\", "
                           "over = \"10s\" }",
                .keys = &keys(),
                .compile = compile});
}

}  // namespace squall::engine
