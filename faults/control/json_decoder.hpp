// JSON of the control API as plain values, as leniently as Toxiproxy's clients need it.
#pragma once

#include <string_view>

#include "loadgen/base/result.hpp"
#include "loadgen/expr/value.hpp"

namespace squall::faults {

// Reads the first JSON value of `text` and ignores what follows. Members that are null are left
// out, which means "as if absent" everywhere in the API; null elsewhere is an empty table. Of
// members of the same name the last counts. Integers that 64 bits cannot hold become numbers.
// kMalformed for anything that is no JSON ("EOF" for nothing at all, as clients know it), and for
// values more than 64 levels deep: walking a value may recurse. Any thread.
[[nodiscard]] Result<expr::Value> decode_json(std::string_view text);

}  // namespace squall::faults
