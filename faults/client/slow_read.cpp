// Reads an answer at a pace, with a small window, so that the server has to wait for its client.
#include <cstdint>
#include <memory>
#include <string>

#include "loadgen/base/byte_rate.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/model/client_fault.hpp"
#include "loadgen/model/wire_composition.hpp"

namespace squall::faults {
namespace {

class SlowRead final : public model::ClientFault {
 public:
  explicit SlowRead(const model::WireSlowRead& slow_read) : slow_read_(slow_read) {}

  Result<void> apply(model::WireScript& script, const model::FaultContext& /*context*/,
                     model::FaultDraw& /*draw*/) const override {
    return model::add_slow_read(script, slow_read_);
  }

 private:
  model::WireSlowRead slow_read_;
};

const expr::TableSpec& keys() {
  static const expr::TableSpec kKeys{
      .name = "fault (slow_read)",
      .help = "Reads an answer at a pace, with a small window.",
      .keys = {
          {.name = "rate",
           .type = expr::ValueType::kString,
           .help = "Bytes of the answer that are read in a time: `512/s`, `2KiB/s`, `1KiB/m`.",
           .required = true,
           .example = "\"2KiB/s\""},
          {.name = "receive_buffer",
           .type = expr::ValueType::kBytes,
           .help = "Of the kernel, asked for (SO_RCVBUF, 1KiB to 1MiB; Linux doubles "
                   "it): what the server can send ahead. It is set on a new connection, which "
                   "every touched attempt takes and closes.",
           .default_value = "4KiB",
           .example = "\"4KiB\""},
      }};
  return kKeys;
}

std::unique_ptr<model::ClientFault> compile(expr::TableReader& reader) {
  constexpr std::uint64_t kSmallestBuffer = 1024;
  constexpr std::uint64_t kLargestBuffer = 1024UL * 1024;
  model::WireSlowRead slow_read{.bytes_per_s = 1, .window = kSmallestBuffer};
  if (reader.has("rate")) {
    if (const auto rate = parse_byte_rate(reader.string("rate"))) {
      slow_read.bytes_per_s = *rate;
    } else {
      reader.error("rate", rate.error().message);
    }
  }
  const std::uint64_t buffer = reader.bytes("receive_buffer").bytes;
  if (buffer < kSmallestBuffer || buffer > kLargestBuffer) {
    reader.error("receive_buffer", "a receive buffer has 1KiB to 1MiB, such as \"4KiB\"");
  } else {
    slow_read.window = static_cast<std::uint32_t>(buffer);
  }
  return std::make_unique<SlowRead>(slow_read);
}

}  // namespace

void register_client_fault_slow_read(ClientFaultRegistry& registry) {
  registry.add({
      .name = "slow_read",
      .summary = "read the answer at so many bytes per second, with a small receive window",
      .production_cause =
          "a client on a bad line or one that is busy, a slow consumer that keeps the server's "
          "buffers and workers occupied",
      .example = R"([[fault]]
name = "slow-reader"
kind = "slow_read"
rate = "2KiB/s"
receive_buffer = "4KiB"
on = ["buy.charge"]
share = "10%"
)",
      .traits = {},
      .keys = &keys(),
      .compile = compile,
  });
}

}  // namespace squall::faults
