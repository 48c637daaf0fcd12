// The user that a program runs as when squall is root.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "loadgen/base/result.hpp"

namespace squall::faults {

struct UserIds {
  std::string name;
  std::string home;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
};

// What to become for a `user` of a plan: nothing for an empty name and nothing when squall is not
// root, because then it cannot and need not (a plan that names "postgres" for root runs as it is
// for everybody else). kNotFound when there is no such user. Any thread.
[[nodiscard]] Result<std::optional<UserIds>> user_to_become(const std::string& name);

}  // namespace squall::faults
