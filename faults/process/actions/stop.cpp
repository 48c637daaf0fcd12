// Stops processes of a service in their tracks, and lets them go on.
#include <csignal>
#include <memory>

#include "loadgen/model/action_kind.hpp"

namespace squall::faults {
namespace {

using model::ActionContext;

class Stop final : public model::ServiceAction {
 public:
  Result<void> start(const ActionContext& context) override {
    Result<void> done;
    for (const std::string& process : context.processes) {
      if (Result<void> stopped =
              context.services.signal(process, SIGSTOP, model::ExitIs::kUnplanned);
          !stopped) {
        done = std::move(stopped);
      }
    }
    return done;
  }

  Result<void> undo(const ActionContext& context) override {
    Result<void> done;
    for (const std::string& process : context.processes) {
      if (!context.services.is_running(process)) {
        continue;
      }
      if (Result<void> gone_on =
              context.services.signal(process, SIGCONT, model::ExitIs::kUnplanned);
          !gone_on) {
        done = std::move(gone_on);
      }
    }
    return done;
  }
};

class Recipe final : public model::ActionRecipe {
 public:
  [[nodiscard]] std::unique_ptr<model::ServiceAction> occurrence() const override {
    return std::make_unique<Stop>();
  }
  [[nodiscard]] std::string text() const override { return {}; }
};

const expr::TableSpec& keys() {
  static const expr::TableSpec kKeys{
      .name = "action (stop)",
      .help =
          "Stops a service and everything that stems from it with SIGSTOP: connections stay "
          "open, nothing is answered. It goes on (SIGCONT) after `for`, or when the load is "
          "over.",
      .keys = {}};
  return kKeys;
}

std::unique_ptr<model::ActionRecipe> compile(expr::TableReader& /*reader*/) {
  return std::make_unique<Recipe>();
}

}  // namespace

void register_action_stop(ActionRegistry& registry) {
  registry.add({.name = "stop",
                .summary = "freezes a service, which goes on after `for`",
                .production_cause = "a long garbage collection, a paused virtual machine, a disk "
                                    "that hangs",
                .example = R"([[action]]
name = "long-pause"
kind = "stop"
service = "shop"
at = "10s"
for = "3s"
)",
                .traits = {.needs_service = true, .lasts = true},
                .keys = &keys(),
                .compile = compile});
}

}  // namespace squall::faults
