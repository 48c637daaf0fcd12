// The reader of profiles.
#include "loadgen/model/profile_file.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/header_fields.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/expr/integer_list.hpp"
#include "loadgen/expr/json_place.hpp"
#include "loadgen/expr/scope.hpp"
#include "loadgen/expr/value.hpp"

namespace squall::model {
namespace {

using expr::TableSpec;
using expr::ValueType;

constexpr std::int64_t kFormat = 1;
constexpr std::size_t kMaxBytes = 256UL * 1024;
constexpr std::size_t kMaxLine = 1000;
constexpr std::size_t kMaxNameBytes = 64;

const TableSpec& mismatch_spec() {
  static const TableSpec spec{
      .name = "mismatch",
      .help = "What becomes of a key that is used again with another payload.",
      .keys = {{.name = "mode",
                .type = ValueType::kString,
                .help = "`reject`: an error; `replay`: the first answer again, payloads are not "
                        "compared; `execute`: a new operation.",
                .required = true,
                .choices = {"reject", "replay", "execute"}},
               {.name = "status",
                .type = ValueType::kJson,
                .help = "Of the error: one code or several; any of 400 to 499 unless given.",
                .example = "422"}}};
  return spec;
}

const TableSpec& in_flight_spec() {
  static const TableSpec spec{
      .name = "in_flight",
      .help = "What becomes of a request whose key another one is using right now.",
      .keys = {{.name = "mode",
                .type = ValueType::kString,
                .help = "`reject`: an error at once; `block`: it waits for the first and gets its "
                        "answer; `replay`: it gets an answer at once that is no error, such as "
                        "\"pending\".",
                .required = true,
                .choices = {"reject", "block", "replay"}},
               {.name = "status",
                .type = ValueType::kJson,
                .help = "Of the error: one code or several; any of 400 to 499 unless given.",
                .example = "409"}}};
  return spec;
}

const TableSpec& stored_spec() {
  static const TableSpec spec{
      .name = "stored",
      .help =
          "Whether an answer of that class is kept and given again (`true`), or the work is "
          "done anew (`false`).",
      .keys = {
          {.name = "2xx", .type = ValueType::kBoolean, .help = "Successes.", .example = "true"},
          {.name = "4xx", .type = ValueType::kBoolean, .help = "Refusals.", .example = "true"},
          {.name = "5xx", .type = ValueType::kBoolean, .help = "Failures.", .example = "false"}}};
  return spec;
}

const TableSpec& marker_spec() {
  static const TableSpec spec{.name = "marker",
                              .help = "A header that stands on replays and on nothing else.",
                              .keys = {{.name = "header",
                                        .type = ValueType::kString,
                                        .help = "Its name.",
                                        .required = true,
                                        .example = "\"Idempotent-Replayed\""},
                                       {.name = "value",
                                        .type = ValueType::kString,
                                        .help = "Its value; any unless given.",
                                        .example = "\"true\""}}};
  return spec;
}

const TableSpec& scope_spec() {
  static const TableSpec spec{.name = "scope",
                              .help = "Whether the same key means another operation …",
                              .keys = {{.name = "caller",
                                        .type = ValueType::kBoolean,
                                        .help = "… of another caller.",
                                        .example = "true"},
                                       {.name = "endpoint",
                                        .type = ValueType::kBoolean,
                                        .help = "… at another path.",
                                        .example = "true"},
                                       {.name = "method",
                                        .type = ValueType::kBoolean,
                                        .help = "… with another method.",
                                        .example = "true"}}};
  return spec;
}

void read_text(expr::TableReader& reader, std::string_view key, std::string& text) {
  const std::size_t before = reader.diagnostics().error_count();
  text = reader.string(key);
  const bool readable = reader.has(key) && reader.diagnostics().error_count() == before;
  if (readable && (trim(text).empty() || printable(text, kMaxLine) != text)) {
    reader.error(key, fmt::format("\"{}\" is one line of up to {} characters", key, kMaxLine));
  }
}

std::vector<std::string> read_lines(expr::TableReader& reader, std::string_view key) {
  std::vector<std::string> lines;
  for (expr::LocatedText& line : reader.string_list(key)) {
    if (trim(line.text).empty() || printable(line.text, kMaxLine) != line.text) {
      reader.diagnostics().error(
          line.where,
          fmt::format("each of \"{}\" is one line of up to {} characters", key, kMaxLine));
    }
    lines.push_back(std::move(line.text));
  }
  return lines;
}

template <class Mode, std::size_t Count>
Mode mode_named(std::string_view word) {
  for (std::size_t i = 0; i < Count; ++i) {
    if (to_string(static_cast<Mode>(i)) == word) {
      return static_cast<Mode>(i);
    }
  }
  return Mode{};  // reported already
}

// `mode` and `status` of an answer that may be an error.
template <class Mode, std::size_t Count>
void read_reaction(const expr::Value& table, const TableSpec& spec, const expr::Scope& scope,
                   Diagnostics& diagnostics, std::optional<Mode>& mode, std::vector<int>& status) {
  expr::TableReader reader(table, spec, scope, diagnostics);
  if (!reader.has("mode")) {
    return;
  }
  mode = mode_named<Mode, Count>(reader.string("mode"));
  for (const std::int64_t code : expr::read_integers(table, "status", reader, 400, 599, "409")) {
    status.push_back(static_cast<int>(code));
  }
  if (reader.has("status") && *mode != Mode::kReject) {
    reader.error("status",
                 "only an error has a status of its own: say mode = \"reject\", or leave "
                 "`status` out");
  }
}

void read_flag(expr::TableReader& reader, std::string_view key, std::optional<bool>& flag) {
  if (reader.has(key)) {
    flag = reader.boolean(key);
  }
}

ReplayMarker read_marker(const expr::Value& table, const expr::Scope& scope,
                         Diagnostics& diagnostics) {
  expr::TableReader reader(table, marker_spec(), scope, diagnostics);
  ReplayMarker marker{reader.string("header"), reader.string("value")};
  if (reader.has("header") && !is_token(marker.header)) {
    reader.error("header", fmt::format("\"{}\" is not a header name; write for example "
                                       "\"Idempotent-Replayed\"",
                                       printable(marker.header)));
  }
  if (printable(marker.value, kMaxLine) != marker.value || trim(marker.value) != marker.value) {
    reader.error("value", "a header's value is one line without blanks around it");
  }
  return marker;
}

bool is_date(std::string_view text) {
  constexpr std::string_view kForm = "dddd-dd-dd";
  return text.size() == kForm.size() &&
         std::equal(text.begin(), text.end(), kForm.begin(), [](char c, char form) {
           return form == '-' ? c == '-' : c >= '0' && c <= '9';
         });
}

void read_head(expr::TableReader& reader, IdempotencyProfile& profile) {
  profile.name = reader.string("name");
  if (reader.has("name") && !is_profile_name(profile.name)) {
    reader.error("name", fmt::format("\"{}\" cannot be the name of a profile: names begin with a "
                                     "letter and hold letters, digits, '-' and '_'",
                                     printable(profile.name)));
  }
  read_text(reader, "summary", profile.summary);
  profile.sources = read_lines(reader, "sources");
  profile.notes = read_lines(reader, "notes");
  profile.checked = reader.string("checked");
  if (reader.has("checked") && !is_date(profile.checked)) {
    reader.error("checked", "write the day as \"2026-11-28\"");
  }
}

void read_answers(expr::TableReader& reader, IdempotencyProfile& profile) {
  const expr::Scope& scope = reader.scope();
  Diagnostics& diagnostics = reader.diagnostics();
  for (const expr::Value* table : reader.tables("mismatch")) {
    read_reaction<MismatchMode, kMismatchModeCount>(*table, mismatch_spec(), scope, diagnostics,
                                                    profile.mismatch, profile.mismatch_status);
  }
  for (const expr::Value* table : reader.tables("in_flight")) {
    read_reaction<InFlightMode, kInFlightModeCount>(*table, in_flight_spec(), scope, diagnostics,
                                                    profile.in_flight, profile.in_flight_status);
  }
  for (const expr::Value* table : reader.tables("stored")) {
    expr::TableReader stored(*table, stored_spec(), scope, diagnostics);
    read_flag(stored, "2xx", profile.stores_2xx);
    read_flag(stored, "4xx", profile.stores_4xx);
    read_flag(stored, "5xx", profile.stores_5xx);
  }
  for (const expr::Value* table : reader.tables("marker")) {
    profile.marker = read_marker(*table, scope, diagnostics);
  }
  for (const expr::Value* table : reader.tables("scope")) {
    expr::TableReader inner(*table, scope_spec(), scope, diagnostics);
    read_flag(inner, "caller", profile.by_caller);
    read_flag(inner, "endpoint", profile.by_endpoint);
    read_flag(inner, "method", profile.by_method);
  }
  if (reader.has("replay")) {
    profile.replay = mode_named<ReplayForm, kReplayFormCount>(reader.string("replay"));
  }
}

void read_volatile(expr::TableReader& reader, IdempotencyProfile& profile) {
  for (expr::LocatedText& field : reader.string_list("volatile")) {
    if (!expr::is_json_pointer(field.text)) {
      reader.diagnostics().error(
          field.where, "a JSON pointer begins with '/': write for example \"/updated_at\"");
    }
    profile.volatile_fields.push_back(std::move(field.text));
  }
}

bool is_readable_format(const expr::Value& document, Diagnostics& diagnostics) {
  const expr::Value* format = document.find("format");
  const auto* version = format != nullptr ? std::get_if<std::int64_t>(&format->data) : nullptr;
  if (version == nullptr || *version == kFormat) {
    return true;
  }
  diagnostics.error(format->where, fmt::format("this squall reads profiles of format {}, not {}",
                                               kFormat, *version));
  return false;
}

}  // namespace

bool is_profile_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !name.empty() && name.size() <= kMaxNameBytes && letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) {
           return letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_';
         });
}

// NOLINTNEXTLINE(readability-function-size): a table
const TableSpec& profile_spec() {
  static const TableSpec spec{
      .name = "",
      .help =
          "What an API says it does with idempotency keys. What is left out is not declared: "
          "squall then tells what it saw and judges nothing by it.",
      .keys = {
          {.name = "format",
           .type = ValueType::kInteger,
           .help = "Version of this language; this squall reads 1.",
           .required = true,
           .example = "1"},
          {.name = "name",
           .type = ValueType::kString,
           .help = "By which plans name it.",
           .required = true,
           .example = "\"stripe-v1\""},
          {.name = "summary",
           .type = ValueType::kString,
           .help = "One line for people.",
           .required = true,
           .example = "\"Answers are kept, errors too, and marked when they are given again.\""},
          {.name = "sources",
           .type = ValueType::kStringList,
           .help = "Where that is said.",
           .example = "[\"https://docs.stripe.com/api/idempotent_requests\"]"},
          {.name = "checked",
           .type = ValueType::kString,
           .help = "The day on which it was looked up.",
           .example = "\"2026-11-28\""},
          {.name = "notes",
           .type = ValueType::kStringList,
           .help = "What the other keys cannot say, and what is not confirmed.",
           .example = "[\"Only POST takes keys.\"]"},
          {.name = "window",
           .type = ValueType::kDuration,
           .help = "How long a key is remembered, at least.",
           .example = "\"24h\""},
          {.name = "replay",
           .type = ValueType::kString,
           .help = "What a replay gives: the `same` answer, or the same resource as it is now, the "
                   "`latest`.",
           .choices = {"same", "latest"}},
          {.name = "volatile",
           .type = ValueType::kStringList,
           .help = "JSON pointers of what differs between an answer and its replay.",
           .example = "[\"/request_id\"]"},
          {.name = "key",
           .type = ValueType::kTable,
           .help = "How a request carries its key.",
           .table = &profile_key_spec(),
           .example = "{ header = \"Idempotency-Key\" }"},
          {.name = "mismatch",
           .type = ValueType::kTable,
           .help = "A key that is used again with another payload.",
           .table = &mismatch_spec(),
           .example = "{ mode = \"reject\", status = 422 }"},
          {.name = "in_flight",
           .type = ValueType::kTable,
           .help = "A key that another request is using right now.",
           .table = &in_flight_spec(),
           .example = "{ mode = \"reject\", status = 409 }"},
          {.name = "stored",
           .type = ValueType::kTable,
           .help = "Which answers are kept.",
           .table = &stored_spec(),
           .example = "{ 2xx = true, 4xx = true, 5xx = false }"},
          {.name = "marker",
           .type = ValueType::kTable,
           .help = "The header that tells a replay.",
           .table = &marker_spec(),
           .example = "{ header = \"Idempotent-Replayed\", value = \"true\" }"},
          {.name = "scope",
           .type = ValueType::kTable,
           .help = "What a key is unique within.",
           .table = &scope_spec(),
           .example = "{ caller = true, endpoint = true }"},
      }};
  return spec;
}

std::optional<IdempotencyProfile> read_profile(std::string_view text, const std::string& file,
                                               Diagnostics& diagnostics) {
  if (text.size() > kMaxBytes) {
    diagnostics.error({file, 1, 1}, fmt::format("a profile has at most {} bytes", kMaxBytes));
    return std::nullopt;
  }
  const auto document = expr::parse_toml(text, file);
  if (!document) {
    diagnostics.error(document.error().where.value_or(SourceRef{file, 1, 1}),
                      document.error().message);
    return std::nullopt;
  }
  if (!is_readable_format(*document, diagnostics)) {
    return std::nullopt;
  }
  const std::size_t before = diagnostics.error_count();
  const expr::Scope scope({});
  expr::TableReader reader(*document, profile_spec(), scope, diagnostics);
  IdempotencyProfile profile;
  read_head(reader, profile);
  for (const expr::Value* table : reader.tables("key")) {
    read_profile_key(*table, scope, diagnostics, profile);
  }
  if (reader.has("window")) {
    profile.window = reader.duration("window");
    if (*profile.window <= Duration::zero()) {
      reader.error("window",
                   "a key that is not remembered does nothing: write for example \"24h\"");
    }
  }
  read_answers(reader, profile);
  read_volatile(reader, profile);
  return diagnostics.error_count() == before ? std::optional(std::move(profile)) : std::nullopt;
}

}  // namespace squall::model
