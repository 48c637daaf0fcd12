// A rate that leaps up for a while and comes back.
#include <memory>

#include "loadgen/engine/arrival_rate.hpp"
#include "loadgen/engine/curve_arrivals.hpp"

namespace squall::engine {
namespace {

using expr::TableSpec;
using expr::ValueType;

const TableSpec& keys() {
  static const TableSpec spec{
      .name = "scenario.arrivals (spike)",
      .help = "A base rate with one spike.",
      .keys = {rate_key("Rate before and after; may be \"0/s\".", "base"),
               rate_key("Rate of the spike.", "peak"),
               {.name = "at",
                .type = ValueType::kDuration,
                .help = "When the rate begins to rise, after t = 0.",
                .required = true,
                .example = "\"10s\""},
               {.name = "for",
                .type = ValueType::kDuration,
                .help = "How long the peak is held.",
                .required = true,
                .example = "\"5s\""},
               {.name = "rise",
                .type = ValueType::kDuration,
                .help = "How long the way up takes, and the way down: straight lines.",
                .default_value = "0s"},
               spacing_key()}};
  return spec;
}

std::unique_ptr<model::ArrivalProcess> compile(expr::TableReader& reader) {
  const Rate base = reader.rate("base");
  const Rate peak = read_rate(reader, "peak");
  const Duration rise = reader.duration("rise");
  if (reader.has("peak") && reader.has("base") && peak <= base) {
    reader.error("peak", "the peak of a spike lies above its base");
  }
  RateCurve curve;
  curve.add_linear(reader.duration("at"), base, base);
  curve.add_linear(rise, base, peak);
  curve.add_linear(read_span(reader, "for"), peak, peak);
  curve.add_linear(rise, peak, base);
  curve.hold(base);
  return along_curve(std::move(curve), read_spacing(reader));
}

}  // namespace

void register_arrival_spike(model::ArrivalRegistry& registry);

void register_arrival_spike(model::ArrivalRegistry& registry) {
  registry.add({.name = "spike",
                .summary = "a base rate that leaps to a peak for a while and comes back",
                .example = "arrivals = { process = \"spike\", base = \"50/s\", peak = \"500/s\", "
                           "at = \"10s\", for = \"5s\" }",
                .keys = &keys(),
                .compile = compile});
}

}  // namespace squall::engine
