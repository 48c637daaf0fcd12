// Arrivals that come many at once, as cron jobs and push messages make them.
#include <algorithm>
#include <memory>
#include <optional>

#include "loadgen/engine/arrival_rate.hpp"
#include "loadgen/engine/curve_arrivals.hpp"
#include "loadgen/model/arrival_process.hpp"

namespace squall::engine {
namespace {

using expr::TableSpec;
using expr::ValueType;
using model::LoadSpan;

constexpr std::int64_t kMaxSize = 10'000'000;

struct Burst {
  std::uint64_t size = 1;
  Duration every{};
  Rate base;
};

// The first burst of the span, after its begin: bursts stand at whole multiples of `every` around
// t = 0.
Duration first_burst(const Burst& burst, Duration warmup) {
  return warmup % burst.every;
}

std::uint64_t bursts_within(const Burst& burst, const LoadSpan& span) {
  const Duration first = first_burst(burst, span.warmup);
  return first >= span.length()
             ? 0
             : static_cast<std::uint64_t>((span.length() - first - Duration(1)) / burst.every) + 1;
}

// Bursts, and between them the base rate at equal distances.
class BurstCursor final : public model::ArrivalCursor {
 public:
  BurstCursor(const Burst& burst, const LoadSpan& span)
      : burst_(burst),
        length_(span.length()),
        bursts_left_(bursts_within(burst, span)),
        burst_at_(first_burst(burst, span.warmup)) {
    base_.hold(burst.base);
    base_at_ = base_.at_count(0);
  }

  std::size_t fill(std::span<Duration> out) override {
    std::size_t filled = 0;
    while (filled < out.size()) {
      const bool base_left = base_at_ && *base_at_ < length_;
      if (bursts_left_ > 0 && !(base_left && *base_at_ < burst_at_)) {
        out[filled++] = burst_at_;
        next_of_burst();
      } else if (base_left) {
        out[filled++] = *base_at_;
        base_at_ = base_.at_count(static_cast<double>(++base_count_));
      } else {
        break;
      }
    }
    return filled;
  }

 private:
  void next_of_burst() {
    if (++taken_ < burst_.size) {
      return;
    }
    taken_ = 0;
    if (--bursts_left_ > 0) {
      burst_at_ += burst_.every;
    }
  }

  Burst burst_;
  Duration length_;
  std::uint64_t bursts_left_;
  Duration burst_at_;
  std::uint64_t taken_ = 0;  // of the burst that is going on
  RateCurve base_;
  std::uint64_t base_count_ = 0;
  std::optional<Duration> base_at_;
};

class BurstProcess final : public model::ArrivalProcess {
 public:
  explicit BurstProcess(const Burst& burst) : burst_(burst) {}

  [[nodiscard]] std::unique_ptr<model::ArrivalCursor> open(const LoadSpan& span,
                                                           StreamId /*stream*/) const override {
    return std::make_unique<BurstCursor>(burst_, span);
  }
  [[nodiscard]] double expected_count(const LoadSpan& span) const override {
    RateCurve base;
    base.hold(burst_.base);
    return static_cast<double>(bursts_within(burst_, span)) * static_cast<double>(burst_.size) +
           even_count(base, span.length());
  }
  [[nodiscard]] Rate peak_rate(const LoadSpan& span) const override {
    constexpr Duration kSecond = std::chrono::seconds(1);
    // A second that begins with a burst.
    const Duration window = std::min<Duration>(kSecond, span.length());
    const auto bursts = (window - Duration(1)) / burst_.every + 1;
    return {static_cast<double>(burst_.size) * static_cast<double>(bursts) +
            burst_.base.per_second};
  }

 private:
  Burst burst_;
};

const TableSpec& keys() {
  static const TableSpec spec{
      .name = "scenario.arrivals (burst)",
      .help = "Arrivals that come many at once.",
      .keys = {{.name = "size",
                .type = ValueType::kInteger,
                .help = "Arrivals of one burst, all due at the same instant.",
                .required = true,
                .example = "100"},
               {.name = "every",
                .type = ValueType::kDuration,
                .help = "From one burst to the next; one is at t = 0.",
                .required = true,
                .example = "\"5s\""},
               {.name = "base",
                .type = ValueType::kRate,
                .help = "Between and beside the bursts, at equal distances.",
                .default_value = "0/s"}}};
  return spec;
}

std::unique_ptr<model::ArrivalProcess> compile(expr::TableReader& reader) {
  return std::make_unique<BurstProcess>(
      Burst{.size = static_cast<std::uint64_t>(reader.integer("size", 1, kMaxSize)),
            .every = read_span(reader, "every"),
            .base = reader.rate("base")});
}

}  // namespace

void register_arrival_burst(model::ArrivalRegistry& registry);

void register_arrival_burst(model::ArrivalRegistry& registry) {
  registry.add({.name = "burst",
                .summary = "many arrivals at one instant, again and again, over a base rate",
                .example = "arrivals = { process = \"burst\", size = 100, every = \"5s\" }",
                .keys = &keys(),
                .compile = compile});
}

}  // namespace squall::engine
