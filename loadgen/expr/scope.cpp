#include "loadgen/expr/scope.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <vector>

#include <fmt/core.h>

#include "loadgen/base/check.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/expr/braces.hpp"

namespace squall::expr {
namespace {

constexpr std::string_view kEnvironmentOpen = "${env:";

// Prefixes of names that only exist while a plan is read.
constexpr std::array<std::string_view, 5> kLoadTimePrefixes{"var.", "port.", "dir.", "proxy.",
                                                            "sink."};

std::string_view prefix_of(std::string_view name) {
  for (const std::string_view prefix : kLoadTimePrefixes) {
    if (name.starts_with(prefix)) {
      return prefix;
    }
  }
  return {};
}

bool is_variable_name(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  const auto letter_or_digit = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
  return !name.empty() && letter(name.front()) &&
         std::all_of(name.begin(), name.end(), letter_or_digit);
}

Error at_offset(Error error, std::size_t offset) {
  error.where = SourceRef{{}, 0, static_cast<unsigned>(offset + 1)};
  return error;
}

// {{name}} or ${env:NAME} in a text.
struct Reference {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::optional<std::string_view> variable;  // of the environment
  Braces braces;                             // without one
};

Result<std::optional<Reference>> next_reference(std::string_view text, std::size_t from) {
  const std::size_t variable = text.find(kEnvironmentOpen, from);
  if (variable < text.find("{{", from)) {
    const std::size_t name = variable + kEnvironmentOpen.size();
    const std::size_t close = text.find('}', name);
    if (close == std::string_view::npos) {
      return fail(
          at_offset({ErrorCode::kMalformed, "\"${env:\" has no closing \"}\"", {}}, variable));
    }
    return Reference{variable, close + 1, text.substr(name, close - name), {}};
  }
  const auto braces = find_braces(text, from);
  if (!braces) {
    return fail(braces.error());
  }
  if (!*braces) {
    return std::nullopt;
  }
  return Reference{(*braces)->begin, (*braces)->end, std::nullopt, **braces};
}

}  // namespace

void Scope::define(std::string name, std::string value) {
  typed_.erase(name);
  values_.insert_or_assign(std::move(name), std::move(value));
}

void Scope::define(std::string name, const Value& value) {
  if (const std::string* text = value.as_string()) {
    define(std::move(name), *text);
    return;
  }
  SQUALL_CHECK(value.as_array() == nullptr && value.as_table() == nullptr);
  define(name, scalar_text(value));
  typed_.insert_or_assign(std::move(name), value);
}

void Scope::refuse(std::string name, std::string why) {
  refused_.insert_or_assign(std::move(name), std::move(why));
}

const Value* Scope::typed(std::string_view text) const {
  const auto braces = find_braces(text, 0);
  if (!braces || !*braces || (*braces)->begin != 0 || (*braces)->end != text.size()) {
    return nullptr;
  }
  const auto found = typed_.find((*braces)->inside);
  return found == typed_.end() ? nullptr : &found->second;
}

Result<std::optional<std::string>> Scope::environment_value(std::string_view name) const {
  if (!is_variable_name(name)) {
    return fail(
        ErrorCode::kMalformed,
        fmt::format("\"${{env:{}}}\" does not name an environment variable", printable(name, 60)));
  }
  std::optional<std::string> value = environment_ ? environment_(std::string(name)) : std::nullopt;
  if (!value) {
    return fail(ErrorCode::kNotFound, fmt::format("environment variable {} is not set", name));
  }
  add_secret(*value);
  return value;
}

void Scope::add_secret(std::string made) const {
  if (!made.empty()) {
    secrets_.insert(std::move(made));
  }
}

Error Scope::unknown(std::string_view name) const {
  const std::string_view prefix = prefix_of(name);
  std::vector<std::string_view> candidates;
  for (const auto& [known, value] : values_) {
    if (known.starts_with(prefix)) {
      candidates.emplace_back(known);
    }
  }
  std::string message = fmt::format("{{{{{}}}}} is not defined", printable(name, 60));
  if (const auto nearest = nearest_name(name, candidates)) {
    message += fmt::format("; did you mean {{{{{}}}}}?", *nearest);
  } else if (!candidates.empty()) {
    message += fmt::format("; known are {}", join_or(candidates));
  }
  return {ErrorCode::kNotFound, std::move(message), {}};
}

Result<std::optional<std::string>> Scope::value_of(const Braces& braces) const {
  const auto value = values_.find(braces.name);
  if (value == values_.end()) {
    if (const auto refused = refused_.find(braces.name); refused != refused_.end()) {
      return fail(ErrorCode::kNotFound, refused->second);
    }
    if (!prefix_of(braces.name).empty()) {
      return fail(unknown(braces.name));
    }
    return std::nullopt;
  }
  if (braces.format) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{{{{{}}}}} is filled in while the plan is read and takes no format",
                            braces.name));
  }
  return value->second;
}

std::string Scope::resolve_path(std::string_view path) const {
  return (std::filesystem::path(folder_) / std::filesystem::path(path)).lexically_normal().string();
}

Result<std::string> Scope::substitute(std::string_view text) const {
  std::string result;
  std::size_t copied = 0;
  std::size_t searched = 0;
  while (true) {
    const auto reference = next_reference(text, searched);
    if (!reference) {
      return fail(reference.error());
    }
    if (!*reference) {
      return result.append(text.substr(copied));
    }
    const auto& [begin, end, variable, braces] = **reference;
    auto value = variable ? environment_value(*variable) : value_of(braces);
    if (!value) {
      return fail(at_offset(std::move(value).error(), begin));
    }
    if (*value) {
      result.append(text.substr(copied, begin - copied)).append(**value);
      copied = end;
    }
    searched = end;
  }
}

}  // namespace squall::expr
