// [[action]]: the keys that every kind has.
#include "loadgen/plan/key_tables.hpp"
#include "loadgen/plan/kinds.hpp"
#include "loadgen/plan/service_addresses.hpp"
#include "loadgen/plan/tables.hpp"

#include <algorithm>
#include <limits>

#include <fmt/core.h>

#include "loadgen/base/units.hpp"

namespace squall::plan {
namespace {

using expr::ValueType;

constexpr std::size_t kMaxOccurrences = 1000;

std::vector<std::string_view> service_names(const model::Plan& plan) {
  std::vector<std::string_view> names;
  for (const model::Service& service : plan.services) {
    if (service.replica == 1) {
      names.emplace_back(service.name);
    }
  }
  return names;
}

// The labels that `service` and `replica` choose.
std::vector<std::string> processes_of(expr::TableReader& reader, const model::ActionKind& kind,
                                      const model::Plan& plan) {
  const std::string name = reader.string("service");
  if (!kind.traits.needs_service) {
    if (reader.has("service")) {
      reader.error("service",
                   fmt::format("\"{}\" is done to no service: leave the key out", kind.name));
    }
    return {};
  }
  if (!reader.has("service")) {
    reader.diagnostics().error(
        reader.where(), fmt::format("\"{}\" needs the name of a service: `service`", kind.name));
    return {};
  }
  const std::int64_t wanted =
      reader.has("replica") ? reader.integer("replica", 1, kMaxReplicasOfService) : 0;
  std::vector<std::string> labels;
  unsigned replicas = 0;
  for (const model::Service& service : plan.services) {
    if (service.name == name) {
      replicas = service.replicas;
      if (wanted == 0 || service.replica == wanted) {
        labels.push_back(service.label());
      }
    }
  }
  if (replicas == 0) {
    reader.error("service", unknown_name("service", name, service_names(plan)));
  } else if (labels.empty()) {
    reader.error("replica", fmt::format("service \"{}\" has {} replica{}, counted from 1", name,
                                        replicas, replicas == 1 ? "" : "s"));
  }
  return labels;
}

// Every instant that `at`, `also_at` and `every` ask for, in order.
std::vector<Duration> instants_of(expr::TableReader& reader, Duration load) {
  std::vector<Duration> instants = {reader.duration("at")};
  for (const expr::LocatedText& text : reader.string_list("also_at")) {
    if (const auto also = parse_duration(text.text)) {
      instants.push_back(*also);
    } else {
      reader.diagnostics().error(text.where, also.error().message);
    }
  }
  for (const Duration at : instants) {
    if (load > Duration::zero() && at >= load) {
      reader.error("at", fmt::format("at {} the load of {} is over: this action would never happen",
                                     format_duration(at), format_duration(load)));
      return {};
    }
  }
  if (reader.has("every")) {
    const Duration step = reader.duration("every");
    if (step < std::chrono::milliseconds(100)) {
      reader.error("every", "at least \"100ms\"");
      return {};
    }
    for (Duration at = instants.front() + step; at < load && instants.size() <= kMaxOccurrences;
         at += step) {
      instants.push_back(at);
    }
  }
  if (instants.size() > kMaxOccurrences) {
    reader.error("every", fmt::format("an action happens at most {} times", kMaxOccurrences));
    return {};
  }
  std::sort(instants.begin(), instants.end());
  return instants;
}

// How long one occurrence is on, all replicas together; nothing when that is not known.
std::optional<Duration> span_of(const model::PlannedAction& action) {
  if (!action.lasts) {
    return std::nullopt;
  }
  const bool in_turn = action.order == model::ReplicaOrder::kOneAtATime;
  const auto turns =
      static_cast<std::int64_t>(in_turn ? std::max<std::size_t>(1, action.processes.size()) : 1);
  return (*action.lasts + action.between) * turns - action.between;
}

void check_span(expr::TableReader& reader, const model::PlannedAction& action,
                const std::vector<Duration>& instants, Duration load) {
  const std::optional<Duration> span = span_of(action);
  if (instants.size() > 1 && action.kind->traits.lasts && !span) {
    reader.error("at", "an action that is done again and again needs an end: `for`");
  }
  for (std::size_t i = 1; span && i < instants.size(); ++i) {
    if (instants[i] < instants[i - 1] + *span) {
      reader.error("for", fmt::format("at {} it begins again before it is undone",
                                      format_duration(instants[i])));
      return;
    }
  }
  if (span && !instants.empty() && load > Duration::zero() && instants.back() + *span > load) {
    reader.warning("for",
                   fmt::format("it would end at {}, after the load of {}: it is undone "
                               "when the load is over",
                               format_duration(instants.back() + *span), format_duration(load)));
  }
}

void read_duration_of(expr::TableReader& reader, model::PlannedAction& action) {
  const model::ActionTraits& traits = action.kind->traits;
  if (reader.has("for")) {
    action.lasts = reader.duration("for");
    if (*action.lasts <= Duration::zero()) {
      reader.error("for", "write how long, for example \"5s\"");
    }
    if (!traits.lasts && !action.undo) {
      reader.error("for", fmt::format("\"{}\" is over once it is done, so nothing ends after "
                                      "`for`: leave it out, or say with `undo` what is done then",
                                      action.kind->name));
    }
  }
  if (action.order == model::ReplicaOrder::kOneAtATime && traits.lasts && !action.lasts) {
    reader.error("order", "one at a time needs `for`: how long each replica's turn is");
  }
}

void read_undo(expr::TableReader& reader, model::PlannedAction& action) {
  if (!reader.has("undo")) {
    return;
  }
  model::HookCommand undo;
  for (const expr::LocatedText& word : reader.string_list("undo")) {
    undo.command.push_back(word.text);
  }
  if (undo.command.empty() || undo.command.front().empty()) {
    reader.error("undo", "a command needs a program, for example [\"redis-cli\", \"flushall\"]");
    return;
  }
  undo.timeout = reader.duration("undo_timeout");
  if (undo.timeout <= Duration::zero() || undo.timeout > std::chrono::seconds(60)) {
    reader.error("undo_timeout", "above zero and at most \"60s\"");
  }
  undo.log_name = "action-" + action.name;
  action.undo = std::move(undo);
}

// What has to be known when a service starts.
void mark_services(const model::PlannedAction& action, model::Plan& plan) {
  for (model::Service& service : plan.services) {
    const bool touched = std::find(action.processes.begin(), action.processes.end(),
                                   service.label()) != action.processes.end();
    service.moves_clock = service.moves_clock || (touched && action.kind->traits.moves_clock);
  }
}

void read_action(const expr::Value& table, NameSet& names, Build& build) {
  const auto kind =
      resolve_kind(table, action_spec(), "kind", build.registries.actions, build.scope);
  expr::TableReader reader(kind.table, kind.spec, build.scope, build.diagnostics);
  model::PlannedAction action;
  action.name = reader.string("name");
  if (reader.has("name")) {
    names.add(action.name, reader.where("name"));
  }
  if (kind.kind == nullptr) {
    return;
  }
  action.kind = kind.kind;
  action.where = reader.where();
  action.recipe = kind.kind->compile(reader);
  action.service = reader.string("service");
  action.processes = processes_of(reader, *kind.kind, build.plan);
  if (reader.string("order") == "one_at_a_time") {
    action.order = model::ReplicaOrder::kOneAtATime;
    if (reader.has("replica")) {
      reader.error("order", "`replica` chooses one, and one has no order: leave either out");
    }
  }
  mark_services(action, build.plan);
  action.between = reader.duration("between");
  read_undo(reader, action);
  read_duration_of(reader, action);
  const Duration load = build.plan.load.duration;
  const std::vector<Duration> instants = instants_of(reader, load);
  check_span(reader, action, instants, load);
  for (const Duration at : instants) {
    action.at = at;
    build.plan.actions.push_back(action);
    ++action.occurrence;
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-function-size): a table
const expr::TableSpec& action_spec() {
  static const expr::TableSpec spec{
      .name = "action",
      .help =
          "Something that is done to a service that squall started, at an instant of the run. "
          "Whatever an action changes is put back: after `for`, when the load is over, when the "
          "run is aborted or stopped, and by squall's guardian when squall itself is killed. "
          "Each is in the record with when it was to happen and when it did. One that "
          "could not be done makes the run invalid. A service that an action takes down does "
          "not end the run.",
      .keys = {
          {.name = "name",
           .type = ValueType::kString,
           .help = "For reports and `--set`.",
           .required = true,
           .example = "\"rolling-deploy\""},
          {.name = "kind",
           .type = ValueType::kString,
           .help = "What is done; each kind has keys of its own.",
           .required = true,
           .example = "\"restart\""},
          {.name = "service",
           .type = ValueType::kString,
           .help = "To which service; all its replicas unless `replica` chooses one.",
           .example = "\"shop\""},
          {.name = "replica",
           .type = ValueType::kInteger,
           .help = "To this one of its replicas, counted from 1.",
           .example = "2"},
          {.name = "order",
           .type = ValueType::kString,
           .help = "`together`, or `one_at_a_time`: the next replica's turn comes when the one "
                   "before is done, ready again after a restart, or undone after `for`.",
           .default_value = "together",
           .choices = {"together", "one_at_a_time"}},
          {.name = "between",
           .type = ValueType::kDuration,
           .help = "From one replica's turn to the next.",
           .default_value = "0s"},
          {.name = "at",
           .type = ValueType::kDuration,
           .help = "When, after t = 0.",
           .required = true,
           .example = "\"10s\""},
          {.name = "also_at",
           .type = ValueType::kStringList,
           .help = "More instants.",
           .example = "[\"20s\", \"45s\"]"},
          {.name = "every",
           .type = ValueType::kDuration,
           .help = "Again and again from `at` until the load is over.",
           .example = "\"15s\""},
          {.name = "for",
           .type = ValueType::kDuration,
           .help = "After which it is undone. Two actions of one kind on one process follow each "
                   "other: at the same time, neither could be undone alone.",
           .example = "\"5s\""},
          {.name = "undo",
           .type = ValueType::kStringList,
           .help =
               "A command that puts back what squall cannot know of; it runs after `for`, else "
               "when the load is over, and in any case. One that does not exit with 0 makes the "
               "run invalid. Its output is in `services/action-NAME.log`.",
           .example = "[\"redis-cli\", \"-p\", \"{{port.cache}}\", \"client\", \"unpause\"]"},
          {.name = "undo_timeout",
           .type = ValueType::kDuration,
           .help = "After which that command is killed, and has failed.",
           .default_value = "10s"},
      }};
  return spec;
}

void read_actions(const std::vector<const expr::Value*>& tables, Build& build) {
  NameSet names("action", build.diagnostics);
  const std::size_t count =
      bounded(tables.size(), kMaxActions, "action", tables, build.diagnostics);
  for (std::size_t i = 0; i < count; ++i) {
    read_action(*tables[i], names, build);
  }
  std::stable_sort(build.plan.actions.begin(), build.plan.actions.end(),
                   [](const auto& a, const auto& b) { return a.at < b.at; });
}

}  // namespace squall::plan
