// The answer's body comes slowly.
#include <algorithm>
#include <cstdint>
#include <memory>

#include "faults/http/keys.hpp"

namespace squall::faults {
namespace {

class SlowBody final : public HttpFault {
 public:
  explicit SlowBody(std::uint64_t bytes_per_second) : bytes_per_second_(bytes_per_second) {}

  void on_answer(HttpAnswerTurn& turn) override {
    if (turn.has_body()) {
      turn.pace_body(bytes_per_second_);
    } else {
      turn.preempt("the answer has no body");
    }
  }

 private:
  const std::uint64_t bytes_per_second_;
};

const expr::TableSpec& attributes() {
  static const expr::TableSpec kAttributes = http_attributes(
      {.name = "toxic (http_slow_body)",
       .help = "Sends the answer's body at this speed, in twenty parts a second; the head is not "
               "delayed.",
       .keys = {{.name = "bytes_per_second",
                 .type = expr::ValueType::kBytes,
                 .help = "of the body as it stands on the wire",
                 .default_value = "1KiB"}}});
  return kAttributes;
}

std::unique_ptr<HttpFault> compile(expr::TableReader& reader) {
  return std::make_unique<SlowBody>(
      std::max<std::uint64_t>(reader.bytes("bytes_per_second").bytes, 1));
}

}  // namespace

void register_http_fault_slow_body(ToxicRegistry& registry);

void register_http_fault_slow_body(ToxicRegistry& registry) {
  registry.add({.name = "http_slow_body",
                .summary = "send answers' bodies slowly",
                .production_cause = "a server that produces while it sends, a busy disk",
                .example = "bytes_per_second = \"1KiB\"\n",
                .attributes = &attributes(),
                .compile_http = compile});
}

}  // namespace squall::faults
