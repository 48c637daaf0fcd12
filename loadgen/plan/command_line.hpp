// What the command line says about a plan beside --set: its place in the document.
#pragma once

#include <string_view>

#include "loadgen/base/diagnostics.hpp"
#include "loadgen/expr/value.hpp"
#include "loadgen/plan/loader.hpp"

namespace squall::plan {

// Files in positions of what came from the command line: "--target:1:1" is the first --target.
inline constexpr std::string_view kTargetOption = "--target";
inline constexpr std::string_view kAllowOption = "--allow";
inline constexpr std::string_view kSeedOption = "--seed";
inline constexpr std::string_view kRunIdOption = "--run-id";
inline constexpr std::string_view kThreadsOption = "--threads";
inline constexpr std::string_view kPaceOption = "--pace";

// Puts seed, threads, pace and targets into the document, so that the effective plan repeats the
// run. A plan without a seed gets a random one of 32 bits: short enough to type.
void apply_command_line(expr::Value& document, const LoadOptions& options,
                        Diagnostics& diagnostics);

// The run id asked for, or a fresh one: 10 characters of base32 in lower case without i, l, o and
// u.
[[nodiscard]] std::string choose_run_id(const LoadOptions& options, Diagnostics& diagnostics);

}  // namespace squall::plan
