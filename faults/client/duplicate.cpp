// Sends an attempt's request more than once, byte for byte the same unless a change is asked for.
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "loadgen/model/client_fault.hpp"
#include "loadgen/model/wire_composition.hpp"

namespace squall::faults {
namespace {

using model::CopyConnection;
using model::CopySpacing;

struct DuplicateConfig {
  model::WireCopies copies;
  std::optional<model::BodyChange> change;
};

class Duplicate final : public model::ClientFault {
 public:
  explicit Duplicate(DuplicateConfig config) : config_(std::move(config)) {
    config_.copies.change = config_.change ? &*config_.change : nullptr;
  }

  Result<void> apply(model::WireScript& script, const model::FaultContext& /*context*/,
                     model::FaultDraw& /*draw*/) const override {
    return model::add_copies(script, config_.copies);
  }

 private:
  DuplicateConfig config_;
};

const expr::TableSpec& change_keys() {
  static const expr::TableSpec kKeys{.name = "fault.change",
                                     .help = "One value of the copies' JSON body.",
                                     .keys = {
                                         {.name = "body",
                                          .type = expr::ValueType::kString,
                                          .help = "JSON pointer of the value (RFC 6901).",
                                          .required = true,
                                          .example = "\"/amount\""},
                                         {.name = "to",
                                          .type = expr::ValueType::kJson,
                                          .help = "What stands there instead; no `{{names}}`.",
                                          .required = true,
                                          .example = "2999"},
                                     }};
  return kKeys;
}

const expr::TableSpec& keys() {
  static const expr::TableSpec kKeys{
      .name = "fault (duplicate)",
      .help =
          "Sends an attempt's request more than once, byte for byte the same unless `change` or "
          "`to` says otherwise.",
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
               "`late`: each starts `delay` after the one before, and the flow does not wait for "
               "it; `after_response`: each starts when the one before has its answer.",
           .default_value = "together",
           .example = "\"together\""},
          {.name = "delay",
           .type = expr::ValueType::kDuration,
           .help = "For `spacing = \"late\"`, usually minutes. A copy that has not left when the "
                   "drain ends is not sent: the fault is then preempted.",
           .example = "\"2m\""},
          {.name = "connection",
           .type = expr::ValueType::kString,
           .help = "Of the copies after the first: `any` pooled one, a `fresh` one each, or the "
                   "`same` as the first (with `after_response` only).",
           .default_value = "any",
           .choices = {"any", "fresh", "same"}},
          {.name = "to",
           .type = expr::ValueType::kString,
           .help = "Of the copies after the first: to the replica of the first, or each to an "
                   "`other_replica` of the target, with that one's Host.",
           .default_value = "same_replica",
           .choices = {"same_replica", "other_replica"}},
          {.name = "change",
           .type = expr::ValueType::kTable,
           .help = "Replaces a value in the JSON body of the copies after the first: the same key "
                   "for something else, a key mismatch.",
           .table = &change_keys(),
           .example = "{ body = \"/amount\", to = 2999 }"},
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
  if (spacing == "late") {
    copies.spacing = CopySpacing::kLate;
    copies.delay = reader.duration("delay");
    if (copies.delay <= Duration::zero()) {
      reader.error("delay", "spacing = \"late\" needs a `delay`, such as \"2m\"");
    }
    return;
  }
  const Result<Duration> delay = parse_duration(spacing);
  if (!delay) {
    reader.error("spacing",
                 "spacing \"" + spacing +
                     "\" is not known: write \"together\", \"late\", \"after_response\" or a time "
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

// Also when it is wrong: the loader then refuses the plan anyway.
model::BodyChange read_change(const expr::Value& table, expr::TableReader& reader) {
  expr::TableReader inner(table, change_keys(), reader.scope(), reader.diagnostics());
  model::BodyChange change;
  change.pointer = inner.string("body");
  if (inner.has("body") && (change.pointer.empty() || change.pointer.front() != '/')) {
    inner.error("body", "a JSON pointer begins with '/': write for example \"/amount\"");
  }
  const expr::Template value = inner.json("to", {});
  if (!value.is_literal()) {
    inner.error("to", "the new value holds no {{names}}: write for example 2999");
  }
  change.json = value.literal();
  return change;
}

void read_destination(expr::TableReader& reader, model::WireCopies& copies) {
  copies.other_replica = reader.string("to") == "other_replica";
  if (copies.other_replica && copies.connection == CopyConnection::kSame) {
    reader.error("to", "copies on the same connection go to the same replica");
    copies.other_replica = false;
  }
}

std::unique_ptr<model::ClientFault> compile(expr::TableReader& reader) {
  DuplicateConfig config;
  model::WireCopies& copies = config.copies;
  copies.count = static_cast<unsigned>(reader.integer("copies", 2, model::kMaxCopies));
  read_spacing(reader, copies);
  if (reader.has("delay") && copies.spacing != CopySpacing::kLate) {
    reader.error("delay",
                 "`delay` goes with spacing = \"late\" only; write the time as spacing, "
                 "such as \"20ms\"");
  }
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
  read_destination(reader, copies);
  for (const expr::Value* table : reader.tables("change")) {
    config.change = read_change(*table, reader);
  }
  return std::make_unique<Duplicate>(std::move(config));
}

}  // namespace

void register_client_fault_duplicate(ClientFaultRegistry& registry) {
  registry.add({
      .name = "duplicate",
      .summary = "send the same request 2 to 20 times: together, spaced, late, or after its answer",
      .production_cause =
          "a double click, an impatient retry, a proxy or service mesh that repeats, a queue that "
          "delivers at least once, a client that uses a key twice",
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
                "spacing = \"after_response\"\nconnection = \"same\"",
                "spacing = \"late\"\ndelay = \"2m\"", "spacing = \"20ms\"\nto = \"other_replica\"",
                "spacing = \"20ms\"\nchange = { body = \"/amount\", to = 2999 }"},
      .keys = &keys(),
      .compile = compile,
  });
}

}  // namespace squall::faults
