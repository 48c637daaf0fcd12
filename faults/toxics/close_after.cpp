// Closes a connection some time after it came to it, whatever passes.
#include <memory>

#include "faults/toxics/attribute.hpp"

namespace squall::faults {
namespace {

class CloseAfter final : public Toxic {
 public:
  explicit CloseAfter(Duration delay) : delay_(delay) {}

  Action on_chunk(Chunk& /*front*/, Passage& passage) override {
    return is_due(passage) ? Action::end() : Action::pass();
  }

  Action on_idle(Passage& passage) override {
    return is_due(passage) ? Action::end() : Action::wait(passage.attached + delay_);
  }

 private:
  [[nodiscard]] bool is_due(Passage& passage) const {
    passage.fired = passage.attached + delay_ <= passage.now;
    return passage.fired;
  }

  const Duration delay_;
};

const expr::TableSpec& attributes() {
  static const expr::TableSpec kAttributes{
      .name = "toxic (close_after)",
      .help = "Closes the connection after a time, also while data flows.",
      .keys = {integer_attribute(
          "delay", "milliseconds from when the connection, or this toxic on it, began")}};
  return kAttributes;
}

ToxicFactory compile(expr::TableReader& reader) {
  const Duration delay = read_time(reader, "delay", std::chrono::milliseconds(1));
  return [delay] { return std::make_unique<CloseAfter>(delay); };
}

const expr::TableSpec& plan_keys() {
  static const expr::TableSpec kKeys{
      .name = "fault (close_after)",
      .help = "Keys of the toxic close_after in a plan.",
      .keys = {{.name = "delay",
                .type = expr::ValueType::kDuration,
                .help = "From when the connection, or this fault on it, began.",
                .required = true,
                .example = "\"5s\""}}};
  return kKeys;
}

expr::Table from_plan(expr::TableReader& reader) {
  return {planned_milliseconds(reader, "delay")};
}

}  // namespace

void register_toxic_close_after(ToxicRegistry& registry);

void register_toxic_close_after(ToxicRegistry& registry) {
  registry.add({.name = "close_after",
                .summary = "close after a time while data flows",
                .production_cause = "a balancer's or server's limit on the age of connections",
                .example = "delay = 5000\n",
                .traits = {.keeps_bytes = false},
                .attributes = &attributes(),
                .compile = compile,
                .plan_example = "delay = \"5s\"\n",
                .plan_keys = &plan_keys(),
                .from_plan = from_plan});
}

}  // namespace squall::faults
