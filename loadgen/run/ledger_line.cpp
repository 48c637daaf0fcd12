#include "loadgen/run/ledger_line.hpp"

#include <algorithm>
#include <optional>

#include <nlohmann/json.hpp>

namespace squall::run {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

std::string step_name(std::uint16_t step, const std::vector<model::RecordedStep>& steps) {
  return step < steps.size() ? steps[step].name : "";
}

std::optional<std::uint16_t> step_index(std::string_view name,
                                        const std::vector<model::RecordedStep>& steps) {
  const auto found = std::find_if(steps.begin(), steps.end(),
                                  [&](const model::RecordedStep& s) { return s.name == name; });
  if (found == steps.end()) {
    return std::nullopt;
  }
  return static_cast<std::uint16_t>(found - steps.begin());
}

void append(std::string& out, const ordered_json& line) {
  out += line.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  out += '\n';
}

// Only of steps that are repeated.
void put_visit(ordered_json& line, std::uint32_t visit) {
  if (visit > 0) {
    line["visit"] = visit;
  }
}

model::EffectAttempt attempt_from(const json& line, std::uint16_t step) {
  model::EffectAttempt attempt;
  attempt.step = step;
  attempt.arrival = line.at("arrival").get<std::uint64_t>();
  attempt.visit = line.value("visit", std::uint32_t{0});
  attempt.attempt = line.at("attempt").get<std::uint32_t>();
  attempt.copy = line.at("copy").get<std::uint32_t>();
  attempt.key = line.at("key").get<std::string>();
  attempt.caller = line.value("caller", std::string());
  attempt.intended = Duration(line.at("intended_ns").get<std::int64_t>());
  attempt.first_byte = Duration(line.at("first_byte_ns").get<std::int64_t>());
  attempt.end = Duration(line.at("end_ns").get<std::int64_t>());
  attempt.how = model::attempt_class_from(line.at("class").get<std::string>())
                    .value_or(model::AttemptClass::kMalformed);
  attempt.status = line.at("status").get<int>();
  attempt.bytes_sent = line.at("sent_bytes").get<std::uint64_t>();
  attempt.faults = line.at("faults").get<std::vector<std::uint16_t>>();
  attempt.detail = line.at("detail").get<std::string>();
  return attempt;
}

model::EffectOperation operation_from(const json& line, std::uint16_t step) {
  model::EffectOperation operation;
  operation.step = step;
  operation.arrival = line.at("arrival").get<std::uint64_t>();
  operation.visit = line.value("visit", std::uint32_t{0});
  operation.key = line.at("key").get<std::string>();
  operation.outcome = model::operation_outcome_from(line.at("outcome").get<std::string>())
                          .value_or(model::OperationOutcome::kUnknown);
  operation.exposure = line.at("exposure").get<std::string>() == "faulted"
                           ? model::Exposure::kFaulted
                           : model::Exposure::kClean;
  operation.attempts = line.at("attempts").get<std::uint32_t>();
  return operation;
}

}  // namespace

LedgerPlace place_of(std::int64_t second, const model::EffectAttempt& attempt) {
  return {.second = second,
          .intended = attempt.intended,
          .step = attempt.step,
          .arrival = attempt.arrival,
          .visit = attempt.visit,
          .attempt = attempt.attempt,
          .copy = attempt.copy};
}

LedgerPlace place_of(std::int64_t second, const model::EffectOperation& operation) {
  return {.second = second,
          .is_operation = true,
          .step = operation.step,
          .arrival = operation.arrival,
          .visit = operation.visit};
}

void append_line(std::string& out, std::int64_t second, const model::EffectAttempt& attempt,
                 const std::vector<model::RecordedStep>& steps) {
  ordered_json line = {{"type", "attempt"},
                       {"second", second},
                       {"step", step_name(attempt.step, steps)},
                       {"arrival", attempt.arrival}};
  put_visit(line, attempt.visit);
  line.update({{"attempt", attempt.attempt}, {"copy", attempt.copy}, {"key", attempt.key}});
  if (!attempt.caller.empty()) {
    line["caller"] = attempt.caller;
  }
  line.update({{"intended_ns", attempt.intended.count()},
               {"first_byte_ns", attempt.first_byte.count()},
               {"end_ns", attempt.end.count()},
               {"class", model::to_string(attempt.how)},
               {"status", attempt.status},
               {"sent_bytes", attempt.bytes_sent},
               {"faults", attempt.faults},
               {"detail", attempt.detail}});
  append(out, line);
}

void append_line(std::string& out, std::int64_t second, const model::EffectOperation& operation,
                 const std::vector<model::RecordedStep>& steps) {
  ordered_json line = {{"type", "operation"},
                       {"second", second},
                       {"step", step_name(operation.step, steps)},
                       {"arrival", operation.arrival}};
  put_visit(line, operation.visit);
  line.update({{"key", operation.key},
               {"outcome", model::to_string(operation.outcome)},
               {"exposure", model::to_string(operation.exposure)},
               {"attempts", operation.attempts}});
  append(out, line);
}

namespace {

// Throws what the library throws.
Result<LedgerEntry> entry_from(const json& line, const std::vector<model::RecordedStep>& steps) {
  const auto step = step_index(line.at("step").get<std::string>(), steps);
  if (!step) {
    return fail(ErrorCode::kMalformed, "a step that the record does not have");
  }
  if (line.at("type").get<std::string>() == "attempt") {
    return attempt_from(line, *step);
  }
  return operation_from(line, *step);
}

}  // namespace

Result<LedgerEntry> parse_ledger_line(std::string_view text,
                                      const std::vector<model::RecordedStep>& steps) {
  try {
    return entry_from(json::parse(text), steps);
  } catch (const json::exception& error) {
    return fail(ErrorCode::kMalformed, error.what());
  }
}

Result<PlacedEntry> parse_placed_line(std::string_view text,
                                      const std::vector<model::RecordedStep>& steps) {
  try {
    const json line = json::parse(text);
    auto entry = entry_from(line, steps);
    if (!entry) {
      return fail(entry.error());
    }
    const auto second = line.at("second").get<std::int64_t>();
    PlacedEntry placed;
    placed.place = std::visit([second](const auto& one) { return place_of(second, one); }, *entry);
    placed.entry = *std::move(entry);
    return placed;
  } catch (const json::exception& error) {
    return fail(ErrorCode::kMalformed, error.what());
  }
}

}  // namespace squall::run
