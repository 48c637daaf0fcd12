#include "loadgen/model/load_model.hpp"

#include <fmt/core.h>

namespace squall::model {
namespace {

std::optional<std::string> refusal(const std::vector<std::string>& closed) {
  if (closed.empty()) {
    return std::nullopt;
  }
  std::string names;
  for (const std::string& name : closed) {
    names += (names.empty() ? "" : ", ") + name;
  }
  return fmt::format(
      "no capacity can be read from a closed model ({}): its users wait for answers, so it sends "
      "less to a target that slows down",
      names);
}

}  // namespace

const Users* users_of(const Plan& plan, const Scenario& scenario) {
  if (scenario.users) {
    return &*scenario.users;
  }
  return scenario.weight > 0 && plan.load.users ? &*plan.load.users : nullptr;
}

LoadModel load_model_of(const Plan& plan, const Scenario& scenario) {
  if (users_of(plan, scenario) != nullptr) {
    return LoadModel::kClosed;
  }
  const bool several = scenario.steps.size() > 1 || scenario.repeated_steps > 0;
  return several ? LoadModel::kPartlyOpen : LoadModel::kOpen;
}

std::vector<const Users*> user_pools(const Plan& plan) {
  std::vector<const Users*> pools;
  for (const Scenario& scenario : plan.scenarios) {
    if (scenario.users) {
      pools.push_back(&*scenario.users);
    }
  }
  if (plan.load.users) {
    pools.push_back(&*plan.load.users);
  }
  return pools;
}

std::vector<ArrivalStream> arrival_streams(const Plan& plan) {
  std::vector<ArrivalStream> streams;
  for (const Scenario& scenario : plan.scenarios) {
    if (scenario.arrivals) {
      streams.push_back({.process = scenario.arrivals.get(), .scenario = scenario.index});
    }
  }
  if (plan.load.arrivals) {
    streams.push_back({.process = plan.load.arrivals.get(), .shared = true});
  }
  return streams;
}

double share_of(const Plan& plan, const Scenario& scenario) {
  if (scenario.weight == 0) {
    return 1;
  }
  std::uint64_t all = 0;
  for (const Scenario& other : plan.scenarios) {
    all += other.weight;
  }
  return static_cast<double>(scenario.weight) / static_cast<double>(all);
}

std::optional<std::string> why_no_capacity(const Plan& plan) {
  std::vector<std::string> closed;
  for (const Scenario& scenario : plan.scenarios) {
    if (load_model_of(plan, scenario) == LoadModel::kClosed) {
      closed.push_back(scenario.name);
    }
  }
  return refusal(closed);
}

std::optional<std::string> why_no_capacity(const RunRecord& record) {
  std::vector<std::string> closed;
  for (const RecordedScenario& scenario : record.scenarios) {
    if (scenario.load_model == LoadModel::kClosed) {
      closed.push_back(scenario.name);
    }
  }
  return refusal(closed);
}

}  // namespace squall::model
