#include "loadgen/effects/settle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "loadgen/base/units.hpp"
#include "loadgen/effects/effect_page.hpp"

namespace squall::effects {
namespace {

std::string describe(const Result<model::OracleReading>& reading, Duration elapsed) {
  if (!reading) {
    return fmt::format("{}, {}", reading.error().message, format_duration(elapsed));
  }
  const std::string undecided = reading->total || reading->undecided.empty()
                                    ? ""
                                    : fmt::format(", {} undecided", reading->undecided.size());
  return fmt::format("{} effects{}, {}", total_effects(*reading), undecided,
                     format_duration(elapsed));
}

bool agree(const model::OracleReading& a, const model::OracleReading& b,
           const SettleOptions& options) {
  return options.agree ? options.agree(a, b) : a == b;
}

bool is_final(const Error& error, const SettleOptions& options) {
  return error.code == ErrorCode::kNotFound ||
         (error.code == ErrorCode::kMalformed && options.malformed_is_final);
}

}  // namespace

std::uint64_t total_effects(const model::OracleReading& reading) {
  std::uint64_t total = reading.total.value_or(0);
  for (const auto& [key, count] : reading.counts) {
    total = add_counts(total, count);
  }
  return total;
}

Settled settle(model::Oracle& oracle, std::span<const std::string> keys,
               const SettleOptions& options, const Clock& clock, const Wait& wait,
               const SettleProgress& progress) {
  const TimePoint start = clock.now();
  const TimePoint deadline = start + options.timeout;
  std::optional<model::OracleReading> previous;
  TimePoint previous_end{};
  Settled result;
  for (;;) {
    const TimePoint read_at = clock.now();
    Result<model::OracleReading> reading = oracle.read(keys, options.read_budget);
    const TimePoint read_end = clock.now();
    result.took = read_end - start;
    if (progress) {
      progress(describe(reading, result.took));
    }
    result.problem = reading ? "" : reading.error().message;
    // A reading sees some instant between its start and its end: only the time in between certainly
    // lies apart.
    const bool apart = options.apart <= Duration::zero() ||
                       (reading && previous && agree(*previous, *reading, options) &&
                        read_at - previous_end >= options.apart);
    const bool decided = reading && (reading->total || reading->undecided.empty());
    result.stable = decided && apart;
    const bool hopeless = !decided && ((!reading && is_final(reading.error(), options)) ||
                                       (options.hopeless && options.hopeless()));
    previous = reading ? std::optional(std::move(*reading)) : std::nullopt;
    previous_end = read_end;
    if (result.stable || hopeless || read_end >= deadline) {
      break;
    }
    const Duration pause = decided ? options.apart : std::max(options.apart, options.retry_after);
    if (!wait(std::min(read_end + pause, deadline) - read_end)) {
      break;
    }
  }
  if (previous) {
    result.reading = std::move(*previous);
  }
  return result;
}

}  // namespace squall::effects
