// [[fault]]: the keys that every kind has.
#include "loadgen/plan/fault_window.hpp"
#include "loadgen/plan/key_tables.hpp"
#include "loadgen/plan/kinds.hpp"
#include "loadgen/plan/lookup.hpp"
#include "loadgen/plan/tables.hpp"

#include <algorithm>
#include <limits>

#include <fmt/core.h>

namespace squall::plan {
namespace {

using expr::ValueType;

constexpr std::int64_t kMaxCount = std::numeric_limits<std::int64_t>::max();

void read_steps(const expr::Value& table, expr::TableReader& reader, const model::Plan& plan,
                model::FaultSelection& selection) {
  std::vector<std::uint16_t>& steps = selection.steps;
  if (!reader.has("on")) {
    for (const model::Step& step : plan.steps) {
      steps.push_back(step.index);
    }
  }
  const std::vector<expr::LocatedText> names = reader.string_list("on");
  for (const expr::LocatedText& name : names) {
    const std::vector<std::uint16_t> found = steps_named(plan, name.text);
    if (found.empty()) {
      reader.diagnostics().error(name.where, unknown_name("step", name.text, step_names(plan)));
    }
    steps.insert(steps.end(), found.begin(), found.end());
  }
  if (const expr::Value* written = table.find("on");
      written != nullptr && written->as_array() != nullptr && written->as_array()->empty()) {
    reader.error("on", "names no step; leave the key out to mean all of them");
  }
  std::sort(steps.begin(), steps.end());
  steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
  for (const std::uint16_t step : steps) {
    selection.step_salts.push_back(hash_bytes(plan.steps[step].full_name));
  }
}

model::FaultSelection read_selection(const expr::Value& table, expr::TableReader& reader,
                                     const std::string& name, const Build& build) {
  model::FaultSelection selection;
  selection.stream = StreamId(build.plan.seed, "", "fault:" + name);
  read_steps(table, reader, build.plan, selection);
  selection.share = read_fault_share(reader);
  selection.window = read_fault_window(reader, build.plan.load);
  selection.attempts =
      reader.string("attempts") == "all" ? model::AttemptScope::kAll : model::AttemptScope::kFirst;
  if (reader.has("every_nth")) {
    selection.every_nth = static_cast<std::uint64_t>(reader.integer("every_nth", 1, kMaxCount));
  }
  if (reader.has("first_n")) {
    selection.first_n = static_cast<std::uint64_t>(reader.integer("first_n", 1, kMaxCount));
  }
  return selection;
}

// Without the key too, when its kind happens on proxies alone: then it is the key that is missing.
bool is_of_proxy(const expr::Value& table, const Build& build) {
  const std::string kind = peek_string(table, "kind", build.scope);
  return table.find("proxy") != nullptr || (build.registries.faults.find(kind) == nullptr &&
                                            build.registries.proxy_faults.find(kind) != nullptr);
}

}  // namespace

const expr::TableSpec& fault_spec() {
  static const expr::TableSpec spec{
      .name = "fault",
      .help =
          "Something that goes wrong on purpose, with squall's own requests, or, with `proxy`, on "
          "a proxy. On a request it is decided from the "
          "seed for each attempt, counted as planned and as fired; a planned fault that did not "
          "fire makes the run invalid.",
      .keys = {
          {.name = "name",
           .type = ValueType::kString,
           .help = "For reports and `--set`; it also names the fault's stream of chance.",
           .required = true,
           .example = "\"lost-ack\""},
          {.name = "kind",
           .type = ValueType::kString,
           .help = "What happens; each kind has keys of its own.",
           .required = true,
           .example = "\"drop\""},
          {.name = "on",
           .type = ValueType::kStringList,
           .help = "Steps it touches, `buy.charge`, or a whole scenario, `buy`; all steps unless "
                   "given.",
           .example = "[\"buy.charge\"]"},
          {.name = "share",
           .type = ValueType::kShare,
           .help = "Of the attempts that it could touch.",
           .default_value = "100%"},
          {.name = "window",
           .type = ValueType::kWindow,
           .help =
               "From and to after t = 0, by the operation's intended start; without it the whole "
               "run, warm-up included.",
           .example = "[\"5s\", \"25s\"]"},
          {.name = "attempts",
           .type = ValueType::kString,
           .help = "`first`: retries are spared; `all`: each attempt is decided anew.",
           .default_value = "first",
           .choices = {"first", "all"}},
          {.name = "every_nth",
           .type = ValueType::kInteger,
           .help = "Only arrivals n, 2n, 3n … of the scenario.",
           .example = "100"},
          {.name = "first_n",
           .type = ValueType::kInteger,
           .help = "Only the first n arrivals of the scenario.",
           .example = "10"},
      }};
  return spec;
}

void read_faults(const std::vector<const expr::Value*>& tables, Build& build) {
  NameSet names("fault", build.diagnostics);
  const std::size_t count = bounded(tables.size(), kMaxFaults, "fault", tables, build.diagnostics);
  for (std::size_t i = 0; i < count; ++i) {
    if (is_of_proxy(*tables[i], build)) {
      read_proxy_fault(*tables[i], names, build);
      continue;
    }
    const auto kind =
        resolve_kind(*tables[i], fault_spec(), "kind", build.registries.faults, build.scope);
    expr::TableReader reader(kind.table, kind.spec, build.scope, build.diagnostics);
    model::PlannedFault fault;
    fault.name = reader.string("name");
    if (reader.has("name")) {
      names.add(fault.name, reader.where("name"));
    }
    fault.kind = kind.kind;
    fault.where = reader.where();
    fault.selection = read_selection(*tables[i], reader, fault.name, build);
    if (kind.kind == nullptr) {
      build.faults_complete = false;
      continue;
    }
    fault.fault = kind.kind->compile(reader);
    build.fault_places.push_back({reader.where("kind"), reader.where("on")});
    build.plan.faults.push_back(std::move(fault));
  }
}

}  // namespace squall::plan
