// A Poisson process: independent exponential gaps, as many independent users make them. The whole
// sequence comes from the scenario's stream, so each worker sees the same instants and takes its
// share of them.
#include <memory>

#include "loadgen/engine/arrival_rate.hpp"
#include "loadgen/model/arrival_process.hpp"

namespace squall::engine {
namespace {

using expr::TableSpec;

class PoissonCursor final : public model::ArrivalCursor {
 public:
  PoissonCursor(Rate rate, Duration length, StreamId stream)
      : mean_gap_ns_(1e9 / rate.per_second),
        length_ns_(static_cast<double>(length.count())),
        rng_(stream) {}

  std::size_t fill(std::span<Duration> out) override {
    std::size_t filled = 0;
    while (filled < out.size()) {
      const double next = at_ns_ + rng_.next_exponential() * mean_gap_ns_;
      if (ended_ || next >= length_ns_) {
        ended_ = true;
        break;
      }
      at_ns_ = next;
      out[filled++] = Duration(static_cast<Duration::rep>(at_ns_));
    }
    return filled;
  }

 private:
  double mean_gap_ns_;
  double length_ns_;
  Rng rng_;
  double at_ns_ = 0;
  bool ended_ = false;
};

class PoissonProcess final : public model::ArrivalProcess {
 public:
  explicit PoissonProcess(Rate rate) : rate_(rate) {}

  [[nodiscard]] std::unique_ptr<model::ArrivalCursor> open(Duration length,
                                                           StreamId stream) const override {
    return std::make_unique<PoissonCursor>(rate_, length, stream);
  }
  [[nodiscard]] double expected_count(Duration length) const override {
    return to_seconds(length) * rate_.per_second;
  }
  [[nodiscard]] Rate peak_rate() const override { return rate_; }

 private:
  Rate rate_;
};

const TableSpec& keys() {
  static const TableSpec spec{
      .name = "scenario.arrivals (poisson)",
      .help = "Independent arrivals: exponential gaps.",
      .keys = {rate_key("Mean arrivals per second, all threads together.")}};
  return spec;
}

std::unique_ptr<model::ArrivalProcess> compile(expr::TableReader& reader) {
  return std::make_unique<PoissonProcess>(read_rate(reader));
}

}  // namespace

void register_arrival_poisson(model::ArrivalRegistry& registry);

void register_arrival_poisson(model::ArrivalRegistry& registry) {
  registry.add({.name = "poisson",
                .summary = "independent users: exponential gaps, bursts as in real traffic",
                .example = "arrivals = { process = \"poisson\", rate = \"200/s\" }",
                .keys = &keys(),
                .compile = compile});
}

}  // namespace squall::engine
