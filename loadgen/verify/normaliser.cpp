#include "loadgen/verify/normaliser.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "loadgen/base/text.hpp"
#include "loadgen/expr/json_place.hpp"

namespace squall::verify {
namespace {

using nlohmann::json;

constexpr std::size_t kShown = 60;

// Without masked fields, elements in order, whole numbers as integers.
json canonical(const json& value, const std::string& place, const std::set<std::string>& masked) {
  if (value.is_object()) {
    json object = json::object();
    for (const auto& [name, member] : value.items()) {
      const std::string at = expr::pointer_to(place, name);
      if (!masked.contains(at)) {
        object[name] = canonical(member, at, masked);
      }
    }
    return object;
  }
  if (value.is_array()) {
    json array = json::array();
    for (const json& element : value) {
      array.push_back(canonical(element, place + "/*", masked));
    }
    std::sort(array.begin(), array.end());
    return array;
  }
  if (value.is_number_float()) {
    constexpr double kExact = 9007199254740992.0;  // 2^53
    const double number = value.get<double>();
    if (std::floor(number) == number && std::abs(number) < kExact) {
      return static_cast<std::int64_t>(number);
    }
  }
  return value;
}

std::string shown(const json& value) {
  return printable(value.dump(-1, ' ', false, json::error_handler_t::replace), kShown);
}

using Difference = std::pair<std::string, std::string>;  // where, and what

std::optional<Difference> compare(const json& a, const json& b, const std::string& place);

std::optional<Difference> compare_members(const json& a, const json& b, const std::string& place) {
  for (const auto& [name, member] : a.items()) {
    const std::string at = expr::pointer_to(place, name);
    if (!b.contains(name)) {
      return Difference{at, "is missing"};
    }
    if (auto found = compare(member, b.at(name), at)) {
      return found;
    }
  }
  for (const auto& [name, member] : b.items()) {
    if (!a.contains(name)) {
      return Difference{expr::pointer_to(place, name), "is new: " + shown(member)};
    }
  }
  return std::nullopt;
}

// Both canonical.
std::optional<Difference> compare(const json& a, const json& b, const std::string& place) {
  if (a.is_object() && b.is_object()) {
    return compare_members(a, b, place);
  }
  if (a.is_array() && b.is_array() && a.size() == b.size()) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (auto found = compare(a[i], b[i], place + "/*")) {
        return found;
      }
    }
    return std::nullopt;
  }
  if (a == b) {
    return std::nullopt;
  }
  return Difference{place, fmt::format("is {}, was {}", shown(b), shown(a))};
}

}  // namespace

void Normaliser::learn(const std::vector<std::string>& bodies) {
  for (std::size_t i = 1; i < bodies.size(); ++i) {
    const json first = json::parse(bodies.front(), nullptr, false);
    const json other = json::parse(bodies[i], nullptr, false);
    if (first.is_discarded() || other.is_discarded()) {
      return;
    }
    // Each difference that is masked uncovers the next one; there are no more than fields.
    while (const auto found =
               compare(canonical(first, "", volatile_), canonical(other, "", volatile_), "")) {
      if (!volatile_.insert(found->first).second || found->first.empty()) {
        return;
      }
    }
  }
}

std::string Normaliser::difference(std::string_view first, std::string_view second) const {
  if (first == second) {
    return {};
  }
  const json a = json::parse(first, nullptr, false);
  const json b = json::parse(second, nullptr, false);
  if (a.is_discarded() || b.is_discarded()) {
    return fmt::format("the body is \"{}\", was \"{}\"", printable(second, kShown),
                       printable(first, kShown));
  }
  const auto found = compare(canonical(a, "", volatile_), canonical(b, "", volatile_), "");
  if (!found) {
    return {};
  }
  return fmt::format("{} {}", found->first.empty() ? "the body" : printable(found->first, kShown),
                     found->second);
}

}  // namespace squall::verify
