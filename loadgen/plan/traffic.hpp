// Where iterations come from: the keys `arrivals`, `users`, `think` and `iterations`, which a
// scenario and [load] share.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loadgen/expr/table_reader.hpp"
#include "loadgen/expr/value.hpp"
#include "loadgen/plan/build.hpp"

namespace squall::plan {

// Their descriptions. `whose`: "of this scenario", for the help.
[[nodiscard]] std::vector<expr::KeySpec> traffic_keys(const std::string& whose);

// Arrivals or users, not both; neither when the table has neither.
struct Traffic {
  bool given = false;  // the table names some, readable or not
  std::shared_ptr<const model::ArrivalProcess> arrivals;
  std::optional<model::Users> users;
  std::string text;  // "poisson 200/s", "50 users, think 1s"
};

// `reader` reads `table`. Problems are reported.
[[nodiscard]] Traffic read_traffic(const expr::Value& table, expr::TableReader& reader,
                                   Build& build);

}  // namespace squall::plan
