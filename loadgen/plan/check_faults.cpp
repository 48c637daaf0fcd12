#include "loadgen/plan/cross_checks.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <numeric>
#include <optional>

#include <fmt/core.h>

#include "loadgen/model/engine_abilities.hpp"
#include "loadgen/plan/request.hpp"

namespace squall::plan {
namespace {

using model::FaultSelection;
using model::PlannedFault;

// Draws tried for each composition: a contradiction that only some draws bring about shows in one
// of these.
constexpr std::uint64_t kDraws = 16;

bool shows_time(const model::Plan& plan, const model::Step& step) {
  if (reads_clock(step.request)) {
    return true;
  }
  if (step.target >= plan.targets.size()) {
    return false;
  }
  const auto& headers = plan.targets[step.target].headers;
  return std::any_of(headers.begin(), headers.end(),
                     [](const model::Header& header) { return header.second.reads_clock(); });
}

void check_clock(const PlannedFault& fault, const FaultPlaces& places, Build& build) {
  std::string without;
  for (const std::uint16_t index : fault.selection.steps) {
    const model::Step& step = build.plan.steps[index];
    if (!shows_time(build.plan, step)) {
      without += (without.empty() ? "" : ", ") + step.full_name;
    }
  }
  if (!without.empty()) {
    build.diagnostics.error(
        places.kind,
        fmt::format("fault \"{}\" moves the clock of requests, but {} shows no time: use "
                    "{{{{now}}}} in the request (for example Date = \"{{{{now | http}}}}\") or "
                    "name other steps in `on`",
                    fault.name, without));
  }
}

// In a plan that counts no effects at all, copies are load, and nobody forgot anything.
void check_copies(const PlannedFault& fault, const FaultPlaces& places, Build& build) {
  if (build.plan.effects.oracles.empty() && !build.plan.counts_effects()) {
    return;
  }
  for (const std::uint16_t index : fault.selection.steps) {
    const model::Step& step = build.plan.steps[index];
    if (!step.is_effect) {
      build.diagnostics.warning(
          places.on,
          fmt::format("fault \"{}\" repeats {}, which has no `effect`: nobody counts what "
                      "the copies do",
                      fault.name, step.full_name));
    }
  }
}

// The most requests to the fault's targets that a worker can have under way at a time.
unsigned most_at_once(const PlannedFault& fault, const model::Plan& plan) {
  const auto shares = model::connection_shares(plan, plan.load.connections / plan.load.threads);
  unsigned most = std::numeric_limits<unsigned>::max();
  for (const std::uint16_t index : fault.selection.steps) {
    const std::uint16_t target = plan.steps[index].target;
    if (target < plan.targets.size()) {
      const model::CurlSettings& curl = plan.targets[target].curl;
      const unsigned streams = curl.http == model::HttpVersion::k2 ? curl.max_streams : 1;
      most = std::min(most, shares.of(plan.targets[target].engine) * streams);
    }
  }
  return most;
}

// Copies that leave together wait for each other, each on a connection (of HTTP/2: a stream) of its
// own, and a worker has its share of the connections only: with fewer they can never be there
// together.
void check_barrier(const PlannedFault& fault, const FaultPlaces& places, Build& build) {
  model::WireScript script;
  model::FaultDraw draw(fault.selection.stream, 0, 0);
  const bool waits = fault.fault->apply(script, {}, draw).has_value() &&
                     script.copies.spacing == model::CopySpacing::kTogether;
  const model::Load& load = build.plan.load;
  const unsigned connections = most_at_once(fault, build.plan);
  if (waits && script.copies.count > connections) {
    build.diagnostics.error(
        places.kind,
        fmt::format("fault \"{}\" lets {} copies leave together, each on a connection of its own, "
                    "but a worker has {} (load.connections = {}, threads = {}); raise connections "
                    "to {} or give the copies a spacing",
                    fault.name, script.copies.count, connections, load.connections, load.threads,
                    script.copies.count * load.threads));
  }
}

bool windows_meet(const FaultSelection& a, const FaultSelection& b) {
  return !a.window || !b.window || (a.window->from < b.window->to && b.window->from < a.window->to);
}

// Whether some arrival is among the first n of both and an nth of both.
bool arrivals_meet(const FaultSelection& a, const FaultSelection& b) {
  constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();
  const auto limit = [](std::uint64_t first_n) { return first_n == 0 ? kNever : first_n; };
  const std::uint64_t arrivals = std::min(limit(a.first_n), limit(b.first_n));
  const std::uint64_t nth_a = std::max<std::uint64_t>(a.every_nth, 1);
  const std::uint64_t nth_b = std::max<std::uint64_t>(b.every_nth, 1);
  const std::uint64_t step = nth_a / std::gcd(nth_a, nth_b);
  return step <= arrivals / nth_b;  // the least common multiple is among them
}

std::optional<std::uint16_t> common_step(const FaultSelection& a, const FaultSelection& b) {
  std::vector<std::uint16_t> common;
  std::set_intersection(a.steps.begin(), a.steps.end(), b.steps.begin(), b.steps.end(),
                        std::back_inserter(common));
  return common.empty() ? std::nullopt : std::optional(common.front());
}

// First attempts are in every fault's scope, so scope never keeps two faults apart. Neither does a
// share below 100%: sooner or later one attempt draws both.
std::optional<std::uint16_t> meeting_step(const FaultSelection& a, const FaultSelection& b) {
  if (!windows_meet(a, b) || !arrivals_meet(a, b)) {
    return std::nullopt;
  }
  return common_step(a, b);
}

// Why these faults, in plan order, cannot make one script; empty when they can.
std::string why_not_together(const std::vector<const PlannedFault*>& faults) {
  for (std::uint64_t arrival = 0; arrival < kDraws; ++arrival) {
    model::WireScript script;
    for (const PlannedFault* fault : faults) {
      const auto& window = fault->selection.window;
      const model::FaultContext context{window ? window->from : Duration{}, Duration{}};
      model::FaultDraw draw(fault->selection.stream, arrival, 0);
      if (const auto applied = fault->fault->apply(script, context, draw); !applied) {
        return applied.error().message;
      }
    }
  }
  return {};
}

void check_pair(std::size_t first, std::size_t second, Build& build) {
  const PlannedFault& a = build.plan.faults[first];
  const PlannedFault& b = build.plan.faults[second];
  const auto step = meeting_step(a.selection, b.selection);
  if (!step) {
    return;
  }
  const std::string why = why_not_together({&a, &b});
  if (!why.empty()) {
    build.diagnostics.error(
        b.where,
        fmt::format("faults \"{}\" (at {}) and \"{}\" contradict each other when both choose an "
                    "attempt of {}: {}; give them windows or steps of their own",
                    a.name, to_string(a.where), b.name, build.plan.steps[*step].full_name, why));
  }
}

// Faults that can all touch one attempt of `step` at the moment at which fault `latest` begins.
std::vector<const PlannedFault*> together_with(const PlannedFault& latest, std::uint16_t step,
                                               const model::Plan& plan) {
  const Duration at = latest.selection.window ? latest.selection.window->from : Duration{};
  std::vector<const PlannedFault*> together;
  for (const PlannedFault& fault : plan.faults) {
    const auto& steps = fault.selection.steps;
    if (fault.selection.in_window(at) && arrivals_meet(fault.selection, latest.selection) &&
        std::find(steps.begin(), steps.end(), step) != steps.end()) {
      together.push_back(&fault);
    }
  }
  return together;
}

void check_crowd(const PlannedFault& fault, Build& build) {
  for (const std::uint16_t step : fault.selection.steps) {
    const auto together = together_with(fault, step, build.plan);
    if (together.size() > model::WireScript::kMaxFaults) {
      build.diagnostics.error(
          fault.where,
          fmt::format("{} faults can touch one attempt of {}; at most {} can", together.size(),
                      build.plan.steps[step].full_name, model::WireScript::kMaxFaults));
      return;
    }
    if (together.size() > 2) {
      if (const std::string why = why_not_together(together); !why.empty()) {
        build.diagnostics.error(
            fault.where,
            fmt::format("{} faults contradict each other when all choose one attempt of {}: "
                        "{}",
                        together.size(), build.plan.steps[step].full_name, why));
        return;
      }
    }
  }
}

}  // namespace

void check_faults(Build& build) {
  const std::vector<PlannedFault>& faults = build.plan.faults;
  for (std::size_t i = 0; i < faults.size(); ++i) {
    const model::ClientFaultTraits& traits = faults[i].kind->traits;
    if (traits.moves_clock) {
      check_clock(faults[i], build.fault_places[i], build);
    }
    if (traits.sends_copies) {
      check_copies(faults[i], build.fault_places[i], build);
    }
  }
  // What the faults' own keys got wrong would only show up again as contradictions.
  if (build.diagnostics.has_errors()) {
    return;
  }
  check_fault_scripts(build);
  for (std::size_t i = 0; i < faults.size(); ++i) {
    if (faults[i].kind->traits.sends_copies) {
      check_barrier(faults[i], build.fault_places[i], build);
    }
  }
  for (std::size_t second = 0; second < faults.size(); ++second) {
    for (std::size_t first = 0; first < second; ++first) {
      check_pair(first, second, build);
    }
  }
  if (!build.diagnostics.has_errors()) {
    for (const PlannedFault& fault : faults) {
      check_crowd(fault, build);
    }
  }
}

}  // namespace squall::plan
