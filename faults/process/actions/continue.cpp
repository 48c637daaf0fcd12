// Lets stopped processes of a service go on.
#include <csignal>
#include <memory>

#include "loadgen/model/action_kind.hpp"

namespace squall::faults {
namespace {

using model::ActionContext;

class Continue final : public model::ServiceAction {
 public:
  Result<void> start(const ActionContext& context) override {
    Result<void> done;
    for (const std::string& process : context.processes) {
      if (Result<void> gone_on =
              context.services.signal(process, SIGCONT, model::ExitIs::kUnplanned);
          !gone_on) {
        done = std::move(gone_on);
      }
    }
    return done;
  }
  Result<void> undo(const ActionContext& /*context*/) override { return {}; }
};

class Recipe final : public model::ActionRecipe {
 public:
  [[nodiscard]] std::unique_ptr<model::ServiceAction> occurrence() const override {
    return std::make_unique<Continue>();
  }
  [[nodiscard]] std::string text() const override { return {}; }
};

const expr::TableSpec& keys() {
  static const expr::TableSpec kKeys{
      .name = "action (continue)",
      .help = "Lets a service that an action stopped go on before that action's end.",
      .keys = {}};
  return kKeys;
}

std::unique_ptr<model::ActionRecipe> compile(expr::TableReader& /*reader*/) {
  return std::make_unique<Recipe>();
}

}  // namespace

void register_action_continue(ActionRegistry& registry) {
  registry.add({.name = "continue",
                .summary = "lets a stopped service go on",
                .production_cause = "a pause that ends for some replicas before others",
                .example = R"([[action]]
name = "first-one-back"
kind = "continue"
service = "shop"
replica = 1
at = "12s"
)",
                .traits = {.needs_service = true, .lasts = false},
                .keys = &keys(),
                .compile = compile});
}

}  // namespace squall::faults
