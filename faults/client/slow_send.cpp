// Sends a request in small pieces with pauses between them.
#include <cstdint>
#include <memory>

#include "loadgen/model/client_fault.hpp"
#include "loadgen/model/wire_composition.hpp"

namespace squall::faults {
namespace {

struct SlowSendConfig {
  std::uint64_t bytes = 0;  // of a piece
  expr::Distribution every;
  bool body_only = false;
};

class SlowSend final : public model::ClientFault {
 public:
  explicit SlowSend(const SlowSendConfig& config) : config_(config) {}

  Result<void> apply(model::WireScript& script, const model::FaultContext& /*context*/,
                     model::FaultDraw& draw) const override {
    // The engine draws the pauses, one for each piece; what it draws them from is drawn here.
    constexpr double kDraws = 0x1.0p53;
    const auto chance = static_cast<std::uint64_t>(draw.unit() * kDraws);
    return model::add_trickle(script, {.bytes = config_.bytes,
                                       .body_only = config_.body_only,
                                       .every = &config_.every,
                                       .chance = chance});
  }

 private:
  SlowSendConfig config_;
};

const expr::TableSpec& keys() {
  static const expr::TableSpec kKeys{
      .name = "fault (slow_send)",
      .help = "Sends a request in small pieces with pauses between them.",
      .keys = {
          {.name = "bytes",
           .type = expr::ValueType::kBytes,
           .help = "Of one piece. A request that is not larger is sent in two.",
           .default_value = "16",
           .example = "\"16\""},
          {.name = "every",
           .type = expr::ValueType::kDistribution,
           .help = "Between two pieces, drawn anew for each.",
           .required = true,
           .example = "\"50ms\""},
          {.name = "from",
           .type = expr::ValueType::kString,
           .help = "`headers`: from the first byte on; `body`: the headers leave at once, and with "
                   "a request without a body all but its last two bytes.",
           .default_value = "headers",
           .choices = {"headers", "body"}},
      }};
  return kKeys;
}

std::unique_ptr<model::ClientFault> compile(expr::TableReader& reader) {
  SlowSendConfig config;
  config.bytes = reader.bytes("bytes").bytes;
  if (config.bytes == 0) {
    reader.error("bytes", "a piece has at least one byte: write for example \"16\"");
    config.bytes = 1;
  }
  config.every = reader.distribution("every");
  if (reader.has("every") && config.every.is_zero()) {
    reader.error("every",
                 "pieces with no time between them are not slow: write for example "
                 "\"50ms\"");
  }
  config.body_only = reader.string("from") == "body";
  return std::make_unique<SlowSend>(config);
}

}  // namespace

void register_client_fault_slow_send(ClientFaultRegistry& registry) {
  registry.add({
      .name = "slow_send",
      .summary = "send the request in small pieces with pauses between them",
      .production_cause =
          "a phone at the edge of its network, an overloaded client, a slowloris attack that ties "
          "up the server's workers",
      .example = R"([[fault]]
name = "trickle"
kind = "slow_send"
bytes = "16"
every = "50ms"
from = "body"
on = ["buy.charge"]
share = "10%"
)",
      .traits = {},
      .keys = &keys(),
      .compile = compile,
  });
}

}  // namespace squall::faults
