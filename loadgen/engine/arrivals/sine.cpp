// A rate that swings around its mean, as days and nights do.
#include <memory>

#include "loadgen/engine/arrival_rate.hpp"
#include "loadgen/engine/curve_arrivals.hpp"

namespace squall::engine {
namespace {

using expr::TableSpec;

const TableSpec& keys() {
  static const TableSpec spec{
      .name = "scenario.arrivals (sine)",
      .help = "A rate that swings around its mean.",
      .keys = {rate_key("Mean rate, also at t = 0, where it begins to rise, and in the warm-up.",
                        "mean"),
               rate_key("How far it swings up and down; at most the mean.", "amplitude"),
               {.name = "period",
                .type = expr::ValueType::kDuration,
                .help = "From one peak to the next.",
                .required = true,
                .example = "\"1m\""},
               spacing_key()}};
  return spec;
}

std::unique_ptr<model::ArrivalProcess> compile(expr::TableReader& reader) {
  const Rate mean = read_rate(reader, "mean");
  Rate amplitude = reader.rate("amplitude");
  if (amplitude > mean) {
    if (reader.has("amplitude") && reader.has("mean")) {
      reader.error("amplitude",
                   "the amplitude is above the mean, so the rate would fall below zero");
    }
    amplitude = mean;
  }
  RateCurve curve;
  curve.hold_sine(mean, amplitude, read_span(reader, "period"));
  return along_curve(std::move(curve), read_spacing(reader));
}

}  // namespace

void register_arrival_sine(model::ArrivalRegistry& registry);

void register_arrival_sine(model::ArrivalRegistry& registry) {
  registry.add({.name = "sine",
                .summary = "a rate that swings around its mean, as days and nights do",
                .example = "arrivals = { process = \"sine\", mean = \"200/s\", "
                           "amplitude = \"150/s\", period = \"30s\" }",
                .keys = &keys(),
                .compile = compile});
}

}  // namespace squall::engine
