// Ends processes of a service.
#include <csignal>
#include <memory>

#include <fmt/core.h>

#include "loadgen/model/action_kind.hpp"
#include "loadgen/model/signal_name.hpp"

namespace squall::faults {
namespace {

using model::ActionContext;

class Kill final : public model::ServiceAction {
 public:
  explicit Kill(int signal) : signal_(signal) {}

  Result<void> start(const ActionContext& context) override {
    Result<void> done;
    for (const std::string& process : context.processes) {
      if (!context.services.is_running(process)) {
        done = fail(ErrorCode::kNotFound, fmt::format("{} does not run", process));
        continue;
      }
      const Duration patience =
          signal_ == SIGKILL ? Duration::zero() : context.services.described(process).stop_timeout;
      if (Result<void> ended = context.services.stop(process, signal_, patience); !ended) {
        done = std::move(ended);
      }
    }
    return done;
  }

  Result<void> undo(const ActionContext& context) override {
    Result<void> done;
    for (const std::string& process : context.processes) {
      if (!context.ends || context.services.is_running(process)) {
        continue;
      }
      if (Result<void> started = context.services.start(process); !started) {
        done = std::move(started);
      }
    }
    return done;
  }

 private:
  int signal_;
};

class Recipe final : public model::ActionRecipe {
 public:
  explicit Recipe(int signal) : signal_(signal) {}
  [[nodiscard]] std::unique_ptr<model::ServiceAction> occurrence() const override {
    return std::make_unique<Kill>(signal_);
  }
  [[nodiscard]] std::string text() const override { return model::signal_name(signal_); }

 private:
  int signal_;
};

const expr::TableSpec& keys() {
  static const expr::TableSpec kKeys{
      .name = "action (kill)",
      .help =
          "Ends a service and everything that stems from it. With `for` it is started again "
          "after that; without, it stays down.",
      .keys = {{.name = "signal",
                .type = expr::ValueType::kString,
                .help = "How; what is left after the service's `stop_timeout` gets SIGKILL.",
                .default_value = "SIGKILL"}}};
  return kKeys;
}

std::unique_ptr<model::ActionRecipe> compile(expr::TableReader& reader) {
  const std::string name = reader.string("signal");
  const auto signal = model::signal_named(name);
  if (!signal) {
    reader.error("signal", fmt::format("\"{}\" is no signal; write for example \"SIGTERM\"", name));
  }
  return std::make_unique<Recipe>(signal.value_or(SIGKILL));
}

}  // namespace

void register_action_kill(ActionRegistry& registry) {
  registry.add({.name = "kill",
                .summary = "ends a service, and starts it again after `for`",
                .production_cause = "a crash, the OOM killer, a node that is lost",
                .example = R"([[action]]
name = "crash"
kind = "kill"
service = "shop"
at = "10s"
for = "5s"
)",
                .traits = {.needs_service = true, .lasts = true},
                .keys = &keys(),
                .compile = compile});
}

}  // namespace squall::faults
