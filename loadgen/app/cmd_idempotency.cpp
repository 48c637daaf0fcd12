// squall idempotency PLAN: which of the promises about repeated requests a target keeps.
#include <memory>
#include <set>
#include <utility>

#include <fmt/core.h>
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "loadgen/app/cli.hpp"
#include "loadgen/app/live_options.hpp"
#include "loadgen/app/live_views.hpp"
#include "loadgen/app/option_checks.hpp"
#include "loadgen/app/output.hpp"
#include "loadgen/app/plan_options.hpp"
#include "loadgen/app/registries.hpp"
#include "loadgen/app/terminal.hpp"
#include "loadgen/app/verification_session.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/model/idempotency_plan.hpp"
#include "loadgen/verify/verification.hpp"

namespace squall::app {
namespace {

using model::ExitCode;

struct IdempotencyCommand {
  PlanOptions plan;
  std::vector<std::string> only;
  bool webhook = false;
  unsigned rounds = 0;
  std::string directory;
  bool no_reproduce = false;
  bool strict = false;
  bool quiet = false;
  bool no_color = false;
  LiveOptions live;
};

// Why the text names no property, in a sentence; empty when it does.
std::string no_property(const std::string& text) {
  return verify::find_property(registries().properties, text) != nullptr
             ? ""
             : fmt::format(
                   "\"{}\" is no property; `squall list properties` shows them, by number "
                   "and by name",
                   printable(text));
}

std::string repeating(const IdempotencyCommand& command, const model::Plan& plan) {
  std::string line = command_that_repeats(command.plan, plan);
  if (!command.only.empty()) {
    line += fmt::format(" --only {}", fmt::join(command.only, ","));
  }
  if (command.rounds > 0) {
    line += fmt::format(" --rounds {}", command.rounds);
  }
  for (const auto& [given, option] : {std::pair{command.webhook, " --webhook"},
                                      std::pair{command.no_reproduce, " --no-reproduce"},
                                      std::pair{command.strict, " --strict"}}) {
    line += given ? option : "";
  }
  return line;
}

constexpr unsigned kWebhookConsumer = 26;
constexpr unsigned kWebhookProducer = 27;

// As in plans/profiles/README.md.
constexpr const char* kSmallestPlan = R"(format = 1
name = "payments"

[[target]]
name = "api"
urls = ["http://127.0.0.1:8080"]

[idempotency]
profile = "auto"       # or what the API declares: `squall list profiles`
  [idempotency.operation]
  request = "POST /payments"
  json = { order = "{{token}}", amount = 1999 }    # {{token}} is new for each operation

[[effects.oracle]]     # where the effects are counted, by token
kind = "http"
request = "GET /payments"
items = ""             # the answer is a list
key = "/order"
)";

// Why the plan is not what the command is about, in a sentence; empty when it is.
std::string objection(const IdempotencyCommand& command, const model::Plan& plan) {
  if (plan.idempotency == nullptr) {
    return fmt::format(
        "{} has no [idempotency] table: which operation is to be verified? A whole plan is:\n\n{}",
        printable(command.plan.file, 500), kSmallestPlan);
  }
  if (command.webhook && !plan.idempotency->consumer && !plan.idempotency->producer) {
    return fmt::format(
        "{} has neither [idempotency.consumer] nor [idempotency.producer]: which webhooks does the "
        "target receive or send? plans/webhooks.toml is an example",
        printable(command.plan.file, 500));
  }
  return {};
}

std::set<unsigned> chosen(const IdempotencyCommand& command) {
  return command.webhook ? std::set<unsigned>{kWebhookConsumer, kWebhookProducer}
                         : property_numbers(command.only);
}

ExitCode act(const IdempotencyCommand& command, const run::StopSignal& stop) {
  const Terminal terminal(command.quiet ? Verbosity::kQuiet : Verbosity::kNormal,
                          command.no_color ? Color::kNever : Color::kAuto, command.live);
  const auto plan = load_plan(command.plan);
  if (!plan) {
    return terminal.without_run(ExitCode::kUsage);
  }
  if (const std::string why = objection(command, *plan); !why.empty()) {
    say("squall: {}\n", why);
    return terminal.without_run(ExitCode::kUsage);
  }
  note_services(command.plan.targets, *plan);
  const auto views = LiveViews::open_or_tell(terminal, command.live, *plan);
  if (views == nullptr) {
    return terminal.without_run(ExitCode::kUsage);
  }
  const verify::VerificationOptions options{.only = chosen(command),
                                            .rounds = command.rounds,
                                            .reproduction = {.tries_it = !command.no_reproduce}};
  const SessionResult session = run_verification(plan,
                                                 {.directory = command.directory,
                                                  .command = repeating(command, *plan),
                                                  .strict = command.strict,
                                                  .announce = !command.quiet},
                                                 options, *views, stop);
  if (session.directory.empty()) {
    return terminal.without_run(session.exit_code);
  }
  terminal.print_summary(session.record, session.directory);
  return session.exit_code;
}

constexpr const char* kFooter = R"(
Sends one operation of the target again and again as clients, networks and crashes repeat it: after its answer, at the same instant,
after a lost answer, with another payload, by another caller, through another replica; counts the effects each time, where they are
kept, and says of each property whether it holds. What the plan gives no means for is "not tested", with the key that would change that.

What fails: effects that are too many or lost, a state that changed, an answer of another caller or endpoint, a key that stays unusable.
Status codes, bodies and headers warn, and fail when the declared profile (plans/profiles) states them. A pass says how often the
opposite may have been missed: zero in n rounds bounds it below 3/n (95%).

  squall idempotency plans/charge.toml                         against the shop that comes with squall
  squall idempotency my-plan.toml --only 4,5,17 --rounds 1000  the races, more closely
  squall idempotency plans/webhooks.toml --webhook             webhooks that are received and sent, nothing else
  squall idempotency my-plan.toml --set idempotency.profile=auto   learn the dialect, and write it down as a profile

Exit codes: 0 all that was tested holds, 1 an answer is not as the profile states, 2 plan error, 3 effects could not be counted,
4 target never reachable, 5 an effect, a state, a caller's answer or a key was wrong, 7 something was not tested (--strict).)";

}  // namespace

void add_idempotency_command(CLI::App& tree, Cli& cli) {
  auto command = std::make_shared<IdempotencyCommand>();
  CLI::App* idempotency = tree.add_subcommand(
      "idempotency", "Verify what repeated requests do: a verdict for each of 28 properties");
  idempotency->footer(kFooter);
  idempotency->add_option("PLAN", command->plan.file, "The plan, with an [idempotency] table")
      ->required();
  auto* only =
      idempotency
          ->add_option("--only", command->only, "These properties, by number or name: 4,5,17")
          ->type_name("PROPERTY,...")
          ->delimiter(',')
          ->check(no_property);
  idempotency
      ->add_option("--rounds", command->rounds,
                   "Rounds of properties that look for a race (default: the plan's, 300)")
      ->type_name("N")
      ->check(CLI::Range(1U, 1'000'000U));
  idempotency
      ->add_flag("--webhook", command->webhook,
                 "Properties 26 and 27 alone: webhooks that the target receives "
                 "([idempotency.consumer]) and sends ([idempotency.producer])")
      ->excludes(only);
  add_plan_options(*idempotency, command->plan);
  idempotency
      ->add_option("--out", command->directory,
                   "Directory for the results, new or empty (default: squall-runs/PLAN-TIME-SEED)")
      ->type_name("DIR");
  idempotency->add_flag("--no-reproduce", command->no_reproduce,
                        "Leave reproducers as recorded: neither made minimal nor tried");
  idempotency->add_flag("--strict", command->strict,
                        "Warnings fail (exit 1), and what was not tested is inconclusive (exit 7)");
  idempotency->add_flag("--quiet,-q", command->quiet,
                        "Print nothing but problems and the verdict line");
  idempotency->add_flag("--no-color", command->no_color, "No colours (NO_COLOR does the same)");
  add_live_options(*idempotency, command->live);
  idempotency->callback(
      [command, &cli] { cli.action = [command, &cli] { return act(*command, cli.stop); }; });
}

}  // namespace squall::app
