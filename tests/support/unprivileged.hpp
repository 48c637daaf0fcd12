// Programs that must not run as root, in a test that may be.
#pragma once

#include <string>
#include <vector>

namespace squall::test {

// `command` as it is, or by setpriv as the user "nobody" when this process is root. It keeps its
// pid: signals reach the program itself.
[[nodiscard]] std::vector<std::string> as_unprivileged(std::vector<std::string> command);

// Lets that user write in the directory and reach it through its parent. Nothing to do when this
// process is not root.
void give_to_unprivileged(const std::string& directory);

}  // namespace squall::test
