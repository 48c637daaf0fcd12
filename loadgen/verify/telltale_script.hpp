// The part of a reproducer's script that looks at two answers instead of counting effects.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "loadgen/base/result.hpp"
#include "loadgen/verify/trial.hpp"

namespace squall::verify {

// Defines the shell's `gives_away FIRST SECOND`, of two files of answers with their FILE.status
// beside them: ends with 0 when they bear the sign. `id_query` is what jq prints the id of an
// answer's resource with, quoted; absent: jq cannot. Fails with kInvalidArgument when a shell
// cannot see the sign.
[[nodiscard]] Result<std::string> telltale_function(Telltale::Sign sign,
                                                    const std::optional<std::string>& id_query,
                                                    const std::set<std::string>& volatile_fields);

// What it is, for people who read the script's lines: "the second names the resource of the first".
[[nodiscard]] std::string_view telltale_words(Telltale::Sign sign);

}  // namespace squall::verify
