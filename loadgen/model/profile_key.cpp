// The `key` table of profiles and plans: how a request carries its key.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include "loadgen/base/header_fields.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/expr/json_place.hpp"
#include "loadgen/model/profile_file.hpp"

namespace squall::model {
namespace {

using expr::ValueType;
using In = KeyCarrier::In;

constexpr std::int64_t kLongestKey = 65'536;

// What a request says by itself, whatever the plan wants.
constexpr std::array<std::string_view, 4> kOwnHeaders{"Host", "Content-Length", "Transfer-Encoding",
                                                      "Connection"};

bool is_query_name(std::string_view name) {
  constexpr std::string_view kMarks = "-._~[]";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

void check_carrier(const KeyCarrier& carrier, std::string_view key, expr::TableReader& reader) {
  const std::string& name = carrier.name;
  switch (carrier.in) {
    case In::kHeader:
      if (!is_token(name)) {
        reader.error(key, fmt::format("\"{}\" is not a header name; write for example "
                                      "\"Idempotency-Key\"",
                                      printable(name)));
      } else if (std::any_of(kOwnHeaders.begin(), kOwnHeaders.end(), [&](std::string_view own) {
                   return equals_ignoring_case(own, name);
                 })) {
        reader.error(key,
                     fmt::format("{} says how the request is sent and cannot carry a key", name));
      }
      return;
    case In::kBody:
      if (!expr::is_json_pointer(name)) {
        reader.error(key, "a JSON pointer begins with '/': write for example \"/idempotency_key\"");
      }
      return;
    case In::kQuery:
      if (!is_query_name(name)) {
        reader.error(key, fmt::format("\"{}\" is not the name of a parameter; write for example "
                                      "\"request_id\"",
                                      printable(name)));
      }
      return;
  }
}

}  // namespace

const expr::TableSpec& profile_key_spec() {
  static const expr::TableSpec spec{
      .name = "idempotency.key",
      .help =
          "How a request carries its key: in a header, in its JSON body or in its query. squall "
          "puts it there itself.",
      .keys = {
          {.name = "header",
           .type = ValueType::kString,
           .help = "The header that carries it; `Idempotency-Key` when nobody says otherwise.",
           .example = "\"Idempotency-Key\""},
          {.name = "body",
           .type = ValueType::kString,
           .help = "Where it stands in the JSON body, a JSON pointer (RFC 6901).",
           .example = "\"/idempotency_key\""},
          {.name = "query",
           .type = ValueType::kString,
           .help = "The parameter that carries it.",
           .example = "\"request_id\""},
          {.name = "quoted",
           .type = ValueType::kBoolean,
           .help = "Whether the header's value stands in quotes, as a Structured Field String "
                   "(RFC 9651) does.",
           .example = "true"},
          {.name = "required",
           .type = ValueType::kBoolean,
           .help = "Whether a request without a key is refused.",
           .example = "true"},
          {.name = "max_length",
           .type = ValueType::kInteger,
           .help = "Bytes of the longest key that is taken.",
           .example = "255"},
      }};
  return spec;
}

void read_profile_key(const expr::Value& table, const expr::Scope& scope, Diagnostics& diagnostics,
                      IdempotencyProfile& profile) {
  expr::TableReader reader(table, profile_key_spec(), scope, diagnostics);
  std::string_view first;
  for (const auto& [key, in] : {std::pair{std::string_view("header"), In::kHeader},
                                std::pair{std::string_view("body"), In::kBody},
                                std::pair{std::string_view("query"), In::kQuery}}) {
    if (!reader.has(key)) {
      continue;
    }
    if (!first.empty()) {
      reader.error(
          key, fmt::format("a key stands in one place: give `{}` or `{}`, not both", first, key));
      continue;
    }
    first = key;
    profile.carrier = KeyCarrier{in, reader.string(key)};
    check_carrier(*profile.carrier, key, reader);
  }
  if (reader.has("quoted")) {
    profile.quoted = reader.boolean("quoted");
  }
  const bool in_header = !profile.carrier || profile.carrier->in == In::kHeader;
  if (profile.quoted.value_or(false) && !in_header) {
    reader.error(
        reader.has("quoted") ? "quoted" : first,
        "only a header's value can be a Structured Field String in quotes; this key stands "
        "elsewhere: say quoted = false");
  }
  if (reader.has("required")) {
    profile.required = reader.boolean("required");
  }
  if (reader.has("max_length")) {
    profile.max_length = static_cast<unsigned>(reader.integer("max_length", 1, kLongestKey));
  }
}

}  // namespace squall::model
