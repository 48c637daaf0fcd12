#include "loadgen/verify/request_edit.hpp"

#include <optional>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "loadgen/base/encoding.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/expr/json_place.hpp"
#include "loadgen/expr/json_text.hpp"

namespace squall::verify {
namespace {

using model::KeyCarrier;
using KeyUse = RequestEdit::KeyUse;

constexpr std::string_view kLineEnd = "\r\n";

void add_header(std::string& head, std::string_view name, std::string_view value) {
  head.insert(head.size() - kLineEnd.size(), fmt::format("{}: {}\r\n", name, value));
}

// Where the value of Content-Length stands; nothing when the request has no body.
std::optional<std::pair<std::size_t, std::size_t>> length_of(std::string_view head) {
  constexpr std::string_view kName = "content-length:";
  std::size_t at = head.find(kLineEnd);
  while (at != std::string_view::npos) {
    const std::size_t begin = at + kLineEnd.size();
    const std::size_t end = head.find(kLineEnd, begin);
    const std::string_view line = head.substr(begin, end - begin);
    if (line.size() > kName.size() && equals_ignoring_case(line.substr(0, kName.size()), kName)) {
      return std::pair{begin + kName.size(), line.size() - kName.size()};
    }
    at = end;
  }
  return std::nullopt;
}

void fit_length(RequestText& request) {
  if (const auto place = length_of(request.head)) {
    request.head.replace(place->first, place->second, fmt::format(" {}", request.body.size()));
  } else if (!request.body.empty()) {
    add_header(request.head, "Content-Length", std::to_string(request.body.size()));
  }
}

Result<void> change(RequestText& request, const model::BodyChange& change) {
  auto changed = expr::replace_json(request.body, change.pointer, change.json);
  if (!changed) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("the body has no value at {}", change.pointer));
  }
  request.body = std::move(*changed);
  return {};
}

// Objects on the way must be there; the key itself is added or replaced. The order of the other
// members stays.
Result<void> put_into_body(std::string& body, const std::string& pointer, const std::string& key) {
  std::string text = "\"";
  expr::append_json_text(key, text);
  if (auto replaced = expr::replace_json(body, pointer, text + '"')) {
    body = std::move(*replaced);
    return {};
  }
  auto document = nlohmann::ordered_json::parse(body, nullptr, false);
  const nlohmann::ordered_json::json_pointer place(pointer);
  if (document.is_discarded() || place.empty() || !document.contains(place.parent_pointer()) ||
      !document.at(place.parent_pointer()).is_object()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("the body has no place for the key at {}", pointer));
  }
  document[place] = key;
  body = document.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  return {};
}

void put_into_query(std::string& head, const std::string& name, const std::string& key) {
  const std::size_t begin = head.find(' ') + 1;
  const std::size_t end = head.find(' ', begin);
  const char mark = head.find('?', begin) < end ? '&' : '?';
  std::string parameter(1, mark);
  append_percent_encoded(name, parameter);
  parameter += '=';
  append_percent_encoded(key, parameter);
  head.insert(end, parameter);
}

Result<void> put_key(RequestText& request, const std::string& key, const KeyForm& form,
                     const RequestEdit& edit) {
  if (edit.key == KeyUse::kNone) {
    return {};
  }
  if (edit.key == KeyUse::kRaw) {
    for (const std::string& line : edit.raw_keys) {
      add_header(request.head, form.carrier.name, line);
    }
    return {};
  }
  switch (form.carrier.in) {
    case KeyCarrier::In::kHeader:
      add_header(request.head, form.carrier.name, form.quoted ? quoted_string(key) : key);
      return {};
    case KeyCarrier::In::kBody:
      return put_into_body(request.body, form.carrier.name, key);
    case KeyCarrier::In::kQuery:
      put_into_query(request.head, form.carrier.name, key);
      return {};
  }
  return {};
}

}  // namespace

std::string quoted_string(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
    }
    quoted += c;
  }
  return quoted + '"';
}

Result<RequestText> edit_request(RequestText request, const std::string& key, const KeyForm& form,
                                 const RequestEdit& edit) {
  if (edit.body) {
    request.body = *edit.body;
  }
  if (edit.change != nullptr) {
    if (const auto changed = change(request, *edit.change); !changed) {
      return fail(changed.error());
    }
  }
  if (const auto put = put_key(request, key, form, edit); !put) {
    return fail(put.error());
  }
  for (const auto& [name, value] : edit.headers) {
    add_header(request.head, name, value);
  }
  fit_length(request);
  return request;
}

}  // namespace squall::verify
