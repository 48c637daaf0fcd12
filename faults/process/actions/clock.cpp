// Moves the wall clock of a service.
#include <memory>

#include <fmt/core.h>

#include "loadgen/base/clock_rate.hpp"
#include "loadgen/base/time_text.hpp"
#include "loadgen/model/action_kind.hpp"
#include "loadgen/model/clock_move.hpp"

namespace squall::faults {
namespace {

using model::ActionContext;
using model::ClockMove;

constexpr Duration kFarthest = std::chrono::hours(24 * 365 * 100);

class Clock final : public model::ServiceAction {
 public:
  explicit Clock(const ClockMove& move) : move_(move) {}

  Result<void> start(const ActionContext& context) override {
    Result<void> done;
    for (const std::string& process : context.processes) {
      if (Result<void> moved = context.services.move_clock(process, move_)) {
        moved_.push_back(process);
      } else {
        done = std::move(moved);
      }
    }
    return done;
  }

  Result<void> undo(const ActionContext& context) override {
    Result<void> done;
    for (const std::string& process : moved_) {
      if (Result<void> back = context.services.restore_clock(process); !back) {
        done = std::move(back);
      }
    }
    return done;
  }

 private:
  ClockMove move_;
  std::vector<std::string> moved_;
};

class Recipe final : public model::ActionRecipe {
 public:
  explicit Recipe(const ClockMove& move) : move_(move) {}
  [[nodiscard]] std::unique_ptr<model::ServiceAction> occurrence() const override {
    return std::make_unique<Clock>(move_);
  }
  [[nodiscard]] std::string text() const override { return move_.text(); }

 private:
  ClockMove move_;
};

// NOLINTNEXTLINE(readability-function-size): a table
const expr::TableSpec& keys() {
  static const expr::TableSpec kKeys{
      .name = "action (clock)",
      .help =
          "Moves the wall clock that the processes of a service see; monotonic clocks stay. "
          "Undone, it shows the true time. A program that cannot be reached (statically linked, "
          "Go, setuid) or never asks for the time makes the run invalid; what is reached stands "
          "in faults/README.md.",
      .keys = {
          {.name = "offset",
           .type = expr::ValueType::kString,
           .help = "A jump: ahead, or behind with `-`.",
           .example = "\"-1h\""},
          {.name = "to",
           .type = expr::ValueType::kString,
           .help = "A jump to an instant (RFC 3339), or to the next `midnight`, `month_end`, "
                   "`year_end`, `leap_day` (UTC) or to `32_bits` (2038-01-19T03:14:08Z); `offset` "
                   "counts from there.",
           .example = "\"midnight\""},
          {.name = "rate",
           .type = expr::ValueType::kString,
           .help = "What it gains from then on: parts per million or time in time.",
           .example = "\"500ppm\""},
          {.name = "freeze",
           .type = expr::ValueType::kBoolean,
           .help = "It stands still.",
           .default_value = "false"},
          {.name = "strobe",
           .type = expr::ValueType::kDuration,
           .help = "The jump by `offset` is taken back after this, and done again, and so on.",
           .example = "\"200ms\""},
      }};
  return kKeys;
}

void read_offset(expr::TableReader& reader, ClockMove& move) {
  if (!reader.has("offset")) {
    return;
  }
  std::string text = reader.string("offset");
  if (text.starts_with('+')) {
    text.erase(0, 1);
  }
  const Result<Duration> offset = parse_duration(text, Sign::kAny);
  if (!offset || *offset == Duration::zero() || std::chrono::abs(*offset) > kFarthest) {
    reader.error("offset",
                 offset ? "an offset is not zero and at most 100 years" : offset.error().message);
    return;
  }
  move.offset = *offset;
}

void read_instant(expr::TableReader& reader, ClockMove& move) {
  if (!reader.has("to")) {
    return;
  }
  const std::string text = reader.string("to");
  move.boundary = model::clock_boundary_from(text);
  move.to = parse_rfc3339(text);
  if (!move.boundary && !move.to) {
    reader.error("to", fmt::format("\"{}\" is no instant: write one such as "
                                   "\"2038-01-19T03:14:05Z\", or midnight, month_end, year_end, "
                                   "leap_day or 32_bits",
                                   text));
  }
}

void read_pace(expr::TableReader& reader, ClockMove& move) {
  if (reader.boolean("freeze")) {
    move.rate = -1;
    if (reader.has("rate")) {
      reader.error("rate", "a clock that stands still has no rate: leave out `rate` or `freeze`");
    }
    return;
  }
  if (!reader.has("rate")) {
    return;
  }
  const std::string text = reader.string("rate");
  const std::optional<double> rate = parse_clock_rate(text);
  if (!rate) {
    reader.error("rate", fmt::format("\"{}\" is no rate: write parts per million (\"500ppm\") or "
                                     "time gained per time (\"2s/m\")",
                                     text));
    return;
  }
  move.rate = *rate;
}

std::unique_ptr<model::ActionRecipe> compile(expr::TableReader& reader) {
  ClockMove move;
  read_offset(reader, move);
  read_instant(reader, move);
  read_pace(reader, move);
  if (reader.has("strobe")) {
    move.every = reader.duration("strobe");
    if (move.every <= Duration::zero()) {
      reader.error("strobe", "above zero, such as \"200ms\"");
    } else if (!reader.has("offset") || reader.has("to")) {
      reader.error("strobe", "there and back is a jump by `offset`, without `to`");
    }
  }
  if (!reader.has("offset") && !reader.has("to") && !reader.has("rate") && !reader.has("freeze")) {
    reader.error("kind",
                 "what becomes of the clock? give `offset`, `to`, `rate` or `freeze`, for "
                 "example offset = \"-1h\"");
  }
  return std::make_unique<Recipe>(move);
}

}  // namespace

void register_action_clock(ActionRegistry& registry) {
  registry.add({.name = "clock",
                .summary = "moves the wall clock of a service: jump, drift, standstill, strobe",
                .production_cause =
                    "a host without NTP, a step back after a long drift, a virtual machine that "
                    "was paused, the end of a month",
                .example = R"([[action]]
name = "one-hour-ahead"
kind = "clock"
service = "shop"
offset = "1h"
at = "10s"
for = "5s"
)",
                .traits = {.needs_service = true, .lasts = true, .moves_clock = true},
                .keys = &keys(),
                .compile = compile});
}

}  // namespace squall::faults
