// The squall binary, run by tests from the outside.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "tests/support/process.hpp"

namespace squall::test {

// squall with these arguments, in that directory, to its end.
[[nodiscard]] ProcessResult squall(const TestDirectory& directory,
                                   const std::vector<std::string>& arguments,
                                   Duration limit = std::chrono::seconds(60));
[[nodiscard]] std::string squall_binary();

[[nodiscard]] std::string source_file(const std::string& path);

// Every process whose environment has the mark SQUALL_TEST_MARK=value, which children inherit.
[[nodiscard]] std::vector<pid_t> processes_marked(const std::string& value);

}  // namespace squall::test
