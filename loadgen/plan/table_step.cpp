// [[scenario.step]] and its retry policy.
#include "loadgen/plan/history_reader.hpp"
#include "loadgen/plan/key_tables.hpp"
#include "loadgen/plan/lookup.hpp"
#include "loadgen/plan/request.hpp"
#include "loadgen/plan/tables.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/expr/expectation_text.hpp"

namespace squall::plan {
namespace {

using expr::Token;
using expr::ValueType;
using model::AttemptClass;

constexpr std::int64_t kMaxAttempts = 100;

// What a client can see and may want to try again. The others are no failure or never started.
constexpr std::array kRetriable{AttemptClass::kUnexpected,  AttemptClass::kClientError,
                                AttemptClass::kServerError, AttemptClass::kTimeout,
                                AttemptClass::kReset,       AttemptClass::kClosed,
                                AttemptClass::kMalformed,   AttemptClass::kOversized,
                                AttemptClass::kRefused,     AttemptClass::kCut};

std::vector<std::string_view> retriable_names() {
  std::vector<std::string_view> names;
  names.reserve(kRetriable.size());
  for (const AttemptClass how : kRetriable) {
    names.push_back(to_string(how));
  }
  return names;
}

void read_retry_classes(expr::TableReader& reader, model::RetryPolicy& policy) {
  const std::vector<std::string_view> known = retriable_names();
  const std::vector<expr::LocatedText> words = reader.string_list("on");
  for (const expr::LocatedText& word : words) {
    const auto how = model::attempt_class_from(word.text);
    if (how && std::find(kRetriable.begin(), kRetriable.end(), *how) != kRetriable.end()) {
      policy.on.insert(*how);
      continue;
    }
    const auto nearest = nearest_name(word.text, known);
    reader.diagnostics().error(
        word.where, fmt::format("nothing to retry is called \"{}\"; {}", printable(word.text),
                                nearest ? fmt::format("did you mean \"{}\"?", *nearest)
                                        : "there is " + join_or(known)));
  }
  if (reader.has("on") && words.empty()) {
    reader.error("on", "names nothing to retry, for example [\"timeout\", \"reset\", \"5xx\"]");
  }
}

model::RetryPolicy read_retry(const expr::Value& table, Build& build) {
  expr::TableReader reader(table, retry_spec(), build.scope, build.diagnostics);
  model::RetryPolicy policy;
  read_retry_classes(reader, policy);
  policy.attempts = static_cast<unsigned>(reader.integer("attempts", 1, kMaxAttempts));
  policy.backoff = reader.duration("backoff");
  policy.max_backoff = reader.duration("max_backoff");
  policy.jitter = reader.string("jitter") == "none" ? model::Jitter::kNone : model::Jitter::kFull;
  policy.budget = reader.share("budget");
  if (policy.max_backoff < policy.backoff) {
    reader.error("max_backoff", fmt::format("\"max_backoff\" is below the first backoff of {}",
                                            format_duration(policy.backoff)));
  }
  return policy;
}

// Names may be filled in that the request may use, too. The judge compiles them.
Result<expr::Expectation> read_expectation(std::string_view text,
                                           const expr::TemplateNames& names) {
  auto expectation = expr::parse_expectation(text);
  if (expectation) {
    if (const auto filled = expr::expected_text(*expectation, names); !filled) {
      return fail(filled.error());
    }
  }
  return expectation;
}

void read_expectations(expr::TableReader& reader, const expr::TemplateNames& names, Build& build,
                       model::Step& step) {
  for (const expr::LocatedText& text : reader.string_list("expect")) {
    auto expectation = read_expectation(text.text, names);
    if (expectation) {
      step.expect.push_back(std::move(*expectation));
      continue;
    }
    const auto& at = expectation.error().where;
    build.diagnostics.error(build.text.inside(text, at ? at->column : 1),
                            expectation.error().message);
  }
}

// Slot of an extracted value; the same name extracted again overwrites.
std::uint16_t slot_for(model::Scenario& scenario, const std::string& name) {
  const auto found = std::find(scenario.extracted.begin(), scenario.extracted.end(), name);
  if (found == scenario.extracted.end()) {
    scenario.extracted.push_back(name);
    return static_cast<std::uint16_t>(scenario.extracted.size() - 1);
  }
  return static_cast<std::uint16_t>(found - scenario.extracted.begin());
}

void read_extractions(const expr::Value& table, expr::TableReader& reader,
                      model::Scenario& scenario, model::Step& step, const Build& build) {
  constexpr std::size_t kMaxExtracted = 1024;
  if (!reader.has("extract")) {
    return;
  }
  const expr::Value* written = table.find("extract");
  for (const auto& [name, text] : reader.template_map("extract", {})) {
    const expr::Value* value = written != nullptr ? written->find(name) : nullptr;
    const SourceRef where = value != nullptr ? value->where : reader.where("extract");
    if (scenario.extracted.size() >= kMaxExtracted) {
      reader.diagnostics().error(
          where, fmt::format("a scenario extracts at most {} values", kMaxExtracted));
      return;
    }
    auto extraction = expr::parse_extraction(name, text.source());
    if (!extraction) {
      const auto& at = extraction.error().where;
      reader.diagnostics().error(at ? build.text.inside({text.source(), where}, at->column) : where,
                                 extraction.error().message);
      continue;
    }
    step.extract_slots.push_back(slot_for(scenario, name));
    step.extract.push_back(std::move(*extraction));
  }
}

// An effect is found by its key, so the key must differ from operation to operation and travel with
// the request.
void check_effect(expr::TableReader& reader, const model::Target* target, const model::Step& step) {
  const expr::Template& key = step.effect_key;
  if (key.reads_clock()) {
    reader.error("effect",
                 "an effect key may not use {{now}}: retries and copies of one operation "
                 "would ask for different effects; write for example \"{{key}}\"");
    return;
  }
  if (key.uses(Token::kDraw)) {
    reader.error("effect",
                 "an effect key may not draw: what is drawn here is not what the request draws, so "
                 "no oracle could find the effect; write for example \"{{key}}\"");
    return;
  }
  const bool per_visit = key.uses(Token::kKey) || key.uses(Token::kIndex);
  if (step.max_visits > 1 && !per_visit && !key.uses(Token::kExtracted)) {
    reader.error("effect",
                 fmt::format("\"{}\" is the same for each pass of the group, so the effects of one "
                             "arrival could not be told apart; write for example \"{{{{key}}}}\"",
                             printable(key.source())));
    return;
  }
  if (!key.uses(Token::kKey) && !key.uses(Token::kSequence) && !key.uses(Token::kExtracted) &&
      key.unique_feeders().empty()) {
    reader.error("effect",
                 fmt::format("\"{}\" is the same for each operation, so their effects could "
                             "not be told apart; write for example \"{{{{key}}}}\"",
                             printable(key.source())));
    return;
  }
  for (const auto& [token, name] :
       {std::pair{Token::kKey, "{{key}}"}, std::pair{Token::kSequence, "{{seq}}"}}) {
    const bool in_target =
        target != nullptr &&
        std::any_of(target->headers.begin(), target->headers.end(),
                    [&, t = token](const model::Header& header) { return header.second.uses(t); });
    if (key.uses(token) && !uses(step.request, token) && !in_target) {
      reader.error("effect",
                   fmt::format("nothing in the request carries {}, so no oracle could find "
                               "the effect; put it into a header or the body",
                               name));
    }
  }
}

// Those beside the request and what is done with its answer.
std::vector<expr::KeySpec> flow_step_keys() {
  return {
      {.name = "expect",
       .type = ValueType::kStringList,
       .help =
           "What makes an answer a success, all together; without it any status from 200 to "
           "399 does. Forms: `status in 200..299`, `status == 201`, `json /pointer == value`, "
           "`json /pointer exists`, `json /pointer matches \"re\"`, `header \"X\" == \"text\"`, "
           "`header \"X\" exists|contains|matches …`, `body contains|matches \"text\"`, "
           "`size < 10KiB`, `time < 250ms` (service time); `not` before any of them turns it "
           "round. Texts (those of `matches` excepted) may hold `{{names}}`, filled in for the "
           "operation: `json /user == \"{{users.email}}\"`; without quotes they are numbers: "
           "`json /number == {{seq}}`.",
       .example = "[\"status in 200..299\", \"json /status == \\\"succeeded\\\"\"]"},
      {.name = "extract",
       .type = ValueType::kTemplateMap,
       .help = "Values of the answer for the steps after this one: name to `json /pointer`, "
               "`header \"X\"`, `cookie \"X\"`, `regex \"re\"` or `regex \"re\" in header "
               "\"X\"`. Without the value the step did not succeed, unless `default \"text\"` or "
               "`optional` stands behind it.",
       .example = "{ payment = \"json /id\" }"},
      {.name = "retry",
       .type = ValueType::kTable,
       .help = "Retry policy; without it nothing is tried again.",
       .table = &retry_spec(),
       .example = "{ on = [\"timeout\", \"5xx\"], attempts = 3, backoff = \"100ms\" }"},
      {.name = "effect",
       .type = ValueType::kTemplate,
       .help = "Each operation of this step asks for exactly one effect under this key; the "
               "oracles count how many it had.",
       .example = "\"{{key}}\""},
      {.name = "history",
       .type = ValueType::kTable,
       .help = "What the step does to the target's state: its attempts become operations of the "
               "run's history.",
       .table = &step_history_spec(),
       .example = "{ op = \"write\", key = \"{{items.id}}\", value = \"{{seq}}\" }"},
      {.name = "timeout",
       .type = ValueType::kDuration,
       .help = "Of an attempt; the target's unless given.",
       .example = "\"2s\""},
      {.name = "think",
       .type = ValueType::kDistribution,
       .help = "Between the step before and this one, drawn anew each time; none before the first "
               "step of an iteration.",
       .default_value = "0s",
       .example = "{ mean = \"2s\", distribution = \"exponential\" }"},
      {.name = "target",
       .type = ValueType::kString,
       .help = "Name of its target; the scenario's unless given.",
       .example = "\"shop\""},
      {.name = "caller",
       .type = ValueType::kString,
       .help = "Name of its caller, whoever's turn it is in the scenario.",
       .example = "\"alice\""},
      {.name = "when",
       .type = ValueType::kString,
       .help = "The step is done only when this condition on extracted values and the step "
               "before holds.",
       .example = "\"last.status == 404\""},
      {.name = "on_failure",
       .type = ValueType::kString,
       .help = "What becomes of the iteration when the step does not succeed.",
       .default_value = "stop",
       .choices = {"stop", "continue"}},
  };
}

}  // namespace

const expr::TableSpec& retry_spec() {
  static const expr::TableSpec spec{
      .name = "scenario.step.retry",
      .help =
          "What the client does about a failed attempt. A retry is part of the same operation "
          "and carries the same key.",
      .keys = {
          {.name = "on",
           .type = ValueType::kStringList,
           .help = "What is tried again: `unexpected`, `4xx`, `5xx`, `timeout`, `reset`, `closed`, "
                   "`malformed`, `oversized`, `refused`, `cut` (squall's own cuts).",
           .required = true,
           .example = "[\"timeout\", \"reset\", \"cut\", \"5xx\"]"},
          {.name = "attempts",
           .type = ValueType::kInteger,
           .help = "In all, the first one included.",
           .default_value = "3"},
          {.name = "backoff",
           .type = ValueType::kDuration,
           .help = "Before the second attempt; it doubles each time.",
           .default_value = "100ms"},
          {.name = "max_backoff",
           .type = ValueType::kDuration,
           .help = "Where doubling ends.",
           .default_value = "10s"},
          {.name = "jitter",
           .type = ValueType::kString,
           .help =
               "`full`: the wait is drawn between zero and the backoff; `none`: it is the backoff.",
           .default_value = "full",
           .choices = {"none", "full"}},
          {.name = "budget",
           .type = ValueType::kShare,
           .help = "Retries are at most this share of first attempts, apart from a burst of 10.",
           .default_value = "100%"},
      }};
  return spec;
}

const expr::TableSpec& step_spec() {
  static const expr::TableSpec spec = [] {
    expr::TableSpec result{
        .name = "scenario.step",
        .help = "One request of a scenario. Its operations have idempotency keys, `{{key}}`.",
        .keys = {{.name = "name",
                  .type = ValueType::kString,
                  .help = "Second half of its full name, `buy.charge`.",
                  .required = true,
                  .example = "\"charge\""}}};
    const std::vector<expr::KeySpec> request = request_keys();
    result.keys.insert(result.keys.end(), request.begin(), request.end());
    const std::vector<expr::KeySpec> others = flow_step_keys();
    result.keys.insert(result.keys.end(), others.begin(), others.end());
    return result;
  }();
  return spec;
}

std::uint16_t read_step(const expr::Value& table, expr::TableReader& reader,
                        const StepParent& parent, Build& build) {
  const std::size_t problems = build.diagnostics.error_count();
  model::Scenario& scenario = parent.scenario;
  model::Step step;
  step.index = static_cast<std::uint16_t>(build.plan.steps.size());
  step.scenario = scenario.index;
  step.name = reader.string("name");
  if (reader.has("name")) {
    parent.step_names.add(step.name, reader.where("name"));
  }
  step.full_name = scenario.name + "." + step.name;
  step.target = read_target_name(reader, build, parent.target);
  const model::Target* target =
      step.target < build.plan.targets.size() ? &build.plan.targets[step.target] : nullptr;

  // Only what earlier steps extracted exists when this one is sent.
  const expr::TemplateNames names{.extracted = parent.names, .feeders = &build.plan.feeders};
  step.request = read_request(table, reader, names);
  step.timeout = reader.has("timeout") ? reader.duration("timeout")
                 : target != nullptr   ? target->timeout
                                       : Duration{};
  if (reader.has("timeout") && step.timeout <= Duration::zero()) {
    reader.error("timeout", "\"timeout\" must be above zero, for example \"2s\"");
  }
  step.think = reader.distribution("think");
  step.goes_on = reader.string("on_failure") == "continue";
  step.max_visits = std::max<std::uint32_t>(parent.visits, 1);
  if (parent.visits > 1) {
    step.visit_slot = scenario.repeated_steps++;
  }
  if (reader.has("caller")) {
    step.caller = find_caller({reader.string("caller"), reader.where("caller")}, build);
  }
  read_expectations(reader, names, build, step);
  for (const expr::Value* retry : reader.tables("retry")) {
    step.retry = read_retry(*retry, build);
  }
  if (reader.has("effect")) {
    step.is_effect = true;
    step.effect_key = reader.text("effect", names);
    // What could not be read is missing from the request.
    if (build.diagnostics.error_count() == problems) {
      check_effect(reader, target, step);
    }
  }
  for (const expr::Value* history : reader.tables("history")) {
    step.history = read_step_history(*history, names, build);
  }
  read_extractions(table, reader, scenario, step, build);

  build.effect_places.push_back(reader.where("effect"));
  scenario.steps.push_back(step.index);
  build.plan.steps.push_back(std::move(step));
  return scenario.steps.back();
}

}  // namespace squall::plan
