#include "reports/compare/comparable.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"

namespace squall::reports {
namespace {

using model::RunRecord;

std::string quoted(std::string_view outside_text) {
  return "\"" + printable(outside_text) + "\"";
}

template <class Named>
const Named* named(const std::vector<Named>& all, const std::string& name) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Named& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

// One sentence for each that only one side has, and for each that both have differently.
template <class Named, class Text>
void compare_lists(std::string_view what, const std::vector<Named>& base,
                   const std::vector<Named>& candidate, Text text,
                   std::vector<std::string>& problems) {
  for (const Named& one : base) {
    const Named* other = named(candidate, one.name);
    if (other == nullptr) {
      problems.push_back(fmt::format("{} {} is in the base alone", what, quoted(one.name)));
    } else if (text(one) != text(*other)) {
      problems.push_back(fmt::format("{} {} was {} and is now {}", what, quoted(one.name),
                                     quoted(text(one)), quoted(text(*other))));
    }
  }
  for (const Named& one : candidate) {
    if (named(base, one.name) == nullptr) {
      problems.push_back(fmt::format("{} {} is in the candidate alone", what, quoted(one.name)));
    }
  }
}

bool has_common_step(const RunRecord& base, const RunRecord& candidate) {
  return std::any_of(base.steps.begin(), base.steps.end(), [&](const model::RecordedStep& step) {
    return named(candidate.steps, step.name) != nullptr;
  });
}

void check_kind(const RunRecord& record, std::string_view side,
                std::vector<std::string>& problems) {
  if (!record.capacity.stages.empty()) {
    problems.push_back(
        fmt::format("the {} is a search for a capacity: it has no one load to compare at", side));
  }
  if (record.idempotency != nullptr) {
    problems.push_back(fmt::format("the {} is a verification of idempotency, without load", side));
  }
}

void compare_steps(const RunRecord& base, const RunRecord& candidate,
                   std::vector<std::string>& problems) {
  if (!has_common_step(base, candidate)) {
    problems.emplace_back("they have no step in common");
    return;
  }
  for (const model::RecordedStep& step : base.steps) {
    const model::RecordedStep* other = named(candidate.steps, step.name);
    if (other != nullptr && other->request != step.request) {
      problems.push_back(fmt::format("step {} was {} and is now {}", quoted(step.name),
                                     quoted(step.request), quoted(other->request)));
    }
  }
}

}  // namespace

std::vector<std::string> why_not_comparable(const RunRecord& base, const RunRecord& candidate) {
  std::vector<std::string> problems;
  check_kind(base, "base", problems);
  check_kind(candidate, "candidate", problems);
  if (!(base.shard == candidate.shard)) {
    problems.push_back(fmt::format("they are other parts of a load: shard {}/{} and shard {}/{}",
                                   base.shard.index, base.shard.count, candidate.shard.index,
                                   candidate.shard.count));
  }
  if (base.plan_name != candidate.plan_name) {
    problems.push_back(
        fmt::format("other plans: {} and {}", quoted(base.plan_name), quoted(candidate.plan_name)));
  }
  compare_steps(base, candidate, problems);
  // Records of older versions do not know their scenarios.
  if (!base.scenarios.empty() && !candidate.scenarios.empty()) {
    compare_lists(
        "the load of scenario", base.scenarios, candidate.scenarios,
        [](const model::RecordedScenario& scenario) { return scenario.load; }, problems);
  }
  const auto summary = [](const auto& fault) { return fault.kind + ": " + fault.summary; };
  compare_lists("fault", base.faults, candidate.faults, summary, problems);
  compare_lists("fault", base.proxy_faults, candidate.proxy_faults, summary, problems);
  return problems;
}

std::vector<std::string> other_differences(const RunRecord& base, const RunRecord& candidate) {
  std::vector<std::string> notes;
  const auto differ = [&](std::string_view what, const std::string& a, const std::string& b) {
    if (a != b) {
      notes.push_back(fmt::format("{}: {} and {}", what, printable(a), printable(b)));
    }
  };
  differ("duration", format_duration(base.planned_duration),
         format_duration(candidate.planned_duration));
  differ("warm-up", format_duration(base.warmup), format_duration(candidate.warmup));
  differ("connections", std::to_string(base.connections), std::to_string(candidate.connections));
  differ("threads", std::to_string(base.threads), std::to_string(candidate.threads));
  differ("engine", base.engine, candidate.engine);
  differ("pace", base.pace, candidate.pace);
  differ("host", base.host, candidate.host);
  differ("squall", base.squall_version, candidate.squall_version);
  for (const model::RecordedStep& step : base.steps) {
    if (named(candidate.steps, step.name) == nullptr) {
      notes.push_back(fmt::format("step {} is in the base alone", quoted(step.name)));
    }
  }
  for (const model::RecordedStep& step : candidate.steps) {
    if (named(base.steps, step.name) == nullptr) {
      notes.push_back(fmt::format("step {} is in the candidate alone", quoted(step.name)));
    }
  }
  return notes;
}

}  // namespace squall::reports
