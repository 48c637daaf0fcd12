// A JSON Schema of plans for editors, from the key table and the registries.
#pragma once

#include <string>

#include "loadgen/plan/loader.hpp"

namespace squall::plan {

// JSON Schema, draft 2020-12, of a plan as a JSON document (TOML editors check TOML against such
// schemas). It knows less than the loader: names, conditions and what needs the whole plan stay
// with `squall validate`. Ends with a newline. Pure.
[[nodiscard]] std::string schema(const Registries& registries);

}  // namespace squall::plan
