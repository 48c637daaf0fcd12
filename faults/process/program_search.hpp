// Where the program of a service is found.
#pragma once

#include <string>

#include "loadgen/base/result.hpp"

namespace squall::faults {

// The directory of the running executable, so that squall-shop is found beside squall wherever both
// are installed.
[[nodiscard]] std::string own_program_directory();

// The path to execute for `name`: with a slash itself, from `folder` when it is relative (empty:
// the working directory), else the first executable file of that name in `first_directory` and then
// in the directories of PATH. kNotFound, naming where it was looked for. Any thread.
[[nodiscard]] Result<std::string> find_program(const std::string& name,
                                               const std::string& first_directory,
                                               const std::string& folder = {});

}  // namespace squall::faults
