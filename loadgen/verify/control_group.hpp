// Operations that are sent once each: what everything else is held against.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/model/idempotency_report.hpp"
#include "loadgen/verify/effect_count.hpp"
#include "loadgen/verify/lab.hpp"
#include "loadgen/verify/property.hpp"
#include "loadgen/verify/trial.hpp"

namespace squall::verify {

// Sends them one after the other, measures S, counts their effects (IDEMPOTENCY §3.5, 9: background
// jobs make effects of their own, which belong to every operation), and learns volatile fields by
// reading the same resource again. Writes what it finds to the report and the lab. Gives the tokens
// of the operations that were taken. One that is not is left out; when the first few are not, it
// fails as verify() does. REQUIRES: the plan has an operation.
[[nodiscard]] Result<std::vector<std::string>> run_control_group(Lab& lab,
                                                                 model::IdempotencyReport& report);

// Effects of tokens that were asked for once each, one after the other, by the trials of a group.
// REQUIRES: there is an oracle.
[[nodiscard]] EffectCount::Counts count_of_group(Lab& lab, const PropertyTest& group,
                                                 const std::vector<std::string>& tokens);

// What each of so many tokens has that were asked for once each; 0 effects: not the same for all,
// or not known of all, or none.
[[nodiscard]] Usual usual_of(const EffectCount::Counts& counts, std::size_t tokens);

// Of all tokens together.
[[nodiscard]] std::uint64_t effects_of_all(const EffectCount::Counts& counts);

// Why a group whose usual count is 0 cannot be held against anything. `what` was done once each:
// "operations that were sent".
[[nodiscard]] std::string proves_nothing(std::uint64_t effects, std::size_t tokens,
                                         std::string_view what);

}  // namespace squall::verify
