// The plan that a `squall hit` command line stands for.
#pragma once

#include <map>
#include <string>

#include "loadgen/app/hit_options.hpp"
#include "loadgen/base/result.hpp"
#include "loadgen/expr/value.hpp"

namespace squall::app {

struct HitPlan {
  std::string toml;
  // The same, each value with the option that it was typed behind ("--require:2:1") for its place.
  expr::Value document;
  // Values that stand in the plan as ${env:NAME} only: credentials that were typed on the command
  // line, so that neither reports nor a saved plan hold them.
  std::map<std::string, std::string> secrets;
  // Files that the plan reads, by their names in it: rows of requests, when they are many.
  std::map<std::string, std::string> files = {};
};

// Reads the files that the options name (targets, bodies, "-" for standard input). On failure:
// kInvalidArgument, kMalformed, kNotFound or kIo, in words of the option that is wrong.
[[nodiscard]] Result<HitPlan> hit_plan(const HitOptions& options);

}  // namespace squall::app
