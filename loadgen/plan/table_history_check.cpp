// [[history]]: reading, against the steps that have a `history`.
#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/plan/history_reader.hpp"
#include "loadgen/plan/key_tables.hpp"
#include "loadgen/plan/lookup.hpp"
#include "loadgen/plan/tables.hpp"

namespace squall::plan {
namespace {

using model::HistoryCheckKind;
using model::HistoryCheckPlan;
using model::HistoryOp;
using model::StepHistory;

constexpr std::size_t kMaxHistoryChecks = 64;

// Keys that only some checks have.
void refuse_foreign_keys(expr::TableReader& reader, HistoryCheckKind check) {
  const auto only = [&](std::string_view key, std::initializer_list<HistoryCheckKind> of) {
    if (reader.has(key) && std::find(of.begin(), of.end(), check) == of.end()) {
      std::vector<std::string_view> names;
      for (const HistoryCheckKind one : of) {
        names.push_back(to_string(one));
      }
      reader.error(key, fmt::format("\"{}\" is of check = {}, and this one is \"{}\"", key,
                                    join_or(names), to_string(check)));
    }
  };
  only("initial", {HistoryCheckKind::kRegister, HistoryCheckKind::kCounter});
  only("total", {HistoryCheckKind::kBank});
  only("negative", {HistoryCheckKind::kBank});
  only("linearizable", {HistoryCheckKind::kSet});
  only("time_limit", {HistoryCheckKind::kRegister});
}

void read_initial(expr::TableReader& reader, HistoryCheckPlan& check) {
  if (!reader.has("initial")) {
    return;
  }
  const expr::Template json = reader.json("initial", {});
  const auto value = model::history_value_from_json(json.is_literal() ? json.literal() : "[]");
  if (value && std::holds_alternative<std::int64_t>(*value)) {
    check.initial = std::get<std::int64_t>(*value);
  } else if (value && std::holds_alternative<std::string>(*value) &&
             check.check == HistoryCheckKind::kRegister) {
    check.initial = std::get<std::string>(*value);
  } else {
    reader.error("initial", check.check == HistoryCheckKind::kCounter
                                ? "a counter begins with a whole number, for example 0"
                                : "a register begins with a number or a text, for example 0");
  }
}

void add_step(const model::Step& step, const expr::LocatedText& name, bool alone,
              HistoryCheckPlan& check, Build& build) {
  if (step.history == nullptr) {
    if (alone) {
      build.diagnostics.error(
          name.where, fmt::format("{} has no history: say in the step what it does, for example "
                                  "history = {{ op = \"write\", value = \"{{{{seq}}}}\" }}",
                                  step.full_name));
    }
    return;
  }
  if (!judges(check.check, step.history->op)) {
    if (alone) {
      build.diagnostics.error(
          name.where,
          fmt::format("{} does \"{}\", which says nothing to a check of \"{}\"", step.full_name,
                      to_string(step.history->op), to_string(check.check)));
    }
    return;
  }
  if (std::find(check.steps.begin(), check.steps.end(), step.index) == check.steps.end()) {
    check.steps.push_back(step.index);
  }
}

void read_steps(expr::TableReader& reader, HistoryCheckPlan& check, Build& build) {
  const model::Plan& plan = build.plan;
  if (!reader.has("steps")) {
    for (const model::Step& step : plan.steps) {
      add_step(step, {}, false, check, build);
    }
    return;
  }
  for (const expr::LocatedText& name : reader.string_list("steps")) {
    const std::vector<std::uint16_t> found = steps_named(plan, name.text);
    if (found.empty()) {
      build.diagnostics.error(name.where, unknown_name("step", name.text, step_names(plan)));
    }
    for (const std::uint16_t step : found) {
      add_step(plan.steps[step], name, plan.steps[step].full_name == name.text, check, build);
    }
  }
}

void check_steps(expr::TableReader& reader, const HistoryCheckPlan& check, const Build& build) {
  std::vector<const StepHistory*> steps;
  for (const std::uint16_t step : check.steps) {
    steps.push_back(build.plan.steps[step].history.get());
  }
  const std::string missing = missing_for(check.check, steps);
  if (!missing.empty()) {
    reader.error(reader.has("steps") ? "steps" : "check", missing);
  }
}

// Its one iteration changes what the check begins with.
void check_preflight(expr::TableReader& reader, const HistoryCheckPlan& check, const Build& build) {
  const bool begins = check.check == HistoryCheckKind::kCounter || check.initial.has_value();
  if (begins && build.plan.preflight) {
    reader.error(check.initial ? "initial" : "check",
                 "the preflight does each step once before the load, so this is not what the load "
                 "begins with: set preflight = false at the top of the plan");
  }
}

HistoryCheckPlan read_check(const expr::Value& table, Build& build) {
  const std::size_t problems = build.diagnostics.error_count();
  expr::TableReader reader(table, history_spec(), build.scope, build.diagnostics);
  HistoryCheckPlan check;
  check.where = reader.where();
  const expr::Value* word = table.find("check");
  const auto kind = word == nullptr || word->as_string() == nullptr
                        ? std::nullopt
                        : model::history_check_kind_from(*word->as_string());
  if (!kind) {
    return check;  // reported by the reader
  }
  check.check = *kind;
  check.name = reader.has("name") ? reader.string("name") : std::string(to_string(*kind));
  check.repeats = reader.string("repeats") == "again" ? model::HistoryRepeats::kAgain
                                                      : model::HistoryRepeats::kOnce;
  refuse_foreign_keys(reader, check.check);
  if (build.diagnostics.error_count() == problems) {
    read_initial(reader, check);
  }
  if (reader.has("total")) {
    constexpr std::int64_t kMost = std::int64_t{1} << 62;
    check.total = reader.integer("total", -kMost, kMost);
  }
  check.negative = reader.boolean("negative");
  check.linearizable = reader.boolean("linearizable");
  check.time_limit = reader.duration("time_limit");
  if (check.time_limit <= Duration::zero()) {
    reader.error("time_limit", "a search needs some time, for example \"10s\"");
  }
  read_steps(reader, check, build);
  if (build.diagnostics.error_count() == problems && !build.diagnostics.has_errors()) {
    check_steps(reader, check, build);
    check_preflight(reader, check, build);
  }
  return check;
}

}  // namespace

bool judges(HistoryCheckKind check, HistoryOp op) {
  switch (check) {
    case HistoryCheckKind::kSet:
    case HistoryCheckKind::kCounter:
      return op == HistoryOp::kAdd || op == HistoryOp::kRead;
    case HistoryCheckKind::kRegister:
    case HistoryCheckKind::kSession:
      return op == HistoryOp::kWrite || op == HistoryOp::kCas || op == HistoryOp::kRead;
    case HistoryCheckKind::kBank:
      return op == HistoryOp::kTransfer || op == HistoryOp::kRead;
    case HistoryCheckKind::kLostUpdate:
      return op == HistoryOp::kAppend || op == HistoryOp::kWrite || op == HistoryOp::kRead;
  }
  return false;
}

std::string missing_for(HistoryCheckKind check, const std::vector<const StepHistory*>& steps) {
  const auto any = [&](auto holds) {
    return std::any_of(steps.begin(), steps.end(),
                       [&](const StepHistory* one) { return holds(*one); });
  };
  const bool reads = any([](const StepHistory& one) { return one.op == HistoryOp::kRead; });
  const bool changes = any([](const StepHistory& one) { return one.op != HistoryOp::kRead; });
  if (check == HistoryCheckKind::kSession) {
    for (const StepHistory* one : steps) {
      if (!one->version) {
        return "a session is judged by version numbers: each of its steps needs \"version\" in its "
               "history, for example version = \"json /version\"";
      }
    }
    return reads || changes ? "" : "no step has a history that a session could be judged by";
  }
  if (!reads) {
    return fmt::format("nobody reads it back: a check of \"{}\" needs a step with op = \"read\"",
                       to_string(check));
  }
  if (check == HistoryCheckKind::kBank || changes) {
    return {};
  }
  const std::string_view op = check == HistoryCheckKind::kSet || check == HistoryCheckKind::kCounter
                                  ? "add"
                              : check == HistoryCheckKind::kLostUpdate ? "append"
                                                                       : "write";
  return fmt::format("nobody changes it: a check of \"{}\" needs a step with op = \"{}\"",
                     to_string(check), op);
}

void read_history(const std::vector<const expr::Value*>& tables, Build& build) {
  auto history = std::make_shared<model::HistoryPlan>();
  const std::size_t count =
      bounded(tables.size(), kMaxHistoryChecks, "[[history]] table", tables, build.diagnostics);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) {
    HistoryCheckPlan check = read_check(*tables[i], build);
    if (!check.name.empty() && std::find(names.begin(), names.end(), check.name) != names.end()) {
      build.diagnostics.error(tables[i]->where,
                              fmt::format("another [[history]] is called \"{}\", too: give one of "
                                          "them another name",
                                          printable(check.name)));
    }
    names.push_back(check.name);
    history->checks.push_back(std::move(check));
  }
  const auto& steps = build.plan.steps;
  const bool marked = std::any_of(steps.begin(), steps.end(),
                                  [](const model::Step& step) { return step.history != nullptr; });
  if (marked || count > 0) {
    build.plan.history = std::move(history);
  }
}

}  // namespace squall::plan
