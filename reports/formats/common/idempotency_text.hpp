// What a verification of idempotency found, in words: for every format that people read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "loadgen/model/idempotency_report.hpp"
#include "loadgen/model/run_record.hpp"
#include "loadgen/model/verdict.hpp"

namespace squall::reports {

// Where the profile that was learnt lies in a run's directory.
inline constexpr std::string_view kLearnedProfile = "learned-profile.toml";

// What the verdicts rest on, a line each: profile, S, control group, oracles and what they disagree
// about, volatile fields. Outside text.
[[nodiscard]] std::vector<std::string> verification_lines(const model::IdempotencyReport& report);
// "2 fail, 1 warn, 3 pass, 22 not tested"; what there is none of is left out.
[[nodiscard]] std::string property_counts(const model::IdempotencyReport& report);
// The property's sentence; of one that was not tested for want of means which key of the plan would
// change that. Outside text.
[[nodiscard]] std::string property_sentence(const model::PropertyResult& property);
// "hit 20 of 20"; empty when the reproducer was not tried.
[[nodiscard]] std::string hit_rate_text(const model::PropertyResult& property);
// How the profile in that directory is used from a plan; empty when none was learnt.
[[nodiscard]] std::string learned_profile_text(const model::IdempotencyReport& report,
                                               const std::string& directory);

// A verification that sent no load: what is measured of load has nothing to show.
[[nodiscard]] bool is_without_load(const model::RunRecord& record);

// Failures and warnings.
[[nodiscard]] bool is_broken(const model::PropertyResult& property);
// The property that a finding tells of; null for findings of detectors.
[[nodiscard]] const model::PropertyResult* property_of(const model::IdempotencyReport* report,
                                                       const model::Finding& finding);

}  // namespace squall::reports
