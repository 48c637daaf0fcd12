#include "loadgen/model/history_line.hpp"

#include <algorithm>
#include <limits>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace squall::model {
namespace {

using nlohmann::ordered_json;

ordered_json parsed(const HistoryValue& value) {
  return ordered_json::parse(to_json(value));
}

// Takes fields out of one line; the first problem is kept and ends the rest.
class LineReader {
 public:
  explicit LineReader(const ordered_json& line) : line_(line) {}

  template <class Number>
  Number number(const char* key, bool required = true) {
    const ordered_json* value = find(key, required);
    if (value == nullptr) {
      return 0;
    }
    if constexpr (std::is_unsigned_v<Number>) {
      if (!value->is_number_unsigned() ||
          value->get<std::uint64_t>() > std::numeric_limits<Number>::max()) {
        refuse(key, "a whole number from 0");
        return 0;
      }
    } else if (!value->is_number_integer() ||
               (value->is_number_unsigned() &&
                value->get<std::uint64_t>() >
                    std::uint64_t{std::numeric_limits<std::int64_t>::max()})) {
      refuse(key, "a whole number");
      return 0;
    }
    return value->get<Number>();
  }

  std::string text(const char* key, bool required = true) {
    const ordered_json* value = find(key, required);
    if (value == nullptr) {
      return {};
    }
    if (!value->is_string()) {
      refuse(key, "a text");
      return {};
    }
    return value->get<std::string>();
  }

  template <class Enum>
  Enum name(const char* key, std::optional<Enum> (*from)(std::string_view)) {
    const auto value = from(text(key));
    if (!value) {
      refuse(key, "a word of a history");
    }
    return value.value_or(Enum{});
  }

  HistoryValue value(const char* key) {
    const ordered_json* found = find(key, false);
    if (found == nullptr) {
      return {};
    }
    auto value = history_value_from_json(
        found->dump(-1, ' ', false, ordered_json::error_handler_t::replace));
    return value ? *std::move(value) : HistoryValue();
  }

  [[nodiscard]] bool has(const char* key) const { return line_.contains(key); }
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  const ordered_json* find(const char* key, bool required) {
    const auto found = line_.find(key);
    if (found != line_.end()) {
      return &*found;
    }
    if (required) {
      refuse(key, "there");
    }
    return nullptr;
  }
  void refuse(const char* key, std::string_view wanted) {
    if (problem_.empty()) {
      problem_ = fmt::format("\"{}\" is not {}", key, wanted);
    }
  }

  const ordered_json& line_;
  std::string problem_;
};

}  // namespace

void append_line(std::string& out, const HistoryOperation& operation, std::string_view step) {
  ordered_json line = {{"process", operation.process},
                       {"type", to_string(operation.outcome)},
                       {"f", to_string(operation.op)},
                       {"key", operation.key},
                       {"value", parsed(operation.value)}};
  if (operation.version) {
    line["version"] = *operation.version;
  }
  line.update({{"invoke_ns", operation.invoke.count()},
               {"complete_ns", operation.complete.count()},
               {"client", operation.client},
               {"step", step},
               {"arrival", operation.arrival}});
  if (operation.visit > 0) {
    line["visit"] = operation.visit;
  }
  line.update({{"attempt", operation.attempt}, {"copy", operation.copy}});
  if (!operation.problem.empty()) {
    line["problem"] = operation.problem;
  }
  out += line.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  out += '\n';
}

Result<HistoryOperation> parse_history_line(std::string_view text,
                                            const std::vector<std::string>& steps) {
  const ordered_json line = ordered_json::parse(text, nullptr, false);
  if (!line.is_object()) {
    return fail(ErrorCode::kMalformed, "not a line of a history");
  }
  LineReader reader(line);
  const std::string step = reader.text("step");
  HistoryOperation operation{
      .process = reader.number<std::uint64_t>("process"),
      .client = reader.number<std::uint64_t>("client"),
      .arrival = reader.number<std::uint64_t>("arrival"),
      .visit = reader.number<std::uint32_t>("visit", false),
      .attempt = reader.number<std::uint32_t>("attempt"),
      .copy = reader.number<std::uint32_t>("copy"),
      .op = reader.name("f", &history_op_from),
      .key = reader.text("key"),
      .value = reader.value("value"),
      .version = {},
      .invoke = Duration(reader.number<std::int64_t>("invoke_ns")),
      .complete = Duration(reader.number<std::int64_t>("complete_ns")),
      .outcome = reader.name("type", &history_outcome_from),
      .problem = reader.text("problem", false),
  };
  if (reader.has("version")) {
    operation.version = reader.number<std::int64_t>("version");
  }
  if (!reader.problem().empty()) {
    return fail(ErrorCode::kMalformed, reader.problem());
  }
  const auto found = std::find(steps.begin(), steps.end(), step);
  if (found == steps.end()) {
    return fail(ErrorCode::kMalformed, "a step that the record does not have");
  }
  operation.step = static_cast<std::uint16_t>(found - steps.begin());
  return operation;
}

}  // namespace squall::model
