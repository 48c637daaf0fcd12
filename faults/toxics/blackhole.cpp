// Silence: nothing passes until it is removed.
#include <memory>
#include <utility>

#include "faults/toxics/attribute.hpp"

namespace squall::faults {
namespace {

// What comes is held back and not dropped, and soon no more is read: to both sides it looks like a
// network that is cut, and like one that heals when it is removed.
class Blackhole final : public Toxic {
 public:
  Action on_chunk(Chunk& /*front*/, Passage& passage) override { return swallow(passage); }
  Action on_end(Passage& passage) override { return swallow(passage); }

 private:
  Action swallow(Passage& passage) {
    passage.fired = !std::exchange(fired_, true);
    return Action::hold();
  }

  bool fired_ = false;
};

const expr::TableSpec& attributes() {
  static const expr::TableSpec kAttributes{
      .name = "toxic (blackhole)",
      .help =
          "Connections are accepted, but nothing passes, not even their end. Removing it lets "
          "everything flow on.",
      .keys = {}};
  return kAttributes;
}

ToxicFactory compile(expr::TableReader& /*reader*/) {
  return [] { return std::make_unique<Blackhole>(); };
}

}  // namespace

void register_toxic_blackhole(ToxicRegistry& registry);

void register_toxic_blackhole(ToxicRegistry& registry) {
  registry.add({.name = "blackhole",
                .summary = "accept and then be silent until it is removed",
                .production_cause = "a network partition, a paused or hung peer",
                .example = "",
                .attributes = &attributes(),
                .compile = compile});
}

}  // namespace squall::faults
