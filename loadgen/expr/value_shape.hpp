// Which values a key takes, as far as their shape in TOML tells.
#pragma once

#include <string>
#include <string_view>

#include "loadgen/expr/key_spec.hpp"
#include "loadgen/expr/value.hpp"

namespace squall::expr {

// Whether the text refers to values that are filled in while a plan is read.
[[nodiscard]] bool has_placeholder(std::string_view text);

// Whether the value itself fits; the members of lists and tables are looked at one by one.
[[nodiscard]] bool shape_fits(ValueType type, const Value& value);

// `"timeout" takes a duration such as "250ms", not an integer: the unit is missing`.
[[nodiscard]] std::string shape_problem(const KeySpec& spec, const Value& value);

// `"urls" is missing; write for example urls = ["http://127.0.0.1:8080"]`.
// `parent`: the table that it is a key of, as it stands in a plan; empty: the plan itself. Several
// tables may share a description, which has the name of one of them.
[[nodiscard]] std::string missing_problem(const KeySpec& spec, std::string_view parent = {});

// A right value of that key in TOML.
[[nodiscard]] std::string example_of(const KeySpec& spec);

}  // namespace squall::expr
