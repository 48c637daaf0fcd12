// The steps of a scenario and their groups, compiled into its program.
#include <algorithm>
#include <limits>
#include <optional>

#include <fmt/core.h>

#include "loadgen/plan/flow_reader.hpp"
#include "loadgen/plan/key_tables.hpp"

namespace squall::plan {
namespace {

using expr::ValueType;
using Kind = model::FlowInstruction::Kind;

constexpr std::uint32_t kMaxPasses = 100'000;
// Of one iteration: what asks for more is a load, and belongs to the arrivals.
constexpr std::uint64_t kMaxOperations = 100'000;

expr::LocatedText located(expr::TableReader& reader, std::string_view key) {
  return {reader.string(key), reader.where(key)};
}

}  // namespace

const expr::TableSpec& group_spec() {
  static const expr::TableSpec spec{
      .name = "scenario.step",
      .help =
          "A group: a step with steps of its own, each under `[[scenario.step.step]]`. Groups "
          "may stand in groups. Without another key its steps follow one another, for example "
          "as one child of a parallel group.",
      .keys = {{.name = "step",
                .type = ValueType::kTableList,
                .help = "Its steps and groups.",
                .required = true,
                .table = &step_spec()},
               {.name = "parallel",
                .type = ValueType::kBoolean,
                .help = "All its children start together, as the calls of a page do; the group "
                        "ends with its last one.",
                .default_value = "false"},
               {.name = "at_once",
                .type = ValueType::kInteger,
                .help = "How many children of a parallel group may be under way; all unless given. "
                        "The next one takes the place of one that has ended.",
                .example = "6"},
               {.name = "repeat",
                .type = ValueType::kCountRange,
                .help = "How often the group is done: a count, or a range that each arrival draws "
                        "from.",
                .example = "\"1..5\""},
               {.name = "while",
                .type = ValueType::kString,
                .help = "The group is done again as long as this condition holds before it.",
                .example = "\"status != \\\"done\\\"\""},
               {.name = "at_most",
                .type = ValueType::kInteger,
                .help = "The most passes of `while`, which needs it.",
                .example = "20"},
               {.name = "think",
                .type = ValueType::kDistribution,
                .help = "A pause before the group, and before each further pass of `repeat` and "
                        "`while`: what begins in it waits that long, on top of its own `think`. "
                        "The children of a parallel group wait together.",
                .example = "\"2s\""},
               {.name = "when",
                .type = ValueType::kString,
                .help = "The group is done only when this condition holds.",
                .example = "\"next exists\""}}};
  return spec;
}

FlowReader::FlowReader(model::Scenario& scenario, std::uint16_t target, Build& build)
    : scenario_(scenario), target_(target), build_(build), step_names_("step", build.diagnostics) {}

void FlowReader::read(const std::vector<const expr::Value*>& steps) {
  sequence(steps, {});
  emit({});
  if (operations_ > kMaxOperations) {
    build_.diagnostics.error(
        steps.front()->where,
        fmt::format("an iteration of this scenario may have {} operations, at most {} are allowed; "
                    "lower `repeat` and `at_most`",
                    operations_, kMaxOperations));
  }
}

std::uint16_t FlowReader::here() const {
  return static_cast<std::uint16_t>(scenario_.program.code.size());
}

std::uint16_t FlowReader::emit(model::FlowInstruction instruction) {
  scenario_.program.code.push_back(instruction);
  return static_cast<std::uint16_t>(scenario_.program.code.size() - 1);
}

void FlowReader::sequence(const std::vector<const expr::Value*>& tables, const Place& place) {
  for (const expr::Value* table : tables) {
    one(*table, place);
  }
}

void FlowReader::one(const expr::Value& table, const Place& place) {
  if (table.find("step") != nullptr) {
    group(table, place);
  } else {
    step(table, place);
  }
}

std::vector<std::string> FlowReader::visible(const Place& place) const {
  std::vector<std::string> names = scenario_.extracted;
  for (std::string& name : names) {
    if (std::find(place.hidden.begin(), place.hidden.end(), name) != place.hidden.end()) {
      name.clear();
    }
  }
  return names;
}

std::optional<std::uint16_t> FlowReader::condition(const expr::LocatedText& text,
                                                   const Place& place) {
  auto parsed = expr::FlowCondition::parse(text.text, visible(place));
  if (!parsed) {
    const auto& at = parsed.error().where;
    build_.diagnostics.error(build_.text.inside(text, at ? at->column : 1), parsed.error().message);
    return std::nullopt;
  }
  auto& all = scenario_.program.conditions;
  all.push_back(std::move(*parsed));
  return static_cast<std::uint16_t>(all.size() - 1);
}

std::optional<std::uint16_t> FlowReader::begin_when(expr::TableReader& reader, const Place& place) {
  if (!reader.has("when")) {
    return std::nullopt;
  }
  const auto index = condition(located(reader, "when"), place);
  return emit({.kind = Kind::kUnless, .index = index.value_or(0)});
}

void FlowReader::step(const expr::Value& table, const Place& place) {
  if (build_.plan.steps.size() >= kMaxSteps) {
    if (!full_) {
      build_.diagnostics.error(table.where, fmt::format("a plan has at most {} steps", kMaxSteps));
    }
    full_ = true;
    return;
  }
  expr::TableReader reader(table, step_spec(), build_.scope, build_.diagnostics);
  const auto unless = begin_when(reader, place);
  const std::vector<std::string> names = visible(place);
  const auto visits = static_cast<std::uint32_t>(place.visits);
  const std::uint16_t index =
      read_step(table, reader, {scenario_, step_names_, target_, visits, names}, build_);
  emit({.kind = Kind::kStep, .index = index});
  operations_ += place.visits;
  if (unless) {
    scenario_.program.code[*unless].target = here();
  }
}

std::optional<FlowReader::Loop> FlowReader::read_loop(expr::TableReader& reader) {
  const bool repeats = reader.has("repeat");
  const bool waits = reader.has("while");
  if (repeats && waits) {
    reader.error("while", "a group has `repeat` or `while`, not both: put one inside the other");
    return std::nullopt;
  }
  if (waits != reader.has("at_most")) {
    reader.error(waits ? "while" : "at_most",
                 waits ? "`while` needs `at_most`: a target that never changes must not keep an "
                         "iteration for ever"
                       : "`at_most` belongs to `while`; the passes of `repeat` are its count");
  }
  if (repeats) {
    const expr::CountRange passes = reader.count_range("repeat", 0, kMaxPasses);
    return Loop{passes.low, passes.high};
  }
  if (!waits) {
    return std::nullopt;
  }
  const auto most = static_cast<std::uint32_t>(reader.integer("at_most", 1, kMaxPasses));
  return Loop{most, most};
}

void FlowReader::emit_pause(expr::TableReader& reader) {
  if (!reader.has("think")) {
    return;
  }
  auto& all = scenario_.program.pauses;
  emit({.kind = Kind::kPause, .index = static_cast<std::uint16_t>(all.size())});
  all.push_back(reader.distribution("think"));
}

void FlowReader::group(const expr::Value& table, const Place& place) {
  expr::TableReader reader(table, group_spec(), build_.scope, build_.diagnostics);
  if (place.depth >= model::kMaxFlowDepth) {
    build_.diagnostics.error(table.where, fmt::format("groups stand at most {} deep in one another",
                                                      model::kMaxFlowDepth));
    return;
  }
  // What the instructions around the steps come to: a hostile plan of empty groups is bounded too.
  if (++groups_ > kMaxSteps) {
    if (groups_ == kMaxSteps + 1) {
      build_.diagnostics.error(table.where,
                               fmt::format("a scenario has at most {} groups", kMaxSteps));
    }
    return;
  }
  const std::vector<const expr::Value*> steps = reader.tables("step");
  if (steps.empty()) {
    reader.error("step", "a group needs at least one [[scenario.step.step]]");
  }
  Place inside = place;
  ++inside.depth;
  const auto unless = begin_when(reader, place);
  const auto loop = read_loop(reader);
  std::uint16_t begin = 0;
  if (loop) {
    const std::uint64_t visits = inside.visits * std::max<std::uint64_t>(loop->high, 1);
    inside.visits = std::min<std::uint64_t>(visits, std::numeric_limits<std::uint32_t>::max());
    begin = emit({.kind = Kind::kLoop, .low = loop->low, .high = loop->high});
  }
  const bool waits = loop && reader.has("while");
  if (waits) {
    emit({.kind = Kind::kWhile});
  }
  emit_pause(reader);
  if (reader.boolean("parallel")) {
    parallel(reader, steps, inside);
  } else {
    if (reader.has("at_once")) {
      reader.error("at_once", "`at_once` belongs to a group with `parallel = true`");
    }
    sequence(steps, inside);
  }
  if (loop) {
    emit({.kind = Kind::kAgain, .target = static_cast<std::uint16_t>(begin + 1)});
    scenario_.program.code[begin].target = here();
  }
  if (waits) {
    // Read last: it may look at what the group itself extracts.
    model::FlowInstruction& check = scenario_.program.code[begin + 1U];
    check.target = scenario_.program.code[begin].target;
    check.index = condition(located(reader, "while"), place).value_or(0);
  }
  if (unless) {
    scenario_.program.code[*unless].target = here();
  }
}

void FlowReader::parallel(expr::TableReader& reader, const std::vector<const expr::Value*>& steps,
                          const Place& place) {
  const auto count = static_cast<std::uint32_t>(steps.size());
  const std::uint32_t at_once =
      reader.has("at_once")
          ? static_cast<std::uint32_t>(reader.integer("at_once", 1, std::int64_t{kMaxSteps}))
          : count;
  const std::uint16_t fork = emit({.kind = Kind::kParallel, .low = count, .high = at_once});
  // A child does not know what its siblings extract: they are under way at the same time.
  const std::vector<std::string> before = scenario_.extracted;
  std::vector<std::uint16_t> children;
  for (const expr::Value* table : steps) {
    Place child = place;
    child.hidden.clear();
    for (const std::string& name : scenario_.extracted) {
      const bool known = std::find(before.begin(), before.end(), name) != before.end();
      if (!known ||
          std::find(place.hidden.begin(), place.hidden.end(), name) != place.hidden.end()) {
        child.hidden.push_back(name);
      }
    }
    children.push_back(here());
    one(*table, child);
    emit({});
  }
  model::FlowProgram& program = scenario_.program;
  program.code[fork].index = static_cast<std::uint16_t>(program.children.size());
  program.code[fork].target = here();
  program.children.insert(program.children.end(), children.begin(), children.end());
}

}  // namespace squall::plan
