// Where the values of the plan behind `squall hit` were typed, for messages about them.
#pragma once

#include "loadgen/app/hit_options.hpp"
#include "loadgen/expr/value.hpp"

namespace squall::app {

// Sets the position of every value of the document that hit_plan() makes of `options`: the option,
// which of them it is, and the byte of its argument ("--require:2:1"); "URL:1:1" for what an
// address says; "squall hit:1:1" for what nobody typed.
void set_places(expr::Value& document, const HitOptions& options);

}  // namespace squall::app
