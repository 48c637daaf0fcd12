// One line of ledger.ndjson.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/model/effect.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::run {

// Appends a line with its line break. Steps are named, so a line can be read without the plan.
void append_line(std::string& out, const model::EffectAttempt& attempt,
                 const std::vector<model::RecordedStep>& steps);
void append_line(std::string& out, const model::EffectOperation& operation,
                 const std::vector<model::RecordedStep>& steps);

// kMalformed when it is neither.
[[nodiscard]] Result<std::variant<model::EffectAttempt, model::EffectOperation>> parse_ledger_line(
    std::string_view line, const std::vector<model::RecordedStep>& steps);

}  // namespace squall::run
