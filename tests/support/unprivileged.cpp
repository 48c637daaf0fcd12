#include "tests/support/unprivileged.hpp"

#include <sys/types.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "loadgen/base/check.hpp"

namespace squall::test {
namespace {

constexpr uid_t kNobody = 65534;  // on every Debian; the group nogroup has the same number

}  // namespace

std::vector<std::string> as_unprivileged(std::vector<std::string> command) {
  if (::geteuid() != 0) {
    return command;
  }
  const std::string id = std::to_string(kNobody);
  // Another user's process would outlive a test that is killed: see Process.
  std::vector<std::string> result = {"setpriv",        "--reuid",     id,     "--regid", id,
                                     "--clear-groups", "--pdeathsig", "KILL", "--"};
  result.insert(result.end(), std::make_move_iterator(command.begin()),
                std::make_move_iterator(command.end()));
  return result;
}

void give_to_unprivileged(const std::string& directory) {
  if (::geteuid() != 0) {
    return;
  }
  SQUALL_CHECK(::chown(directory.c_str(), kNobody, kNobody) == 0);
  namespace fs = std::filesystem;
  fs::permissions(fs::path(directory).parent_path(), fs::perms::group_exec | fs::perms::others_exec,
                  fs::perm_options::add);
}

}  // namespace squall::test
