// A rate that changes in steps: a list of them, or a staircase.
#include <cmath>
#include <memory>

#include <fmt/core.h>

#include "loadgen/engine/arrival_rate.hpp"
#include "loadgen/engine/curve_arrivals.hpp"

namespace squall::engine {
namespace {

using expr::KeySpec;
using expr::TableSpec;
using expr::ValueType;

constexpr std::size_t kMaxSteps = 10'000;

const TableSpec& step_keys() {
  static const TableSpec spec{.name = "scenario.arrivals.steps",
                              .help = "One step of the rate.",
                              .keys = {rate_key("Rate of this step; may be \"0/s\"."),
                                       {.name = "for",
                                        .type = ValueType::kDuration,
                                        .help = "How long it lasts.",
                                        .required = true,
                                        .example = "\"30s\""}}};
  return spec;
}

KeySpec stair_key(std::string name, std::string help) {
  KeySpec key = rate_key(std::move(help), std::move(name));
  key.required = false;
  return key;
}

const TableSpec& keys() {
  static const TableSpec spec{
      .name = "scenario.arrivals (steps)",
      .help = "A rate that changes in steps.",
      .keys = {
          {.name = "steps",
           .type = ValueType::kTableList,
           .help = "The steps, one after the other; the last one's rate stays. Instead of it a "
                   "staircase: `from`, `by`, `every`, `to`.",
           .table = &step_keys(),
           .example = "[{ rate = \"100/s\", for = \"30s\" }, { rate = \"200/s\", for = "
                      "\"30s\" }]"},
          stair_key("from", "Rate of the first stair."),
          stair_key("by", "How much each stair differs from the one before it."),
          {.name = "every",
           .type = ValueType::kDuration,
           .help = "How long each stair lasts.",
           .example = "\"10s\""},
          stair_key("to", "Rate of the last stair, which stays; below `from` for a way down."),
          spacing_key()}};
  return spec;
}

RateCurve read_list(expr::TableReader& reader) {
  RateCurve curve;
  Rate last{};
  bool any = false;
  const std::vector<const expr::Value*> tables = reader.tables("steps");
  if (tables.size() > kMaxSteps) {
    reader.error("steps", fmt::format("at most {} steps", kMaxSteps));
  }
  for (std::size_t i = 0; i < std::min(tables.size(), kMaxSteps); ++i) {
    expr::TableReader step(*tables[i], step_keys(), reader.scope(), reader.diagnostics());
    last = step.rate("rate");
    any = any || last.per_second > 0;
    curve.add_linear(read_span(step, "for"), last, last);
  }
  if (!any && tables.size() <= kMaxSteps) {
    reader.error("steps",
                 "steps without a rate above zero make no traffic; write for example "
                 "[{ rate = \"100/s\", for = \"30s\" }]");
  }
  curve.hold(last);
  return curve;
}

RateCurve read_stairs(expr::TableReader& reader) {
  RateCurve curve;
  const Rate from = reader.rate("from");
  const Rate to = read_rate(reader, "to");
  const Rate by = read_rate(reader, "by");
  const Duration every = read_span(reader, "every");
  const double way = to.per_second - from.per_second;
  // A last stair that would be a sliver for want of digits is none.
  const double stairs = std::ceil(std::abs(way) / by.per_second - 1e-9);
  if (stairs > static_cast<double>(kMaxSteps)) {
    reader.error("by", fmt::format("{} stairs from {} to {}, at most {} are possible", stairs,
                                   format_rate(from), format_rate(to), kMaxSteps));
  } else {
    const auto count = static_cast<std::uint32_t>(stairs);
    for (std::uint32_t stair = 0; stair < count; ++stair) {
      const Rate rate{from.per_second + std::copysign(by.per_second, way) * stair};
      curve.add_linear(every, rate, rate);
    }
  }
  curve.hold(to);
  return curve;
}

std::unique_ptr<model::ArrivalProcess> compile(expr::TableReader& reader) {
  constexpr std::array<std::string_view, 4> kStairs{"from", "by", "every", "to"};
  const bool listed = reader.has("steps");
  bool all = true;
  bool any = false;
  for (const std::string_view key : kStairs) {
    all = all && reader.has(key);
    any = any || reader.has(key);
    if (listed && reader.has(key)) {
      reader.error(key, fmt::format("\"{}\" describes a staircase, but there is a list of steps "
                                    "already",
                                    key));
    }
  }
  if (!listed && !all) {
    reader.diagnostics().error(
        reader.where(), any ? "a staircase needs \"from\", \"by\", \"every\" and \"to\""
                            : "steps are missing; write for example steps = [{ rate = \"100/s\", "
                              "for = \"30s\" }], or from, by, every and to");
    RateCurve curve;
    curve.hold(Rate{1});
    return along_curve(std::move(curve), Spacing::kEven);
  }
  return along_curve(listed ? read_list(reader) : read_stairs(reader), read_spacing(reader));
}

}  // namespace

void register_arrival_steps(model::ArrivalRegistry& registry);

void register_arrival_steps(model::ArrivalRegistry& registry) {
  registry.add({.name = "steps",
                .summary = "a rate that changes in steps: a list of them, or a staircase",
                .example = "arrivals = { process = \"steps\", from = \"100/s\", by = \"50/s\", "
                           "every = \"5s\", to = \"300/s\" }",
                .keys = &keys(),
                .compile = compile});
}

}  // namespace squall::engine
