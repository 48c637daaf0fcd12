// Ends the connection at one point of a request's way: a cut.
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "loadgen/model/client_fault.hpp"
#include "loadgen/model/wire_composition.hpp"

namespace squall::faults {
namespace {

using model::WirePoint;

struct DropConfig {
  model::WireCut cut;
  unsigned copy = 0;  // from 0
  expr::Distribution delay;
};

class Drop final : public model::ClientFault {
 public:
  explicit Drop(const DropConfig& config) : config_(config) {}

  Result<void> apply(model::WireScript& script, const model::FaultContext& /*context*/,
                     model::FaultDraw& draw) const override {
    const double unit = draw.unit();
    const double unit2 = draw.unit();
    model::WireCut cut = config_.cut;
    cut.delay = std::max(Duration::zero(), config_.delay.at(unit, unit2));
    return model::add_cut(script, cut, config_.copy);
  }

 private:
  DropConfig config_;
};

constexpr std::array<std::pair<std::string_view, WirePoint>, 6> kPoints{{
    {"connect", WirePoint::kConnect},
    {"headers", WirePoint::kHeaders},
    {"body", WirePoint::kBody},
    {"before_last_byte", WirePoint::kBeforeLastByte},
    {"after_send", WirePoint::kAfterSend},
    {"during_response", WirePoint::kDuringResponse},
}};

const expr::TableSpec& keys() {
  static const expr::TableSpec kKeys{
      .name = "fault (drop)",
      .help = "Ends the connection at one point of a request's way.",
      .keys = {
          {.name = "at",
           .type = expr::ValueType::kString,
           .help =
               "Where: connected with nothing sent, after the headers, inside the body, before "
               "the last byte, when the other side's kernel has the whole request but its "
               "answer is never read (`after_send`), or when the answer's first bytes are there.",
           .required = true,
           .choices = {"connect", "headers", "body", "before_last_byte", "after_send",
                       "during_response"},
           .example = "\"after_send\""},
          {.name = "how",
           .type = expr::ValueType::kString,
           .help =
               "`rst` resets the connection, as a crash or a firewall does; `fin` closes it, as "
               "a client that gave up does.",
           .default_value = "rst",
           .choices = {"rst", "fin"}},
          {.name = "fraction",
           .type = expr::ValueType::kShare,
           .help =
               "For `at = \"body\"`: the share of the body that is sent before the cut. Without "
               "`fraction` and `bytes`: half of it.",
           .example = "\"50%\""},
          {.name = "bytes",
           .type = expr::ValueType::kBytes,
           .help =
               "For `at = \"body\"`: the bytes of the body that are sent before the cut, at most "
               "all of them.",
           .example = "\"16\""},
          {.name = "delay",
           .type = expr::ValueType::kDistribution,
           .help = "Waited at that point before the cut; drawn anew for each attempt.",
           .default_value = "0s"},
          {.name = "copy",
           .type = expr::ValueType::kInteger,
           .help = "Which copy is cut when a duplicate fault touches the same attempt: 1 is the "
                   "first; the last when there are not so many.",
           .default_value = "1"},
      }};
  return kKeys;
}

void read_body_cut(expr::TableReader& reader, model::WireCut& cut) {
  if (cut.at != WirePoint::kBody) {
    for (const std::string_view key : {"fraction", "bytes"}) {
      if (reader.has(key)) {
        reader.error(key, "`" + std::string(key) +
                              "` says where a body is cut: it goes with at = \"body\" only");
      }
    }
    return;
  }
  if (reader.has("fraction") && reader.has("bytes")) {
    reader.error("bytes",
                 "a body is cut either at `fraction` or at `bytes`: leave one of them out");
    return;
  }
  if (reader.has("bytes")) {
    cut.body_bytes = reader.bytes("bytes").bytes;
    return;
  }
  cut.body_fraction = reader.has("fraction") ? reader.share("fraction").fraction : 0.5;
}

std::unique_ptr<model::ClientFault> compile(expr::TableReader& reader) {
  DropConfig config;
  const std::string at = reader.string("at");
  for (const auto& [word, point] : kPoints) {
    if (word == at) {
      config.cut.at = point;
    }
  }
  config.cut.how = reader.string("how") == "fin" ? model::CutHow::kFin : model::CutHow::kRst;
  config.delay = reader.distribution("delay");
  config.copy = static_cast<unsigned>(reader.integer("copy", 1, model::kMaxCopies)) - 1;
  read_body_cut(reader, config.cut);
  return std::make_unique<Drop>(config);
}

}  // namespace

void register_client_fault_drop(ClientFaultRegistry& registry) {
  registry.add({
      .name = "drop",
      .summary =
          "close or reset the connection: before, inside or after the request, or in its answer",
      .production_cause =
          "a client that crashes, times out or leaves the network; a load balancer that is "
          "restarted; the acknowledgement that never arrives",
      .example = R"([[fault]]
name = "lost-ack"
kind = "drop"
at = "after_send"
on = ["buy.charge"]
share = "5%"
window = ["5s", "25s"]
)",
      .traits = {.cuts = true},
      .keys = &keys(),
      .compile = compile,
  });
}

}  // namespace squall::faults
