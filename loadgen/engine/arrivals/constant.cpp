// Arrivals at equal distances: the i-th at i / rate, computed from i, so no rounding error adds up.
#include <algorithm>
#include <cmath>
#include <memory>

#include "loadgen/engine/arrival_rate.hpp"
#include "loadgen/model/arrival_process.hpp"

namespace squall::engine {
namespace {

using expr::TableSpec;

class ConstantCursor final : public model::ArrivalCursor {
 public:
  ConstantCursor(Rate rate, Duration length) : gap_ns_(1e9 / rate.per_second), length_(length) {}

  std::size_t fill(std::span<Duration> out) override {
    std::size_t filled = 0;
    while (filled < out.size()) {
      const Duration at(std::llround(static_cast<double>(next_) * gap_ns_));
      if (at >= length_) {
        break;
      }
      out[filled++] = at;
      ++next_;
    }
    return filled;
  }

 private:
  double gap_ns_;
  Duration length_;
  std::uint64_t next_ = 0;
};

class ConstantProcess final : public model::ArrivalProcess {
 public:
  explicit ConstantProcess(Rate rate) : rate_(rate) {}

  [[nodiscard]] std::unique_ptr<model::ArrivalCursor> open(Duration length,
                                                           StreamId /*stream*/) const override {
    return std::make_unique<ConstantCursor>(rate_, length);
  }
  [[nodiscard]] double expected_count(Duration length) const override {
    return std::ceil(to_seconds(length) * rate_.per_second);
  }
  [[nodiscard]] Rate peak_rate() const override { return rate_; }

 private:
  Rate rate_;
};

const TableSpec& keys() {
  static const TableSpec spec{.name = "scenario.arrivals (constant)",
                              .help = "Arrivals at equal distances.",
                              .keys = {rate_key("Arrivals per second, all threads together.")}};
  return spec;
}

std::unique_ptr<model::ArrivalProcess> compile(expr::TableReader& reader) {
  return std::make_unique<ConstantProcess>(read_rate(reader));
}

}  // namespace

void register_arrival_constant(model::ArrivalRegistry& registry);

void register_arrival_constant(model::ArrivalRegistry& registry) {
  registry.add({.name = "constant",
                .summary = "equal distances; the least bursty schedule of a rate",
                .example = "arrivals = { process = \"constant\", rate = \"200/s\" }",
                .keys = &keys(),
                .compile = compile});
}

}  // namespace squall::engine
