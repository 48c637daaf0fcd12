// Sends an attempt's request more than once, byte for byte the same.
#include <memory>
#include <string>

#include "loadgen/model/client_fault.hpp"
#include "loadgen/model/wire_composition.hpp"

namespace squall::faults {
namespace {

using model::CopyConnection;
using model::CopySpacing;

class Duplicate final : public model::ClientFault {
 public:
  explicit Duplicate(const model::WireCopies& copies) : copies_(copies) {}

  Result<void> apply(model::WireScript& script, const model::FaultContext& /*context*/,
                     model::FaultDraw& /*draw*/) const override {
    return model::add_copies(script, copies_);
  }

 private:
  model::WireCopies copies_;
};

const expr::TableSpec& keys() {
  static const expr::TableSpec kKeys{
      .name = "fault (duplicate)",
      .help = "Sends an attempt's request more than once, byte for byte the same.",
      .keys = {
          {.name = "copies",
           .type = expr::ValueType::kInteger,
           .help = "Requests in all, the first included: 2 to 20.",
           .default_value = "2",
           .example = "2"},
          {.name = "spacing",
           .type = expr::ValueType::kString,
           .help =
               "`together`: all wait before their last byte on warm connections and are released "
               "at once; a time such as `20ms`: each starts that long after the one before; "
               "`after_response`: each starts when the one before has its answer.",
           .default_value = "together",
           .example = "\"together\""},
          {.name = "connection",
           .type = expr::ValueType::kString,
           .help = "Of the copies after the first: `any` pooled one, a `fresh` one each, or the "
                   "`same` as the first (with `after_response` only).",
           .default_value = "any",
           .choices = {"any", "fresh", "same"}},
      }};
  return kKeys;
}

void read_spacing(expr::TableReader& reader, model::WireCopies& copies) {
  const std::string spacing = reader.string("spacing");
  if (spacing == "together") {
    copies.spacing = CopySpacing::kTogether;
    return;
  }
  if (spacing == "after_response") {
    copies.spacing = CopySpacing::kAfterResponse;
    return;
  }
  const Result<Duration> delay = parse_duration(spacing);
  if (!delay) {
    reader.error("spacing", "spacing \"" + spacing +
                                "\" is not known: write \"together\", \"after_response\" or a time "
                                "such as \"20ms\"");
    return;
  }
  if (*delay == Duration::zero()) {
    reader.error("spacing", "copies with no time between them are spacing = \"together\"");
    return;
  }
  copies.spacing = CopySpacing::kDelayed;
  copies.delay = *delay;
}

std::unique_ptr<model::ClientFault> compile(expr::TableReader& reader) {
  model::WireCopies copies;
  copies.count = static_cast<unsigned>(reader.integer("copies", 2, model::kMaxCopies));
  read_spacing(reader, copies);
  const std::string connection = reader.string("connection");
  if (connection == "fresh") {
    copies.connection = CopyConnection::kFresh;
  } else if (connection == "same") {
    copies.connection = CopyConnection::kSame;
    if (copies.spacing != CopySpacing::kAfterResponse) {
      reader.error("connection",
                   "copies on the same connection need spacing = \"after_response\": HTTP/1.1 "
                   "answers in order");
      copies.connection = CopyConnection::kAny;
    }
  }
  return std::make_unique<Duplicate>(copies);
}

}  // namespace

void register_client_fault_duplicate(ClientFaultRegistry& registry) {
  registry.add({
      .name = "duplicate",
      .summary = "send the same request 2 to 20 times: together, spaced, or after its answer",
      .production_cause =
          "a double click, an impatient retry, a proxy or service mesh that repeats, a queue that "
          "delivers at least once",
      .example = R"([[fault]]
name = "twins"
kind = "duplicate"
copies = 2
spacing = "together"
on = ["buy.charge"]
share = "10%"
)",
      .traits = {.sends_copies = true},
      .forms = {"spacing = \"together\"", "spacing = \"20ms\"", "spacing = \"after_response\"",
                "spacing = \"after_response\"\nconnection = \"fresh\"",
                "spacing = \"after_response\"\nconnection = \"same\""},
      .keys = &keys(),
      .compile = compile,
  });
}

}  // namespace squall::faults
