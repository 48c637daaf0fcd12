// Lets everything pass.
#include <memory>

#include "faults/proxy/toxic.hpp"

namespace squall::faults {
namespace {

const expr::TableSpec& attributes() {
  static const expr::TableSpec kAttributes{
      .name = "toxic (noop)", .help = "Does nothing.", .keys = {}};
  return kAttributes;
}

ToxicFactory compile(expr::TableReader& /*reader*/) {
  return [] { return std::make_unique<Toxic>(); };
}

}  // namespace

void register_toxic_noop(ToxicRegistry& registry);

void register_toxic_noop(ToxicRegistry& registry) {
  registry.add({.name = "noop",
                .summary = "let everything pass: a placeholder whose place can be seen",
                .production_cause = "nothing: for trying a set-up out",
                .example = "",
                .traits = {.idle = true},
                .attributes = &attributes(),
                .compile = compile});
}

}  // namespace squall::faults
