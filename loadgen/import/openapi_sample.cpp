#include "loadgen/import/openapi_sample.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "loadgen/import/tree_builder.hpp"

namespace squall::import {
namespace {

constexpr std::size_t kMaxDepth = 16;
constexpr std::size_t kMaxValues = 2000;  // of one sample
constexpr std::size_t kMaxItems = 10;
constexpr std::size_t kMaxLength = 4096;

constexpr std::array<std::pair<std::string_view, std::string_view>, 15> kFormats{{
    {"date", "2024-01-15"},
    {"date-time", "2024-01-15T12:00:00Z"},
    {"time", "12:00:00Z"},
    {"duration", "PT1H"},
    {"uuid", "5e0ff1ce-0000-4000-8000-000000000001"},
    {"email", "user@example.com"},
    {"idn-email", "user@example.com"},
    {"uri", "https://example.com/"},
    {"url", "https://example.com/"},
    {"uri-reference", "/"},
    {"hostname", "example.com"},
    {"ipv4", "192.0.2.1"},
    {"ipv6", "2001:db8::1"},
    {"byte", "c2FtcGxl"},
    {"password", "sample-Passw0rd"},
}};

std::optional<double> number_of(const Node& schema, std::string_view key) {
  const Node* value = schema.find(key);
  return value != nullptr && value->is_number() ? std::optional(value->number()) : std::nullopt;
}

std::size_t count_of(const Node& schema, std::string_view key, std::size_t otherwise) {
  const auto value = number_of(schema, key);
  return value && *value >= 0 && *value < 1e9 ? static_cast<std::size_t>(*value) : otherwise;
}

bool is_true(const Node& schema, std::string_view key) {
  const Node* value = schema.find(key);
  return value != nullptr && value->as_bool() != nullptr && *value->as_bool();
}

// An open bound: a boolean beside the bound until OpenAPI 3.0, a number of its own since 3.1.
std::optional<double> lower_bound(const Node& schema, double step) {
  const auto exclusive = number_of(schema, "exclusiveMinimum");
  if (exclusive) {
    return *exclusive + step;
  }
  const auto bound = number_of(schema, "minimum");
  return bound && is_true(schema, "exclusiveMinimum") ? *bound + step : bound;
}

std::optional<double> upper_bound(const Node& schema, double step) {
  const auto exclusive = number_of(schema, "exclusiveMaximum");
  if (exclusive) {
    return *exclusive - step;
  }
  const auto bound = number_of(schema, "maximum");
  return bound && is_true(schema, "exclusiveMaximum") ? *bound - step : bound;
}

// 1, or the nearest to it that the bounds allow.
double number_within(const Node& schema, double step) {
  double value = 1;
  if (const auto low = lower_bound(schema, step); low && value < *low) {
    value = *low;
  }
  if (const auto high = upper_bound(schema, step); high && value > *high) {
    value = *high;
  }
  if (const auto multiple = number_of(schema, "multipleOf"); multiple && *multiple > 0) {
    value = std::ceil(value / *multiple) * *multiple;
  }
  return value;
}

Node made_number(const Node& schema, bool integer) {
  constexpr double kLargestExact = 9e15;
  const double value = number_within(schema, integer ? 1 : 0.01);
  const bool whole = std::floor(value) == value && std::abs(value) < kLargestExact;
  if (whole || integer) {
    return {static_cast<std::int64_t>(std::clamp(value, -kLargestExact, kLargestExact)), {}};
  }
  return {value, {}};
}

}  // namespace

std::string type_of_schema(const Node& schema) {
  const Node* type = schema.find("type");
  if (type != nullptr && type->as_string() != nullptr) {
    return *type->as_string();
  }
  if (const Node::List* types = type != nullptr ? type->as_list() : nullptr) {
    for (const Node& one : *types) {
      if (one.as_string() != nullptr && *one.as_string() != "null") {
        return *one.as_string();
      }
    }
    return "null";
  }
  if (schema.find("properties") != nullptr || schema.find("additionalProperties") != nullptr) {
    return "object";
  }
  if (schema.find("items") != nullptr) {
    return "array";
  }
  const bool number = schema.find("minimum") != nullptr || schema.find("maximum") != nullptr;
  return number ? "number" : "string";
}

bool Sampler::spend(std::size_t values) {
  spent_ += values;
  return spent_ <= kMaxValues;
}

std::optional<Node> Sampler::sample(const Node& schema) {
  const bool outermost = open_.empty();
  if (outermost) {
    spent_ = 0;
  }
  const Node* resolved = references_.resolve(schema);
  if (resolved == nullptr || open_.size() >= kMaxDepth || !spend(1)) {
    return std::nullopt;
  }
  if (auto value = written(*resolved)) {
    return value;
  }
  if (!open_.insert(resolved).second) {
    return std::nullopt;
  }
  auto value = made(*resolved);
  open_.erase(resolved);
  return value;
}

std::optional<Node> Sampler::written(const Node& schema) {
  const auto usable = [&](const Node* value) {
    return value != nullptr && spend(values_in(*value, kMaxValues));
  };
  for (const std::string_view key : {"example", "const", "default"}) {
    if (const Node* value = schema.find(key); usable(value)) {
      return *value;
    }
  }
  for (const std::string_view key : {"examples", "enum"}) {
    const Node* values = schema.find(key);
    const Node::List* list = values != nullptr ? values->as_list() : nullptr;
    if (list != nullptr && !list->empty() && usable(&list->front())) {
      return list->front();
    }
  }
  return std::nullopt;
}

std::optional<Node> Sampler::example_of(const Node& around) {
  const auto small = [](const Node& value) { return values_in(value, kMaxValues) <= kMaxValues; };
  if (const Node* example = around.find("example"); example != nullptr && small(*example)) {
    return *example;
  }
  const Node* examples = around.find("examples");
  const Node::Object* members = examples != nullptr ? examples->as_object() : nullptr;
  if (members == nullptr || members->empty()) {
    return std::nullopt;
  }
  const Node* first = references_.resolve(members->front().value);
  const Node* value = first != nullptr ? first->find("value") : nullptr;
  return value != nullptr && small(*value) ? std::optional(*value) : std::nullopt;
}

std::optional<Node> Sampler::made(const Node& schema) {
  if (auto value = made_of_parts(schema)) {
    return value;
  }
  const std::string type = type_of_schema(schema);
  if (type == "integer" || type == "number") {
    return made_number(schema, type == "integer");
  }
  if (type == "boolean") {
    return Node{true, {}};
  }
  if (type == "null") {
    return Node{std::monostate{}, {}};
  }
  if (type == "array") {
    return made_list(schema);
  }
  return type == "object" ? made_object(schema) : made_string(schema);
}

std::optional<Node> Sampler::made_of_parts(const Node& schema) {
  for (const std::string_view key : {"oneOf", "anyOf"}) {
    const Node* parts = schema.find(key);
    const Node::List* list = parts != nullptr ? parts->as_list() : nullptr;
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
      auto value = sample((*list)[i]);
      if (value && !value->is_null()) {
        return value;
      }
    }
  }
  const Node* parts = schema.find("allOf");
  const Node::List* list = parts != nullptr ? parts->as_list() : nullptr;
  if (list == nullptr) {
    return std::nullopt;
  }
  Node::Object members;
  std::optional<Node> other;
  for (const Node& part : *list) {
    auto value = sample(part);
    auto* object = value ? std::get_if<Node::Object>(&value->data) : nullptr;
    if (object != nullptr) {
      std::move(object->begin(), object->end(), std::back_inserter(members));
    } else if (value && !other) {
      other = std::move(value);
    }
  }
  add_properties(schema, members);
  // One that is an allOf of a single string, say, is that string.
  return members.empty() && other ? other : Node{std::move(members), {}};
}

Node Sampler::made_string(const Node& schema) {
  if (const std::string_view pattern = schema.text("pattern"); !pattern.empty()) {
    patterns_.emplace_back(pattern);
  }
  const std::string_view format = schema.text("format");
  const auto* const known = std::find_if(kFormats.begin(), kFormats.end(),
                                         [&](const auto& one) { return one.first == format; });
  std::string text(known != kFormats.end() ? known->second : "sample");
  const std::size_t shortest = std::min(count_of(schema, "minLength", 0), kMaxLength);
  const std::size_t longest = count_of(schema, "maxLength", kMaxLength);
  if (text.size() < shortest) {
    text.append(shortest - text.size(), 'x');
  }
  if (text.size() > longest) {
    text.resize(longest);
  }
  return {std::move(text), {}};
}

Node Sampler::made_list(const Node& schema) {
  Node::List items;
  const Node* of = schema.find("items");
  const std::size_t count = std::clamp<std::size_t>(count_of(schema, "minItems", 1), 1, kMaxItems);
  for (std::size_t i = 0; of != nullptr && i < count; ++i) {
    auto item = sample(*of);
    if (!item) {
      break;
    }
    items.push_back(std::move(*item));
  }
  return {std::move(items), {}};
}

Node Sampler::made_object(const Node& schema) {
  Node::Object members;
  add_properties(schema, members);
  return {std::move(members), {}};
}

void Sampler::add_properties(const Node& schema, Node::Object& members) {
  const Node* properties = schema.find("properties");
  const Node::Object* all = properties != nullptr ? properties->as_object() : nullptr;
  if (all == nullptr) {
    return;
  }
  for (const Member& property : *all) {
    const Node* resolved = references_.resolve(property.value);
    const bool read_only = resolved != nullptr && is_true(*resolved, "readOnly");
    const bool known = std::any_of(members.begin(), members.end(), [&](const Member& member) {
      return member.key == property.key;
    });
    if (read_only || known) {
      continue;
    }
    if (auto value = sample(property.value)) {
      members.push_back({property.key, std::move(*value)});
    }
  }
}

std::vector<std::string> Sampler::take_patterns() {
  return std::exchange(patterns_, {});
}

}  // namespace squall::import
