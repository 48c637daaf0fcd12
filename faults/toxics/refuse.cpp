// New connections are refused; those that are open go on.
#include <memory>

#include "faults/toxics/attribute.hpp"

namespace squall::faults {
namespace {

const expr::TableSpec& attributes() {
  static const expr::TableSpec kAttributes{
      .name = "toxic (refuse)",
      .help =
          "Refuses new connections. With a toxicity of 1 the port is closed; with a lower one "
          "the chosen connections are accepted by the kernel and reset at once.",
      .keys = {}};
  return kAttributes;
}

// Links that are there already are left alone.
ToxicFactory compile(expr::TableReader& /*reader*/) {
  return [] { return std::make_unique<Toxic>(); };
}

}  // namespace

void register_toxic_refuse(ToxicRegistry& registry);

void register_toxic_refuse(ToxicRegistry& registry) {
  registry.add({.name = "refuse",
                .summary = "refuse new connections, leave open ones alone",
                .production_cause = "a service that restarts, a full backlog, a closed port",
                .example = "",
                .traits = {.refuses = true},
                .attributes = &attributes(),
                .compile = compile});
}

}  // namespace squall::faults
