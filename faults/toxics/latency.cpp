// Delays what passes, without limiting how much does.
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "faults/toxics/attribute.hpp"
#include "loadgen/expr/distribution_value.hpp"

namespace squall::faults {
namespace {

using std::chrono::milliseconds;

struct LatencyConfig {
  Duration latency{};
  Duration jitter{};
  std::optional<expr::Distribution> delay;  // instead of both
};

// Released at: instant of receipt + a delay drawn for each chunk. The order is kept, so a chunk may
// wait for the one before it. The end passes at once.
class Latency final : public Toxic {
 public:
  explicit Latency(LatencyConfig config) : config_(std::move(config)) {}

  Action on_chunk(Chunk& front, Passage& passage) override {
    if (!due_.has_value()) {
      due_ = front.received() + draw(passage.rng);
      passage.fired = *due_ > passage.now;
    }
    if (*due_ > passage.now) {
      return Action::wait(*due_);
    }
    front.set_received(*due_);
    due_.reset();
    return Action::pass();
  }

 private:
  [[nodiscard]] Duration draw(Rng& rng) const {
    if (config_.delay.has_value()) {
      // Two statements: the order in which arguments are evaluated is the compiler's choice.
      const double unit = rng.next_unit();
      const double unit2 = rng.next_unit();
      return config_.delay->at(unit, unit2);
    }
    const double jitter = static_cast<double>(config_.jitter.count());
    return config_.latency +
           Duration(static_cast<std::int64_t>(jitter * (2 * rng.next_unit() - 1)));
  }

  LatencyConfig config_;
  std::optional<TimePoint> due_;  // of the chunk in front
};

const expr::TableSpec& attributes() {
  static const expr::TableSpec kAttributes{
      .name = "toxic (latency)",
      .help = "Delays each chunk of data; the end of the connection is not delayed.",
      .keys = {
          integer_attribute("latency", "milliseconds from receipt to release"),
          integer_attribute("jitter", "milliseconds by which that varies, evenly to both sides"),
          {.name = "delay",
           .type = expr::ValueType::kDistribution,
           .help = "a distribution to draw from, instead of `latency` and `jitter`"}}};
  return kAttributes;
}

ToxicFactory compile(expr::TableReader& reader) {
  LatencyConfig config{.latency = read_time(reader, "latency", milliseconds(1)),
                       .jitter = read_time(reader, "jitter", milliseconds(1)),
                       .delay = {}};
  if (reader.has("delay")) {
    config.delay = reader.distribution("delay");
  }
  return [config] { return std::make_unique<Latency>(config); };
}

const expr::TableSpec& plan_keys() {
  static const expr::TableSpec kKeys{
      .name = "fault (latency)",
      .help = "Keys of the toxic latency in a plan.",
      .keys = {{.name = "latency",
                .type = expr::ValueType::kDistribution,
                .help = "From receipt to release of each chunk, drawn for each; the order is kept.",
                .required = true,
                .example = "{ median = \"80ms\", sigma = 0.5, distribution = \"lognormal\" }"}}};
  return kKeys;
}

// Distributions stand on the wire under a name of their own, as a table like that of a plan.
expr::Table from_plan(expr::TableReader& reader) {
  const SourceRef where = reader.where("latency");
  return {{"delay", where, expr::distribution_value(reader.distribution("latency"), where)}};
}

}  // namespace

void register_toxic_latency(ToxicRegistry& registry);

void register_toxic_latency(ToxicRegistry& registry) {
  registry.add({.name = "latency",
                .summary = "delay data, with jitter or by a distribution",
                .production_cause = "distance, a busy network, a slow dependency",
                .example = "latency = 80\njitter = 20\n",
                // As many as in Toxiproxy: up to 32 MiB are on their way, as on a long line.
                .traits = {.waiting_chunks = 1024},
                .attributes = &attributes(),
                .compile = compile,
                .plan_example =
                    "latency = { median = \"80ms\", sigma = 0.5, distribution = \"lognormal\" }\n",
                .plan_keys = &plan_keys(),
                .from_plan = from_plan});
}

}  // namespace squall::faults
