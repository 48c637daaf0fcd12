#include "loadgen/import/recorded_body.hpp"

#include <algorithm>
#include <optional>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/expr/toml_writer.hpp"
#include "loadgen/import/outside_url.hpp"

namespace squall::import {
namespace {

constexpr std::size_t kInlineWidth = 92;
constexpr DocumentLimits kBodyLimits{.bytes = 1024UL * 1024, .depth = 100, .values = 100'000};

// The value as TOML; nothing where TOML has no word for it (null), or where a plan would read
// something else than text into a string.
std::optional<expr::Value> toml_of(const Node& node);

std::optional<expr::Value> toml_of_list(const Node::List& items) {
  expr::Array array;
  for (const Node& item : items) {
    auto value = toml_of(item);
    if (!value) {
      return std::nullopt;
    }
    array.push_back(std::move(*value));
  }
  return expr::Value{std::move(array), {}};
}

std::optional<expr::Value> toml_of_object(const Node::Object& members) {
  expr::Table table;
  for (const Member& member : members) {
    const bool again = std::any_of(table.begin(), table.end(), [&](const expr::Entry& entry) {
      return entry.key == member.key;
    });
    auto value = toml_of(member.value);
    if (again || !value || member.key.find("{{") != std::string::npos) {
      return std::nullopt;
    }
    table.push_back({member.key, {}, std::move(*value)});
  }
  return expr::Value{std::move(table), {}};
}

std::optional<expr::Value> toml_of(const Node& node) {
  if (const auto* items = node.as_list()) {
    return toml_of_list(*items);
  }
  if (const auto* members = node.as_object()) {
    return toml_of_object(*members);
  }
  if (const auto* text = node.as_string()) {
    const PlanText plan_text(*text);
    if (!plan_text.why_not().empty() || plan_text.source() != *text) {
      return std::nullopt;
    }
    return expr::Value{*text, {}};
  }
  if (const auto* integer = std::get_if<std::int64_t>(&node.data)) {
    return expr::Value{*integer, {}};
  }
  if (const auto* real = std::get_if<double>(&node.data)) {
    return expr::Value{*real, {}};
  }
  if (const auto* flag = node.as_bool()) {
    return expr::Value{*flag, {}};
  }
  return std::nullopt;
}

// Strings that do not stay as they are, in the order of the text: credentials, and values that an
// earlier step extracts.
struct Replaced {
  Place where;
  std::string key;        // of a credential
  std::string extracted;  // the name; empty: a credential
};

void find_replaced(const Node& node, std::string_view key, const KnownValues& known,
                   std::vector<Replaced>& found) {
  if (const auto* items = node.as_list()) {
    for (const Node& item : *items) {
      find_replaced(item, {}, known, found);
    }
  }
  if (const auto* members = node.as_object()) {
    for (const Member& member : *members) {
      find_replaced(member.value, member.key, known, found);
    }
  }
  if (const std::string* text = node.as_string(); text != nullptr && !text->empty()) {
    if (const auto value = known.find(*text); value != known.end()) {
      found.push_back({node.where, {}, value->second});
    } else if (is_secret_name(key)) {
      found.push_back({node.where, std::string(key), {}});
    }
  }
}

DraftBody recorded_json(std::string_view body, const Node& node, const KnownValues& known,
                        Secrets& secrets) {
  std::vector<Replaced> replaced;
  find_replaced(node, {}, known, replaced);
  if (replaced.empty() && body == to_json(node, JsonLayout::kCompact)) {
    if (auto value = toml_of(node);
        value && value->as_table() != nullptr && expr::inline_toml(*value).size() <= kInlineWidth) {
      return std::move(*value);
    }
  }
  PlanText text;
  std::size_t copied = 0;
  for (const Replaced& one : replaced) {
    // Between the quotes: the variable's value stands where the text stood.
    text.text(body.substr(copied, one.where.begin + 1 - copied));
    if (!one.extracted.empty()) {
      text.expression(one.extracted);
    } else {
      text.append(secrets.hide(
          body.substr(one.where.begin + 1, one.where.end - one.where.begin - 2), one.key,
          fmt::format("\"{}\" in a JSON body, as it stands between the quotes", one.key)));
    }
    copied = one.where.end - 1;
  }
  return text.text(body.substr(copied));
}

DraftBody recorded_form(std::string_view body, const KnownValues& known, Secrets& secrets) {
  PlanText text;
  bool first = true;
  for (const std::string_view pair : split(body, '&')) {
    text.text(first ? "" : "&");
    first = false;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view name = pair.substr(0, equals);
    const auto value = equals < pair.size() ? known.find(pair.substr(equals + 1)) : known.end();
    if (value != known.end()) {
      text.text(pair.substr(0, equals + 1)).expression(value->second);
    } else if (equals < pair.size() && is_secret_name(name)) {
      text.text(pair.substr(0, equals + 1));
      text.append(secrets.hide(pair.substr(equals + 1), name,
                               fmt::format("\"{}\" in a form, percent-encoded", name)));
    } else {
      text.text(pair);
    }
  }
  return text;
}

// The boundary that a Content-Type names; empty when there is none.
std::string_view boundary_of(std::string_view content_type) {
  constexpr std::string_view kName = "boundary=";
  for (std::string_view parameter : split(content_type, ';')) {
    parameter = trim(parameter);
    if (equals_ignoring_case(parameter.substr(0, kName.size()), kName)) {
      parameter.remove_prefix(kName.size());
      return parameter.starts_with('"') ? parameter.substr(1, parameter.rfind('"') - 1) : parameter;
    }
  }
  return {};
}

// The name of the form's field in the head of a part.
std::string_view field_of(std::string_view head) {
  constexpr std::string_view kName = " name=\"";
  const std::size_t at = head.find(kName);
  if (at == std::string_view::npos) {
    return {};
  }
  head.remove_prefix(at + kName.size());
  return head.substr(0, head.find('"'));
}

DraftBody recorded_multipart(std::string_view body, std::string_view boundary, Secrets& secrets) {
  const std::string end = fmt::format("\r\n--{}", boundary);
  PlanText text;
  while (true) {
    const std::size_t content = body.find("\r\n\r\n");
    const std::size_t close =
        content == std::string_view::npos ? content : body.find(end, content + 2);
    if (close == std::string_view::npos) {
      return text.text(body);
    }
    const std::size_t begin = std::min(content + 4, close);
    const std::string_view field = field_of(body.substr(0, content));
    text.text(body.substr(0, begin));
    if (is_secret_name(field)) {
      text.append(secrets.hide(body.substr(begin, close - begin), field,
                               fmt::format("\"{}\" in a multipart body", field)));
    } else {
      text.text(body.substr(begin, close - begin));
    }
    body.remove_prefix(close);
  }
}

}  // namespace

DraftBody recorded_body(const RecordedRequest& request, std::string_view content_type,
                        Secrets& secrets, std::vector<std::string>& comments) {
  const std::string_view body = *request.body;
  const Variables variables = request.variables;
  const std::string type = to_lower(trim(content_type.substr(0, content_type.find(';'))));
  const bool has_marks =
      variables == Variables::kShell && body.find('\0') != std::string_view::npos;
  DraftBody result;
  if (has_marks) {
    result = outside_text(body, variables, secrets);
  } else if (type == "application/x-www-form-urlencoded") {
    const std::string_view start = trim(body);
    const auto json = start.starts_with('{') ? read_json(body, "", kBodyLimits)
                                             : Result<Node>(fail(ErrorCode::kMalformed, ""));
    result = json ? recorded_json(body, *json, request.known, secrets)
                  : recorded_form(body, request.known, secrets);
  } else if (const std::string_view boundary = boundary_of(content_type);
             type == "multipart/form-data" && !boundary.empty()) {
    result = recorded_multipart(body, boundary, secrets);
  } else if (const auto json = read_json(body, "", kBodyLimits);
             json && (json->as_object() != nullptr || json->as_list() != nullptr)) {
    result = recorded_json(body, *json, request.known, secrets);
  } else {
    result = PlanText(body);
  }
  if (const auto* text = std::get_if<PlanText>(&result); text != nullptr) {
    if (const std::string_view why = text->why_not(); !why.empty()) {
      comments.push_back(fmt::format("LEFT OUT: the body of {} bytes, which {}", body.size(), why));
      return {};
    }
  }
  return result;
}

DraftBody json_body(const Node& value) {
  if (auto toml = toml_of(value);
      toml && toml->as_table() != nullptr && expr::inline_toml(*toml).size() <= kInlineWidth) {
    return std::move(*toml);
  }
  return PlanText(to_json(value, JsonLayout::kIndented));
}

}  // namespace squall::import
