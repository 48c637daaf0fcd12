// Small data passes, large data never arrives.
#include <memory>
#include <utility>

#include "faults/toxics/attribute.hpp"

namespace squall::faults {
namespace {

// A large segment that vanishes is sent again for ever, and TCP delivers nothing that comes after
// it: so the chunk stays, and the ones behind it. Removing the toxic mends the path.
class MtuBlackhole final : public Toxic {
 public:
  explicit MtuBlackhole(std::int64_t mtu) : mtu_(static_cast<std::uint64_t>(mtu)) {}

  Action on_chunk(Chunk& front, Passage& passage) override {
    if (front.size() <= mtu_) {
      return Action::pass();
    }
    passage.fired = !std::exchange(stuck_, true);
    return Action::hold();
  }

 private:
  const std::uint64_t mtu_;
  bool stuck_ = false;
};

const expr::TableSpec& attributes() {
  static const expr::TableSpec kAttributes{
      .name = "toxic (mtu_blackhole)",
      .help =
          "A chunk (what was read at once) above so many bytes never arrives, nor does what "
          "comes after it on that connection. Removing it lets everything flow on.",
      .keys = {{.name = "mtu",
                .type = expr::ValueType::kInteger,
                .help = "bytes of the largest chunk that passes",
                .default_value = "1400"}}};
  return kAttributes;
}

ToxicFactory compile(expr::TableReader& reader) {
  const std::int64_t mtu = read_integer(reader, "mtu");
  return [mtu] { return std::make_unique<MtuBlackhole>(mtu); };
}

const expr::TableSpec& plan_keys() {
  static const expr::TableSpec kKeys{.name = "fault (mtu_blackhole)",
                                     .help = "Keys of the toxic mtu_blackhole in a plan.",
                                     .keys = {{.name = "mtu",
                                               .type = expr::ValueType::kBytes,
                                               .help = "Of the largest chunk that passes.",
                                               .default_value = "1400",
                                               .example = "\"1400B\""}}};
  return kKeys;
}

expr::Table from_plan(expr::TableReader& reader) {
  return {planned_bytes(reader, "mtu")};
}

}  // namespace

void register_toxic_mtu_blackhole(ToxicRegistry& registry);

void register_toxic_mtu_blackhole(ToxicRegistry& registry) {
  registry.add({.name = "mtu_blackhole",
                .summary = "small data passes, large data hangs",
                .production_cause =
                    "a tunnel with a smaller MTU and ICMP filtered: handshakes work, answers hang",
                .example = "mtu = 1400\n",
                .attributes = &attributes(),
                .compile = compile,
                .plan_example = "mtu = \"1400B\"\n",
                .plan_keys = &plan_keys(),
                .from_plan = from_plan});
}

}  // namespace squall::faults
