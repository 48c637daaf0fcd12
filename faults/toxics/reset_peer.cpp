// Resets both sides, some time after the first data.
#include <memory>
#include <optional>

#include "faults/toxics/attribute.hpp"

namespace squall::faults {
namespace {

// Holds the data meanwhile: when it is removed in time, nothing is lost.
class ResetPeer final : public Toxic {
 public:
  explicit ResetPeer(Duration timeout) : timeout_(timeout) {}

  Action on_chunk(Chunk& /*front*/, Passage& passage) override { return reset_later(passage); }
  Action on_end(Passage& passage) override { return reset_later(passage); }
  Action on_idle(Passage& passage) override {
    return due_.has_value() ? reset_later(passage) : Action::hold();
  }

 private:
  Action reset_later(Passage& passage) {
    if (!due_.has_value()) {
      due_ = passage.now + timeout_;
    }
    passage.fired = *due_ <= passage.now;
    return *due_ > passage.now ? Action::wait(*due_) : Action::reset();
  }

  const Duration timeout_;
  std::optional<TimePoint> due_;
};

const expr::TableSpec& attributes() {
  static const expr::TableSpec kAttributes{
      .name = "toxic (reset_peer)",
      .help = "Sends RST to both sides after the first data, or the end, has come.",
      .keys = {integer_attribute("timeout", "milliseconds from the first data to the reset")}};
  return kAttributes;
}

ToxicFactory compile(expr::TableReader& reader) {
  const Duration timeout = read_time(reader, "timeout", std::chrono::milliseconds(1));
  return [timeout] { return std::make_unique<ResetPeer>(timeout); };
}

const expr::TableSpec& plan_keys() {
  static const expr::TableSpec kKeys{.name = "fault (reset_peer)",
                                     .help = "Keys of the toxic reset_peer in a plan.",
                                     .keys = {{.name = "timeout",
                                               .type = expr::ValueType::kDuration,
                                               .help = "From the first data to the reset.",
                                               .default_value = "0",
                                               .example = "\"50ms\""}}};
  return kKeys;
}

expr::Table from_plan(expr::TableReader& reader) {
  return {planned_milliseconds(reader, "timeout")};
}

}  // namespace

void register_toxic_reset_peer(ToxicRegistry& registry);

void register_toxic_reset_peer(ToxicRegistry& registry) {
  registry.add({.name = "reset_peer",
                .summary = "reset the connection (RST) after the first data",
                .production_cause = "a crashed peer, a balancer or firewall that forgot the flow",
                .example = "timeout = 0\n",
                .traits = {.keeps_bytes = false},
                .attributes = &attributes(),
                .compile = compile,
                .plan_example = "timeout = \"50ms\"\n",
                .plan_keys = &plan_keys(),
                .from_plan = from_plan});
}

}  // namespace squall::faults
