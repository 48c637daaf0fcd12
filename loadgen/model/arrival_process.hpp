// The seam of arrival processes: where intended starts come from.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "loadgen/base/registry.hpp"
#include "loadgen/base/rng.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/expr/key_spec.hpp"
#include "loadgen/expr/table_reader.hpp"

namespace squall::model {

// The phases that arrivals are asked for. t = 0 is the end of the warm-up.
struct LoadSpan {
  Duration warmup{};
  Duration duration{};  // of the measured phase

  [[nodiscard]] Duration length() const { return warmup + duration; }
};

// Walks one scenario's arrivals from its first to its last. Each worker walks the whole sequence
// and takes its share by global index, so the instants are the same for any number of threads or
// shards. One thread.
class ArrivalCursor {
 public:
  virtual ~ArrivalCursor() = default;
  // Writes the next intended starts, as offsets after the first possible arrival (the begin of the
  // warm-up), never decreasing. Returns how many; fewer than out.size() only at the end.
  [[nodiscard]] virtual std::size_t fill(std::span<Duration> out) = 0;
};

// Immutable; any thread.
class ArrivalProcess {
 public:
  virtual ~ArrivalProcess() = default;
  // Arrivals in [0, span.length()). What a process says about time (a ramp, the instant of a spike)
  // counts from t = 0; before it, in the warm-up, it goes on as it begins. `stream` is this
  // scenario's own.
  [[nodiscard]] virtual std::unique_ptr<ArrivalCursor> open(const LoadSpan& span,
                                                            StreamId stream) const = 0;
  // Expected number of arrivals in [0, span.length()): exact where the process is not random.
  [[nodiscard]] virtual double expected_count(const LoadSpan& span) const = 0;
  // The highest rate within the span; of a process whose arrivals come at once, the most of them in
  // any one second.
  [[nodiscard]] virtual Rate peak_rate(const LoadSpan& span) const = 0;
};

struct ArrivalKind {
  std::string_view name;  // `process` in a plan
  std::string_view summary;
  std::string_view example;               // an `arrivals = { … }` value in TOML
  const expr::TableSpec* keys = nullptr;  // beside `process`
  // Problems go to the reader's diagnostics. Never returns null.
  std::unique_ptr<ArrivalProcess> (*compile)(expr::TableReader& reader) = nullptr;
};

using ArrivalRegistry = Registry<ArrivalKind>;

}  // namespace squall::model
namespace squall::engine {
using model::ArrivalRegistry;
// Generated from the files in loadgen/engine/arrivals.
void register_arrivals(ArrivalRegistry& registry);
}  // namespace squall::engine
