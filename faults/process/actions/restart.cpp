// Ends processes of a service and starts them again.
#include <csignal>
#include <memory>

#include <fmt/core.h>

#include "loadgen/base/units.hpp"
#include "loadgen/model/action_kind.hpp"
#include "loadgen/model/action_length.hpp"

namespace squall::faults {
namespace {

using model::ActionContext;

enum class How { kStop, kKill };

struct Config {
  How how = How::kStop;
  Duration downtime{};
};

class Restart final : public model::ServiceAction {
 public:
  explicit Restart(const Config& config) : config_(config) {}

  Result<void> start(const ActionContext& context) override {
    Result<void> done;
    for (const std::string& process : context.processes) {
      if (Result<void> ended = end(process, context.services); !ended) {
        done = std::move(ended);
      }
    }
    // Also when the run is to stop: what comes after the load needs the service.
    static_cast<void>(context.services.pause(config_.downtime));
    for (const std::string& process : context.processes) {
      if (Result<void> started = context.services.start(process); !started) {
        done = std::move(started);
      }
    }
    return done;
  }
  Result<void> undo(const ActionContext& /*context*/) override { return {}; }

 private:
  Result<void> end(const std::string& process, model::ServiceControl& services) const {
    const model::Service& service = services.described(process);
    return config_.how == How::kKill
               ? services.stop(process, SIGKILL, Duration::zero())
               : services.stop(process, service.stop_signal, service.stop_timeout);
  }

  Config config_;
};

class Recipe final : public model::ActionRecipe, public model::TakesTime {
 public:
  explicit Recipe(const Config& config) : config_(config) {}
  [[nodiscard]] std::unique_ptr<model::ServiceAction> occurrence() const override {
    return std::make_unique<Restart>(config_);
  }
  [[nodiscard]] Duration takes_at_least() const override { return config_.downtime; }
  [[nodiscard]] std::string text() const override {
    const char* how = config_.how == How::kKill ? "killed" : "stopped";
    return config_.downtime > Duration::zero()
               ? fmt::format("{}, down for {}", how, format_duration(config_.downtime))
               : how;
  }

 private:
  Config config_;
};

const expr::TableSpec& keys() {
  static const expr::TableSpec kKeys{
      .name = "action (restart)",
      .help =
          "Ends a service, starts it again on the same port and waits until it is ready, for "
          "no longer than its `ready_timeout`. With `order = \"one_at_a_time\"` it is what a "
          "rolling deployment does.",
      .keys = {{.name = "how",
                .type = expr::ValueType::kString,
                .help = "`stop`: with its `stop_signal`, so that it can finish what it is doing, "
                        "and SIGKILL after its `stop_timeout`; `kill`: at once.",
                .default_value = "stop",
                .choices = {"stop", "kill"}},
               {.name = "downtime",
                .type = expr::ValueType::kDuration,
                .help = "Between its end and its start.",
                .default_value = "0s"}}};
  return kKeys;
}

std::unique_ptr<model::ActionRecipe> compile(expr::TableReader& reader) {
  Config config;
  config.how = reader.string("how") == "kill" ? How::kKill : How::kStop;
  config.downtime = reader.duration("downtime");
  return std::make_unique<Recipe>(config);
}

}  // namespace

void register_action_restart(ActionRegistry& registry) {
  registry.add({.name = "restart",
                .summary = "ends a service and starts it again, all at once or one after the other",
                .production_cause = "a deployment, a crash under a supervisor, a dependency's "
                                    "maintenance",
                .example = R"([[action]]
name = "rolling-deploy"
kind = "restart"
service = "shop"
order = "one_at_a_time"
between = "2s"
at = "10s"
)",
                .traits = {.needs_service = true, .lasts = false},
                .keys = &keys(),
                .compile = compile});
}

}  // namespace squall::faults
