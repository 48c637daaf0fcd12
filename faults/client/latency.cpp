// Holds a request for a while at one point of its way.
#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

#include "loadgen/model/client_fault.hpp"
#include "loadgen/model/wire_composition.hpp"

namespace squall::faults {
namespace {

using model::WirePoint;

struct LatencyConfig {
  WirePoint at = WirePoint::kSend;
  expr::Distribution latency;
};

class Latency final : public model::ClientFault {
 public:
  explicit Latency(const LatencyConfig& config) : config_(config) {}

  Result<void> apply(model::WireScript& script, const model::FaultContext& /*context*/,
                     model::FaultDraw& draw) const override {
    // Two statements: the order in which arguments are evaluated is the compiler's choice.
    const double unit = draw.unit();
    const double unit2 = draw.unit();
    // A distribution may draw nothing at all; a script without a hold would count as a fault that
    // did not fire.
    const Duration hold = std::max(Duration(1), config_.latency.at(unit, unit2));
    model::add_hold(script, config_.at, hold);
    return {};
  }

 private:
  LatencyConfig config_;
};

constexpr std::array<std::pair<std::string_view, WirePoint>, 5> kPoints{{
    {"connect", WirePoint::kConnect},
    {"send", WirePoint::kSend},
    {"headers", WirePoint::kHeaders},
    {"before_last_byte", WirePoint::kBeforeLastByte},
    {"after_send", WirePoint::kAfterSend},
}};

const expr::TableSpec& keys() {
  static const expr::TableSpec kKeys{
      .name = "fault (latency)",
      .help = "Holds a request for a while at one point of its way.",
      .keys = {
          {.name = "latency",
           .type = expr::ValueType::kDistribution,
           .help = "How long, drawn anew for each attempt.",
           .required = true},
          {.name = "at",
           .type = expr::ValueType::kString,
           .help =
               "Where: before connecting, connected but before the first byte (`send`), between "
               "headers and body, before the last byte, or sent but before the answer is read "
               "(`after_send`).",
           .default_value = "send",
           .choices = {"connect", "send", "headers", "before_last_byte", "after_send"}},
      }};
  return kKeys;
}

std::unique_ptr<model::ClientFault> compile(expr::TableReader& reader) {
  LatencyConfig config;
  config.latency = reader.distribution("latency");
  if (reader.has("latency") && config.latency.is_zero()) {
    reader.error("latency", "a latency takes some time: write for example \"80ms\"");
  }
  const std::string at = reader.string("at");
  for (const auto& [word, point] : kPoints) {
    if (word == at) {
      config.at = point;
    }
  }
  return std::make_unique<Latency>(config);
}

}  // namespace

void register_client_fault_latency(ClientFaultRegistry& registry) {
  registry.add({
      .name = "latency",
      .summary = "hold the request before or while it is sent, or before its answer is read",
      .production_cause =
          "a slow or distant network, a client that is paused while it talks (garbage collection, "
          "a phone in a lift)",
      .example = R"([[fault]]
name = "slow-uplink"
kind = "latency"
at = "before_last_byte"
latency = { median = "80ms", sigma = 0.5, distribution = "lognormal" }
on = ["buy.charge"]
share = "10%"
)",
      .traits = {},
      .keys = &keys(),
      .compile = compile,
  });
}

}  // namespace squall::faults
