// Keeps a connection open for a while after its end.
#include <memory>
#include <optional>

#include "faults/toxics/attribute.hpp"

namespace squall::faults {
namespace {

class SlowClose final : public Toxic {
 public:
  explicit SlowClose(Duration delay) : delay_(delay) {}

  Action on_end(Passage& passage) override {
    if (!due_.has_value()) {
      due_ = passage.now + delay_;
      passage.fired = true;
    }
    return *due_ > passage.now ? Action::wait(*due_) : Action::end();
  }

 private:
  const Duration delay_;
  std::optional<TimePoint> due_;
};

const expr::TableSpec& attributes() {
  static const expr::TableSpec kAttributes{
      .name = "toxic (slow_close)",
      .help = "Passes the end of the connection on late; data is not delayed.",
      .keys = {integer_attribute("delay", "milliseconds from the end to its release")}};
  return kAttributes;
}

ToxicFactory compile(expr::TableReader& reader) {
  const Duration delay = read_time(reader, "delay", std::chrono::milliseconds(1));
  return [delay] { return std::make_unique<SlowClose>(delay); };
}

const expr::TableSpec& plan_keys() {
  static const expr::TableSpec kKeys{
      .name = "fault (slow_close)",
      .help = "Keys of the toxic slow_close in a plan.",
      .keys = {{.name = "delay",
                .type = expr::ValueType::kDuration,
                .help = "From the end of a connection to its release.",
                .required = true,
                .example = "\"1s\""}}};
  return kKeys;
}

expr::Table from_plan(expr::TableReader& reader) {
  return {planned_milliseconds(reader, "delay")};
}

}  // namespace

void register_toxic_slow_close(ToxicRegistry& registry);

void register_toxic_slow_close(ToxicRegistry& registry) {
  registry.add({.name = "slow_close",
                .summary = "pass the end of a connection on late",
                .production_cause = "a peer that lingers: slow shutdown, a balancer that drains",
                .example = "delay = 1000\n",
                .attributes = &attributes(),
                .compile = compile,
                .plan_example = "delay = \"1s\"\n",
                .plan_keys = &plan_keys(),
                .from_plan = from_plan});
}

}  // namespace squall::faults
