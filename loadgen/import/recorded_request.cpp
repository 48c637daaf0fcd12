#include "loadgen/import/recorded_request.hpp"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/core.h>

#include "loadgen/base/header_fields.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/import/recorded_body.hpp"

namespace squall::import {
namespace {

bool has_control_byte(std::string_view text, Variables variables) {
  return std::any_of(text.begin(), text.end(), [&](char c) {
    const bool mark = c == kVariableMark && variables == Variables::kShell;
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t' && !mark) || c == '\x7f';
  });
}

// What squall writes itself, or what belongs to the connection and not to the request.
bool is_of_the_connection(std::string_view name) {
  constexpr std::array<std::string_view, 9> kNames{
      "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Proxy-Connection",
      "Upgrade",        "HTTP2-Settings",    "TE",         "Expect"};
  return name.starts_with(':') || std::any_of(kNames.begin(), kNames.end(), [&](auto known) {
           return equals_ignoring_case(known, name);
         });
}

// The path, whose segments may be known values.
PlanText segments_text(std::string_view path, const RecordedRequest& request, Secrets& secrets) {
  if (request.known.empty()) {
    return outside_text(path, request.variables, secrets);
  }
  PlanText text;
  std::string_view separator;
  for (const std::string_view segment : split(path, '/')) {
    text.text(separator);
    separator = "/";
    const auto value = request.known.find(segment);
    if (value != request.known.end()) {
      text.expression(value->second);
    } else {
      text.append(outside_text(segment, request.variables, secrets));
    }
  }
  return text;
}

// A path or a URL; the values of parameters in its query that carry credentials are hidden.
PlanText url_text(std::string_view target, const RecordedRequest& request, Secrets& secrets) {
  const std::size_t query = std::min(target.find('?'), target.size());
  PlanText path = segments_text(target.substr(0, query), request, secrets);
  if (query == target.size()) {
    return path;
  }
  char separator = '?';
  for (const std::string_view pair : split(target.substr(query + 1), '&')) {
    path.text(std::string_view(&separator, 1));
    separator = '&';
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view name = pair.substr(0, equals);
    const bool from_shell = pair.find(kVariableMark) != std::string_view::npos;
    const auto value =
        equals < pair.size() ? request.known.find(pair.substr(equals + 1)) : request.known.end();
    if (value != request.known.end()) {
      path.text(pair.substr(0, equals + 1)).expression(value->second);
    } else if (equals < pair.size() && is_secret_name(name) && !from_shell) {
      path.text(pair.substr(0, equals + 1));
      path.append(secrets.hide(pair.substr(equals + 1), name,
                               fmt::format("the query parameter {}, percent-encoded", name)));
    } else {
      path.append(outside_text(pair, request.variables, secrets));
    }
  }
  return path;
}

PlanText header_text(const std::string& name, const std::string& value,
                     const RecordedRequest& request, Secrets& secrets) {
  const std::size_t blank = value.rfind(' ');
  const std::size_t from = blank == std::string::npos ? 0 : blank + 1;
  if (const auto known = request.known.find(std::string_view(value).substr(from));
      known != request.known.end()) {
    return PlanText(std::string_view(value).substr(0, from)).expression(known->second);
  }
  const bool from_shell =
      request.variables == Variables::kShell && value.find(kVariableMark) != std::string::npos;
  if (is_secret_name(name) && !from_shell) {
    return secrets.hide_header(name, value);
  }
  return equals_ignoring_case(name, "Referer") ? url_text(value, request, secrets)
                                               : outside_text(value, request.variables, secrets);
}

using NamedValue = std::pair<std::string, std::string>;

// One header of each name: what was sent in several lines is one list.
std::vector<NamedValue> joined(const RecordedRequest& request) {
  std::vector<NamedValue> headers;
  for (const auto& [name, value] : request.headers) {
    add_joined(headers, name, value);
  }
  return headers;
}

void add_header(const NamedValue& header, const RecordedRequest& request, Secrets& secrets,
                DraftStep& step) {
  const auto& [name, content] = header;
  if (is_of_the_connection(name) ||
      (equals_ignoring_case(name, "Host") && content == request.authority)) {
    return;
  }
  if (!is_token(name)) {
    step.comments.push_back(fmt::format("LEFT OUT: a header named \"{}\", which is no name", name));
    return;
  }
  if (equals_ignoring_case(name, "Idempotency-Key")) {
    step.comments.emplace_back(
        "The recorded idempotency key would make each operation a replay of the first; {{key}} is "
        "another one for each.");
    step.headers.push_back({name, PlanText().expression("key")});
    return;
  }
  if (has_control_byte(content, request.variables)) {
    step.comments.push_back(
        fmt::format("LEFT OUT: the header {}, whose value holds a control byte", name));
    return;
  }
  const PlanText value = header_text(name, content, request, secrets);
  if (const std::string_view why = value.why_not(); !why.empty()) {
    step.comments.push_back(fmt::format("LEFT OUT: the header {}, whose value {}", name, why));
    return;
  }
  step.headers.push_back({name, value});
}

}  // namespace

PlanText outside_text(std::string_view text, Variables variables, Secrets& secrets) {
  if (variables == Variables::kNone) {
    return PlanText(text);
  }
  PlanText result;
  while (true) {
    const std::size_t open = text.find(kVariableMark);
    const std::size_t close =
        open == std::string_view::npos ? open : text.find(kVariableMark, open + 1);
    if (close == std::string_view::npos) {
      return result.text(text);
    }
    result.text(text.substr(0, open));
    result.append(secrets.variable(text.substr(open + 1, close - open - 1),
                                   "a variable of the imported command"));
    text.remove_prefix(close + 1);
  }
}

void fill_step(const RecordedRequest& request, Secrets& secrets, DraftStep& step) {
  step.method = request.method;
  step.path = url_text(request.target, request, secrets);
  if (!step.path.why_not().empty()) {
    step.comments.push_back(fmt::format("LEFT OUT: the path, which {}", step.path.why_not()));
    step.path = PlanText("/");
  }
  const std::vector<NamedValue> headers = joined(request);
  for (const NamedValue& header : headers) {
    add_header(header, request, secrets, step);
  }
  if (request.body) {
    const auto type = find_field(headers, "Content-Type");
    step.body = recorded_body(request, type == headers.end() ? std::string_view() : type->second,
                              secrets, step.comments);
  }
}

void factor_out_headers(std::vector<DraftStep*> steps, std::vector<DraftHeader>& shared) {
  if (steps.size() < 2) {
    return;
  }
  // By name in lower case and value: how many steps have it.
  std::map<std::pair<std::string, std::string>, std::size_t> counts;
  for (const DraftStep* step : steps) {
    for (const DraftHeader& header : step->headers) {
      ++counts[{to_lower(header.name), header.value.source()}];
    }
  }
  const auto is_shared = [&](const DraftHeader& header) {
    return counts[{to_lower(header.name), header.value.source()}] == steps.size();
  };
  for (const DraftHeader& header : steps.front()->headers) {
    if (is_shared(header)) {
      shared.push_back(header);
    }
  }
  for (DraftStep* step : steps) {
    step->headers.erase(std::remove_if(step->headers.begin(), step->headers.end(), is_shared),
                        step->headers.end());
  }
}

}  // namespace squall::import
