// Turns the trials of a property into its verdict.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "loadgen/model/idempotency_report.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/verify/effect_count.hpp"
#include "loadgen/verify/property.hpp"

namespace squall::verify {

// How effects were counted.
struct Counting {
  bool possible = false;           // there is an oracle
  std::uint64_t effects_each = 1;  // of an operation that is sent once, from the control group
  // The same of the oracles after the first one: more effects at one of them than may be break the
  // promise, too.
  std::vector<EffectCount::Other> others = {};
};

// Writes what was counted into the trials' expectations. Gives how many tokens have more effects
// than at the last time, at any of the oracles.
std::uint64_t enter_counts(PropertyTest& test, const EffectCount::Counts& counts);

// What was wrong with a trial, the gravest first, by what was counted and what answers name. Pure.
[[nodiscard]] std::vector<Break> breaks_of(const Trial& trial, const Counting& counting);

// Whether a token of the trial has more effects than it may, counted or by what answers name. Pure.
[[nodiscard]] bool has_too_many(const Trial& trial, std::uint64_t effects_each);

// The verdict by IDEMPOTENCY §3.4, end: the worst break of any trial; without a break "pass" when
// everything that was asked for was counted, or when the property judges answers alone, else "not
// tested". No secret is in it. Pure.
[[nodiscard]] model::PropertyResult judge(const PropertyKind& kind, const PropertyTest& test,
                                          const Counting& counting, const model::Plan& plan);

// A property that was not tried.
[[nodiscard]] model::PropertyResult untested(const PropertyKind& kind, std::string needs);

}  // namespace squall::verify
