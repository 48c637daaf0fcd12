#include "faults/process/user.hpp"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <array>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"

namespace squall::faults {

Result<std::optional<UserIds>> user_to_become(const std::string& name) {
  if (name.empty() || ::geteuid() != 0) {
    return std::optional<UserIds>();
  }
  std::array<char, 16'384> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 ||
      found == nullptr) {
    return fail(ErrorCode::kNotFound, fmt::format("this host has no user {}", printable(name)));
  }
  UserIds ids{name, entry.pw_dir, entry.pw_uid, entry.pw_gid, std::vector<gid_t>(64)};
  auto count = static_cast<int>(ids.groups.size());
  while (::getgrouplist(name.c_str(), ids.gid, ids.groups.data(), &count) < 0) {
    ids.groups.resize(static_cast<std::size_t>(count));
  }
  ids.groups.resize(static_cast<std::size_t>(count));
  return std::optional(std::move(ids));
}

}  // namespace squall::faults
