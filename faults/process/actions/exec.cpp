// Runs a command of the plan.
#include <memory>

#include "loadgen/base/text.hpp"
#include "loadgen/model/action_kind.hpp"
#include "loadgen/model/command_recipe.hpp"

namespace squall::faults {
namespace {

using model::ActionContext;

class Exec final : public model::ServiceAction {
 public:
  explicit Exec(const model::HookCommand& hook) : hook_(hook) {}

  Result<void> start(const ActionContext& context) override {
    model::HookCommand named = hook_;
    named.log_name = "action-" + context.action;
    return context.services.run(named);
  }
  Result<void> undo(const ActionContext& /*context*/) override { return {}; }

 private:
  model::HookCommand hook_;
};

class Recipe final : public model::CommandRecipe {
 public:
  explicit Recipe(model::HookCommand hook) : hook_(std::move(hook)) {}
  [[nodiscard]] std::unique_ptr<model::ServiceAction> occurrence() const override {
    return std::make_unique<Exec>(hook_);
  }
  [[nodiscard]] std::string text() const override { return printable(program()); }
  [[nodiscard]] const std::string& program() const override {
    static const std::string kNone;
    return hook_.command.empty() ? kNone : hook_.command.front();
  }

 private:
  model::HookCommand hook_;
};

const expr::TableSpec& keys() {
  static const expr::TableSpec kKeys{
      .name = "action (exec)",
      .help =
          "Runs a command from the plan's folder and judges how it exits; its output is in "
          "`services/action-NAME.log`. What it changes, `undo` puts back.",
      .keys = {{.name = "command",
                .type = expr::ValueType::kStringList,
                .help = "Program and arguments; no shell is involved.",
                .required = true,
                .example = "[\"redis-cli\", \"-p\", \"{{port.cache}}\", \"flushall\"]"},
               {.name = "environment",
                .type = expr::ValueType::kTemplateMap,
                .help = "Variables beside squall's own environment.",
                .example = "{ PGPASSWORD = \"${env:PGPASSWORD}\" }"},
               {.name = "exit_code",
                .type = expr::ValueType::kInteger,
                .help = "With which it must exit.",
                .default_value = "0"},
               {.name = "timeout",
                .type = expr::ValueType::kDuration,
                .help = "After which it and what it started is killed, and has failed.",
                .default_value = "30s"}}};
  return kKeys;
}

std::unique_ptr<model::ActionRecipe> compile(expr::TableReader& reader) {
  model::HookCommand hook;
  for (const expr::LocatedText& word : reader.string_list("command")) {
    hook.command.push_back(word.text);
  }
  if (reader.has("command") && (hook.command.empty() || hook.command.front().empty())) {
    reader.error("command", "a command needs a program, for example [\"redis-cli\", \"flushall\"]");
  }
  for (const auto& [name, value] : reader.template_map("environment", {})) {
    if (!value.is_literal()) {
      reader.error("environment", "\"" + name + "\": names of requests mean nothing here");
    }
    hook.environment.emplace_back(name, value.literal());
  }
  hook.exit_code = static_cast<int>(reader.integer("exit_code", 0, 255));
  hook.timeout = reader.duration("timeout");
  if (hook.timeout <= Duration::zero()) {
    reader.error("timeout", "nothing is done in no time: write for example \"30s\"");
  }
  return std::make_unique<Recipe>(std::move(hook));
}

}  // namespace

void register_action_exec(ActionRegistry& registry) {
  registry.add({.name = "exec",
                .summary = "runs a command, judged by how it exits",
                .production_cause = "whatever an operator or a job does at a bad moment",
                .example = R"([[action]]
name = "lose-the-cache"
kind = "exec"
command = ["redis-cli", "-p", "6379", "flushall"]
at = "10s"
)",
                .traits = {.needs_service = false, .lasts = false},
                .keys = &keys(),
                .compile = compile});
}

}  // namespace squall::faults
