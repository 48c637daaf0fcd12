// Which model of load a plan's scenarios follow, and what that allows to be said.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "loadgen/model/plan.hpp"
#include "loadgen/model/run_record.hpp"
#include "loadgen/model/users.hpp"

namespace squall::model {

// The users of a scenario, its own or those that it shares; nullptr for one with arrivals. Valid as
// long as the plan.
[[nodiscard]] const Users* users_of(const Plan& plan, const Scenario& scenario);

[[nodiscard]] LoadModel load_model_of(const Plan& plan, const Scenario& scenario);

// Every pool of users: of each scenario that has its own, in order, then the one of [load] that
// scenarios share by weight. A pool is named by its place here.
[[nodiscard]] std::vector<const Users*> user_pools(const Plan& plan);

// Every process of arrivals likewise.
struct ArrivalStream {
  const ArrivalProcess* process = nullptr;
  std::uint16_t scenario = 0;  // that it belongs to, unless it is shared
  bool shared = false;
};
[[nodiscard]] std::vector<ArrivalStream> arrival_streams(const Plan& plan);

// The share of [load]'s arrivals or users that a scenario with a weight takes, 0 to 1; 1 without.
[[nodiscard]] double share_of(const Plan& plan, const Scenario& scenario);

// Why nothing that such a run reached may be called a capacity: in the closed model users wait for
// answers, so the load falls as the target slows down. Nothing when every scenario is open.
[[nodiscard]] std::optional<std::string> why_no_capacity(const Plan& plan);
[[nodiscard]] std::optional<std::string> why_no_capacity(const RunRecord& record);

}  // namespace squall::model
