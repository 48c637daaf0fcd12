#include "loadgen/import/openapi_operation.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/core.h>

#include "loadgen/base/header_fields.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/import/openapi_parameters.hpp"
#include "loadgen/import/openapi_security.hpp"
#include "loadgen/import/outside_url.hpp"
#include "loadgen/import/recorded_body.hpp"

namespace squall::import {
namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kForm = "application/x-www-form-urlencoded";
constexpr std::string_view kMultipart = "multipart/form-data";

bool is_json(std::string_view media) {
  const std::string type = to_lower(trim(media.substr(0, media.find(';'))));
  return type == kJson || type.ends_with("+json") || type == "*/*";
}

bool is_type(std::string_view media, std::string_view type) {
  return equals_ignoring_case(trim(media.substr(0, media.find(';'))), type);
}

bool is_form(std::string_view media) {
  return is_type(media, kForm);
}

bool is_multipart(std::string_view media) {
  return is_type(media, kMultipart);
}

std::string join(const std::vector<std::string>& words, std::string_view separator) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : std::string(separator)) + word;
  }
  return text;
}

// The kind of body that a plan says best.
const Member* choose_media(const Node::Object& content) {
  for (const auto& suits : {is_json, is_form, is_multipart}) {
    const auto found = std::find_if(content.begin(), content.end(),
                                    [&](const Member& media) { return suits(media.key); });
    if (found != content.end()) {
      return &*found;
    }
  }
  return content.empty() ? nullptr : &content.front();
}

void set_content_type(std::string_view media, DraftStep& step) {
  step.headers.push_back({"Content-Type", PlanText(media)});
}

void set_json(const Node& value, std::string_view media, DraftStep& step) {
  step.body = json_body(value);
  const bool implied = std::holds_alternative<expr::Value>(step.body) && media == kJson;
  if (!implied) {
    set_content_type(media == "*/*" ? kJson : media, step);
  }
}

void set_form(const std::vector<FormField>& fields, DraftStep& step) {
  std::vector<std::string> pairs;
  pairs.reserve(fields.size());
  for (const FormField& field : fields) {
    pairs.push_back(percent_encoded(field.name) + "=" + percent_encoded(field.value));
  }
  step.body = PlanText(join(pairs, "&"));
  set_content_type(kForm, step);
}

// As it stands in a plan; nothing when only a name of the plan's own could hold it.
std::optional<std::string> part_text(const std::string& text) {
  const PlanText plan_text(text);
  if (!plan_text.why_not().empty() || plan_text.uses_dollar()) {
    return std::nullopt;
  }
  return plan_text.source();
}

// Files are made up: of a size that says nothing about real ones.
void set_multipart(const std::vector<FormField>& fields, DraftStep& step) {
  expr::Array parts;
  for (const FormField& field : fields) {
    const auto value = part_text(field.file ? "" : field.value);
    if (part_text(field.name) != field.name || !value) {
      step.comments.emplace_back("LEFT OUT: a part whose text a plan takes for a name");
      continue;
    }
    expr::Table part{{"name", {}, toml_value(field.name)}};
    part.push_back(
        {field.file ? "generate" : "value", {}, toml_value(field.file ? "1KiB" : *value)});
    parts.push_back({std::move(part), {}});
  }
  if (!parts.empty()) {
    step.settings.push_back({"multipart", {std::move(parts), {}}});
  }
}

// Those of them that the schema calls binary are files.
std::vector<FormField> multipart_fields(const Node& value, const Node* schema,
                                        References& references) {
  std::vector<FormField> fields = form_fields(value);
  const Node* whole = schema != nullptr ? references.resolve(*schema) : nullptr;
  const Node* properties = whole != nullptr ? whole->find("properties") : nullptr;
  for (FormField& field : fields) {
    const Node* written = properties != nullptr ? properties->find(field.name) : nullptr;
    const Node* property = written != nullptr ? references.resolve(*written) : nullptr;
    field.file = property != nullptr && property->text("format") == "binary";
  }
  return fields;
}

void set_body(const Member& media, const OperationContext& context, DraftStep& step) {
  Sampler& sampler = context.sampler;
  const Node* schema = media.value.find("schema");
  auto value = sampler.example_of(media.value);
  if (!value && schema != nullptr) {
    value = sampler.sample(*schema);
  }
  if (!value) {
    step.comments.push_back(
        fmt::format("LEFT OUT: the body of type {}, for which there is no sample", media.key));
    return;
  }
  const std::string* text = value->as_string();
  if (is_json(media.key)) {
    set_json(*value, media.key, step);
  } else if (is_form(media.key)) {
    set_form(form_fields(*value), step);
  } else if (is_multipart(media.key) && value->as_object() != nullptr) {
    set_multipart(multipart_fields(*value, schema, context.references), step);
  } else if (text != nullptr && PlanText(*text).why_not().empty()) {
    step.body = PlanText(*text);
    set_content_type(media.key, step);
  } else {
    step.comments.push_back(
        fmt::format("LEFT OUT: the body of type {}; write it into `body`", media.key));
  }
}

// Whether a Swagger 2.0 form is sent in parts: files have no other way.
bool sends_parts(const std::vector<FormField>& form, const OperationPlace& place,
                 const Node& document) {
  const Node* own = place.operation.find("consumes");
  const Node* consumes = own != nullptr ? own : document.find("consumes");
  const Node::List* types = consumes != nullptr ? consumes->as_list() : nullptr;
  const auto takes = [&](const auto& kind) {
    return types != nullptr && std::any_of(types->begin(), types->end(), [&](const Node& type) {
             return type.as_string() != nullptr && kind(*type.as_string());
           });
  };
  return std::any_of(form.begin(), form.end(), [](const FormField& one) { return one.file; }) ||
         (takes(is_multipart) && !takes(is_form));
}

void add_body(const OperationPlace& place, const OperationParameters& parameters,
              const OperationContext& context, DraftStep& step) {
  if (parameters.body != nullptr) {  // Swagger 2.0
    const Node* schema = parameters.body->find("schema");
    const auto value = schema != nullptr ? context.sampler.sample(*schema) : std::nullopt;
    if (value) {
      set_json(*value, kJson, step);
    }
    return;
  }
  if (!parameters.form.empty()) {
    const bool parts = sends_parts(parameters.form, place, context.document);
    parts ? set_multipart(parameters.form, step) : set_form(parameters.form, step);
    return;
  }
  const Node* written = place.operation.find("requestBody");
  const Node* body = written != nullptr ? context.references.resolve(*written) : nullptr;
  const Node* content = body != nullptr ? body->find("content") : nullptr;
  const Node::Object* all = content != nullptr ? content->as_object() : nullptr;
  if (const Member* media = all != nullptr ? choose_media(*all) : nullptr) {
    set_body(*media, context, step);
  }
}

void set_path(const OperationParameters& parameters, const OperationSecurity& security,
              DraftStep& step) {
  std::string target = parameters.path;
  char separator = '?';
  for (const std::string& pair : parameters.query) {
    target += separator + pair;
    separator = '&';
  }
  step.path = PlanText(mended_target(target));
  for (const auto& [name, value] : security.query) {
    step.path.text(std::string(1, separator) + percent_encoded(name) + "=").append(value);
    separator = '&';
  }
}

// A header of the same name stands once; cookies are one list.
void add_headers(const std::vector<DraftHeader>& headers, DraftStep& step) {
  for (const DraftHeader& header : headers) {
    const auto known = std::find_if(
        step.headers.begin(), step.headers.end(),
        [&](const DraftHeader& other) { return equals_ignoring_case(other.name, header.name); });
    if (known == step.headers.end()) {
      step.headers.push_back(header);
    } else if (header.name == "Cookie") {
      known->value.text("; ").append(header.value);
    }
  }
}

bool is_sendable(const DraftHeader& header) {
  if (!is_token(header.name) || !header.value.why_not().empty()) {
    return false;
  }
  const std::string value = header.value.source();
  return std::none_of(value.begin(), value.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == '\x7f';
  });
}

void drop_unsendable(DraftStep& step) {
  for (const DraftHeader& header : step.headers) {
    if (!is_sendable(header)) {
      step.comments.push_back(
          fmt::format("LEFT OUT: the header {}, which a request cannot carry", header.name));
    }
  }
  step.headers.erase(std::remove_if(step.headers.begin(), step.headers.end(),
                                    [](const DraftHeader& header) { return !is_sendable(header); }),
                     step.headers.end());
  const auto* body = std::get_if<PlanText>(&step.body);
  if (body != nullptr && !body->why_not().empty()) {
    step.comments.push_back(fmt::format("LEFT OUT: the body, which {}", body->why_not()));
    step.body = {};
  }
}

// "2XX" as 200 to 299, "201" as itself.
std::optional<std::pair<int, int>> statuses(std::string_view code) {
  if (code.size() == 3 && code[0] >= '1' && code[0] <= '5' && to_lower(code.substr(1)) == "xx") {
    const int first = (code[0] - '0') * 100;
    return std::pair(first, first + 99);
  }
  int status = 0;
  const auto [end, error] = std::from_chars(code.data(), code.data() + code.size(), status);
  if (error != std::errc() || end != code.data() + code.size() || status < 100 || status > 599) {
    return std::nullopt;
  }
  return std::pair(status, status);
}

}  // namespace

std::vector<std::string> documented_success(const Node& operation) {
  const Node* written = operation.find("responses");
  const Node::Object* responses = written != nullptr ? written->as_object() : nullptr;
  for (const int hundred : {200, 300}) {
    int low = 0;
    int high = 0;
    for (std::size_t i = 0; responses != nullptr && i < responses->size(); ++i) {
      const auto range = statuses((*responses)[i].key);
      if (range && range->first / 100 * 100 == hundred) {
        low = low == 0 ? range->first : std::min(low, range->first);
        high = std::max(high, range->second);
      }
    }
    if (low != 0) {
      return {low == high ? fmt::format("status == {}", low)
                          : fmt::format("status in {}..{}", low, high)};
    }
  }
  return {};
}

DraftStep operation_step(const OperationPlace& place, const OperationContext& context) {
  DraftStep step;
  step.method = place.method;
  static_cast<void>(context.sampler.take_patterns());
  const OperationParameters parameters = read_parameters(
      place.path, place.path_item, place.operation, context.references, context.sampler);
  const OperationSecurity security =
      read_security(context.document, place.operation, context.references, context.secrets);
  set_path(parameters, security, step);
  add_headers(parameters.headers, step);
  add_headers(security.headers, step);
  step.comments = security.notes;
  add_body(place, parameters, context, step);
  drop_unsendable(step);
  step.expect = documented_success(place.operation);
  if (!parameters.left_out.empty()) {
    step.comments.push_back("Optional parameters: " + join(parameters.left_out, ", ") + ".");
  }
  if (const auto patterns = context.sampler.take_patterns(); !patterns.empty()) {
    step.comments.push_back("Samples that have to match a pattern may not: " +
                            join(patterns, ", "));
  }
  return step;
}

}  // namespace squall::import
