// Data goes nowhere, and after a silence the connection is closed.
#include <memory>
#include <optional>

#include "faults/toxics/attribute.hpp"

namespace squall::faults {
namespace {

class Timeout final : public Toxic {
 public:
  explicit Timeout(Duration timeout) : timeout_(timeout) {}

  Action on_chunk(Chunk& /*front*/, Passage& passage) override {
    passage.fired = true;
    silent_since_ = passage.now;
    return Action::drop();
  }

  Action on_idle(Passage& passage) override {
    if (timeout_ == Duration::zero()) {
      return Action::hold();
    }
    if (!silent_since_.has_value()) {
      silent_since_ = passage.now;
    }
    const TimePoint due = *silent_since_ + timeout_;
    passage.fired = due <= passage.now;
    return due > passage.now ? Action::wait(due) : Action::end();
  }

 private:
  const Duration timeout_;
  std::optional<TimePoint> silent_since_;
};

const expr::TableSpec& attributes() {
  static const expr::TableSpec kAttributes{
      .name = "toxic (timeout)",
      .help = "Drops all data. Removing it closes the connections that it was at work on.",
      .keys = {integer_attribute(
          "timeout", "milliseconds without data after which the connection is closed; 0: never")}};
  return kAttributes;
}

ToxicFactory compile(expr::TableReader& reader) {
  const Duration timeout = read_time(reader, "timeout", std::chrono::milliseconds(1));
  return [timeout] { return std::make_unique<Timeout>(timeout); };
}

const expr::TableSpec& plan_keys() {
  static const expr::TableSpec kKeys{
      .name = "fault (timeout)",
      .help = "Keys of the toxic timeout in a plan.",
      .keys = {{.name = "timeout",
                .type = expr::ValueType::kDuration,
                .help = "Without data, after which the connection is closed; 0: never.",
                .default_value = "0",
                .example = "\"1s\""}}};
  return kKeys;
}

expr::Table from_plan(expr::TableReader& reader) {
  return {planned_milliseconds(reader, "timeout")};
}

}  // namespace

void register_toxic_timeout(ToxicRegistry& registry);

void register_toxic_timeout(ToxicRegistry& registry) {
  registry.add({.name = "timeout",
                .summary = "drop all data, then close after a silence",
                .production_cause = "a firewall that swallows packets, a peer that died silently",
                .example = "timeout = 1000\n",
                // What it has dropped is missing: the rest would be another stream.
                .traits = {.ends_when_removed = true, .keeps_bytes = false},
                .attributes = &attributes(),
                .compile = compile,
                .plan_example = "timeout = \"1s\"\n",
                .plan_keys = &plan_keys(),
                .from_plan = from_plan});
}

}  // namespace squall::faults
