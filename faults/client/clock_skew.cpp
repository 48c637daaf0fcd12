// Moves every time-derived value of a request: {{now}} in any format and offset, so also Date
// headers, signed timestamps and the claims of tokens made of it, and one-time passwords.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "loadgen/base/clock_rate.hpp"
#include "loadgen/model/client_fault.hpp"
#include "loadgen/model/wire_composition.hpp"

namespace squall::faults {
namespace {

enum class Shape { kConstant, kStep, kDrift, kFreeze, kSweep };

struct ClockSkewConfig {
  Shape shape = Shape::kConstant;
  Duration offset{};  // constant, step, sweep; signed
  Duration every{};   // step: between two jumps, zero: one jump; sweep: of one pass
  double rate = 0;    // drift: seconds gained per second; signed
};

// How far the client's clock is off, in seconds, `in_window` after the fault began.
double seconds_off(const ClockSkewConfig& config, Duration in_window) {
  const double elapsed = to_seconds(in_window);
  const double offset = to_seconds(config.offset);
  switch (config.shape) {
    case Shape::kConstant:
      return offset;
    case Shape::kStep: {
      const bool again = config.every > Duration::zero();
      return offset *
             (again ? 1 + std::floor(std::max(0.0, elapsed) / to_seconds(config.every)) : 1);
    }
    case Shape::kDrift:
      return elapsed * config.rate;
    case Shape::kFreeze:
      return 0;  // see apply()
    case Shape::kSweep: {
      const double passes = elapsed / to_seconds(config.every);
      return offset * (2 * (passes - std::floor(passes)) - 1);
    }
  }
  return offset;
}

class ClockSkew final : public model::ClientFault {
 public:
  explicit ClockSkew(const ClockSkewConfig& config) : config_(config) {}

  Result<void> apply(model::WireScript& script, const model::FaultContext& context,
                     model::FaultDraw& /*draw*/) const override {
    if (config_.shape == Shape::kFreeze) {
      model::freeze_wall_clock(script, context.offset - context.in_window);
      return {};
    }
    const double largest = to_seconds(model::kLargestWallOffset);
    const Duration offset =
        from_seconds(std::clamp(seconds_off(config_, context.in_window), -largest, largest));
    // A drift starts from zero; a script without any offset would count as a fault that did not
    // fire.
    model::add_wall_offset(script, offset == Duration::zero() ? Duration(1) : offset);
    return {};
  }

 private:
  ClockSkewConfig config_;
};

constexpr std::array<std::pair<std::string_view, Shape>, 5> kShapes{{
    {"constant", Shape::kConstant},
    {"step", Shape::kStep},
    {"drift", Shape::kDrift},
    {"freeze", Shape::kFreeze},
    {"sweep", Shape::kSweep},
}};

const expr::TableSpec& keys() {
  static const expr::TableSpec kKeys{
      .name = "fault (clock_skew)",
      .help =
          "Moves every time of a request: {{now}}, signatures and tokens made of it, "
          "one-time passwords.",
      .keys = {
          {.name = "shape",
           .type = expr::ValueType::kString,
           .help =
               "`constant`: off by `offset`; `step`: jumps by `offset` when the window starts, "
               "and again each `every`; `drift`: gains `rate`; `freeze`: stands still at the "
               "window's start; `sweep`: goes evenly from -`offset` to +`offset` in each `every`.",
           .default_value = "constant",
           .choices = {"constant", "step", "drift", "freeze", "sweep"}},
          {.name = "offset",
           .type = expr::ValueType::kString,
           .help = "For constant, step, sweep: how far; with `-` the clock is slow (a step back).",
           .example = "\"-5m\""},
          {.name = "rate",
           .type = expr::ValueType::kString,
           .help = "For drift: parts per million (`500ppm`, `-200ppm`) or time gained per time "
                   "(`2s/m`, `-1h/h`).",
           .example = "\"500ppm\""},
          {.name = "every",
           .type = expr::ValueType::kDuration,
           .help =
               "For step: time between two jumps (without it: one jump). For sweep: time of one "
               "pass.",
           .example = "\"10s\""},
      }};
  return kKeys;
}

void read_rate(expr::TableReader& reader, ClockSkewConfig& config) {
  if (!reader.has("rate")) {
    reader.error("rate", "shape = \"drift\" needs a `rate`, such as \"500ppm\" or \"2s/m\"");
    return;
  }
  const std::string text = reader.string("rate");
  const std::optional<double> rate = parse_clock_rate(text);
  if (!rate) {
    reader.error("rate", "\"" + text +
                             "\" is no rate of drift: write parts per million (\"500ppm\") or time "
                             "gained per time (\"2s/m\")");
    return;
  }
  config.rate = *rate;
}

void read_offset(expr::TableReader& reader, ClockSkewConfig& config) {
  if (!reader.has("offset")) {
    reader.error("offset",
                 "shape = \"" + reader.string("shape") + "\" needs an `offset`, such as \"-5m\"");
    return;
  }
  const Result<Duration> offset = parse_duration(reader.string("offset"), Sign::kAny);
  if (!offset) {
    reader.error("offset", offset.error().message);
    return;
  }
  if (*offset == Duration::zero() || *offset > model::kLargestWallOffset ||
      *offset < -model::kLargestWallOffset) {
    reader.error("offset", "an offset is not zero and at most 100 years");
    return;
  }
  config.offset = *offset;
}

void read_every(expr::TableReader& reader, ClockSkewConfig& config) {
  config.every = std::chrono::seconds(10);
  if (!reader.has("every")) {
    if (config.shape == Shape::kSweep) {
      reader.error("every",
                   "shape = \"sweep\" needs `every`, the time of one pass, such as \"10s\"");
    } else {
      config.every = Duration::zero();
    }
    return;
  }
  const Duration every = reader.duration("every");
  if (every <= Duration::zero()) {
    reader.error("every", "`every` is longer than nothing, such as \"10s\"");
    return;
  }
  config.every = every;
}

void refuse(expr::TableReader& reader, std::string_view key) {
  if (reader.has(key)) {
    reader.error(key,
                 "shape = \"" + reader.string("shape") + "\" has no `" + std::string(key) + "`");
  }
}

std::unique_ptr<model::ClientFault> compile(expr::TableReader& reader) {
  ClockSkewConfig config;
  const std::string shape = reader.string("shape");
  for (const auto& [word, value] : kShapes) {
    if (word == shape) {
      config.shape = value;
    }
  }
  const bool drifts = config.shape == Shape::kDrift;
  const bool moves = !drifts && config.shape != Shape::kFreeze;
  const bool repeats = config.shape == Shape::kStep || config.shape == Shape::kSweep;
  const auto read_or_refuse = [&reader, &config](bool wanted, std::string_view key, auto read) {
    if (wanted) {
      read(reader, config);
    } else {
      refuse(reader, key);
    }
  };
  read_or_refuse(drifts, "rate", read_rate);
  read_or_refuse(moves, "offset", read_offset);
  read_or_refuse(repeats, "every", read_every);
  return std::make_unique<ClockSkew>(config);
}

}  // namespace

void register_client_fault_clock_skew(ClientFaultRegistry& registry) {
  registry.add({
      .name = "clock_skew",
      .summary = "move the request's times ({{now}}, jwt, hmac, totp; not libcurl's own SigV4)",
      .production_cause =
          "a client whose clock is wrong, was set back by NTP, drifts, or stood still while its "
          "virtual machine was paused",
      .example = R"([[fault]]
name = "slow-clock"
kind = "clock_skew"
shape = "constant"
offset = "-5m"
on = ["buy.charge"]
share = "20%"
)",
      .traits = {.moves_clock = true},
      .forms = {""},  // each shape with keys of its own, and all the same to an engine
      .keys = &keys(),
      .compile = compile,
  });
}

}  // namespace squall::faults
