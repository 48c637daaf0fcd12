// The answer's body ends before its end.
#include <cstdint>
#include <memory>
#include <optional>

#include "faults/http/keys.hpp"

namespace squall::faults {
namespace {

struct TruncateConfig {
  std::uint64_t bytes = 0;
  std::optional<double> fraction;  // instead of `bytes`
  HttpClose how = HttpClose::kFin;
};

class Truncate final : public HttpFault {
 public:
  explicit Truncate(const TruncateConfig& config) : config_(config) {}

  [[nodiscard]] bool needs_answer_body() const override { return config_.fraction.has_value(); }
  void on_answer(HttpAnswerTurn& turn) override {
    if (!turn.has_body()) {
      turn.preempt("the answer has no body");
    } else if (!config_.fraction.has_value()) {
      turn.cut_body(config_.bytes, config_.how);
    } else if (turn.knows_wire_bytes()) {
      const auto all = static_cast<double>(turn.wire_bytes());
      turn.cut_body(static_cast<std::uint64_t>(all * *config_.fraction), config_.how);
    } else {
      turn.preempt("the answer does not say how long it is, and is too long to be kept");
    }
  }

 private:
  const TruncateConfig config_;
};

const expr::TableSpec& attributes() {
  static const expr::TableSpec kAttributes = http_attributes(
      {.name = "toxic (http_truncate)",
       .help = "Sends a part of the answer's body, as it stands on the wire, and closes the "
               "connection. The head is whole and promises the rest.",
       .keys = {{.name = "bytes",
                 .type = expr::ValueType::kBytes,
                 .help = "of the body that are sent",
                 .default_value = "0B"},
                {.name = "fraction",
                 .type = expr::ValueType::kShare,
                 .help = "of the body that is sent, instead of `bytes`",
                 .example = "\"50%\""},
                close_key("fin")}});
  return kAttributes;
}

std::unique_ptr<HttpFault> compile(expr::TableReader& reader) {
  TruncateConfig config{.bytes = reader.bytes("bytes").bytes, .fraction = {}, .how = {}};
  if (reader.has("fraction")) {
    config.fraction = reader.share("fraction").fraction;
  }
  config.how = read_close(reader);
  return std::make_unique<Truncate>(config);
}

}  // namespace

void register_http_fault_truncate(ToxicRegistry& registry);

void register_http_fault_truncate(ToxicRegistry& registry) {
  registry.add({.name = "http_truncate",
                .summary = "close in the middle of the answer's body",
                .production_cause = "a server that dies while it answers, a limit of a gateway",
                .example = "fraction = \"50%\"\n",
                .attributes = &attributes(),
                .compile_http = compile});
}

}  // namespace squall::faults
