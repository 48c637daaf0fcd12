// 9: the same thing, written otherwise.
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "loadgen/verify/means.hpp"
#include "loadgen/verify/property.hpp"
#include "loadgen/verify/repeat.hpp"

namespace squall::verify {
namespace {

constexpr std::array<std::string_view, 2> kRemedies = {
    "compare fingerprints of the canonical payload, not of its bytes",
    "leave headers that say nothing about the operation out of the fingerprint",
};

using Json = nlohmann::ordered_json;

struct Variant {
  std::string_view what;
  // Nothing when the body cannot be written that way.
  std::optional<std::string> (*rewrite)(const std::string& body);
};

std::optional<std::string> reversed(const std::string& body) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object() || json.size() < 2) {
    return std::nullopt;
  }
  Json other = Json::object();
  for (auto member = json.rbegin(); member != json.rend(); ++member) {
    other[member.key()] = *member;
  }
  return other.dump();
}

std::optional<std::string> spaced(const std::string& body) {
  const Json json = Json::parse(body, nullptr, false);
  return json.is_discarded() ? std::nullopt : std::optional(json.dump(2));
}

// The first whole number among the members, as a decimal fraction.
std::optional<std::string> with_fraction(const std::string& body) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) {
    return std::nullopt;
  }
  for (const auto& [name, value] : json.items()) {
    if (value.is_number_integer()) {
      Json other = json;
      other[name] = static_cast<double>(value.get<std::int64_t>());
      return other.dump();
    }
  }
  return std::nullopt;
}

std::optional<std::string> unchanged(const std::string& body) {
  return body;
}

constexpr std::array<Variant, 4> kVariants = {{{"members in another order", reversed},
                                               {"other spaces", spaced},
                                               {"1.0 for 1", with_fraction},
                                               {"another trace header", unchanged}}};

void one_round(Lab& lab, Trial& trial, const Variant& variant, std::string& outcome) {
  Shot shot = lab.shot(lab.new_operation());
  const auto first = first_success(lab, trial, shot);
  if (!first) {
    return;
  }
  const std::size_t body_at = first->request.find("\r\n\r\n") + 4;
  const auto body = variant.rewrite(first->request.substr(body_at));
  if (!body) {
    outcome = fmt::format("{}: the payload cannot be written so", variant.what);
    return;
  }
  trial.expect(shot.operation);
  trial.last_expectation().above = Severity::kWarn;
  shot.edit.body = *body;
  shot.edit.headers = {{"X-Request-Id", lab.new_key()}};
  const Answer again = lab.play(trial, shot);
  const bool replayed = again.succeeded() && lab.differs_from_first(*first, again).empty();
  outcome = fmt::format(
      "{}: {}", variant.what,
      replayed ? "the same payload" : fmt::format("another payload (status {})", again.status));
}

void test(Lab& lab, PropertyTest& test) {
  std::array<std::string, kVariants.size()> outcomes;
  unsigned round = 0;
  test.rounds(kVariants.size(), [&](Trial& trial) {
    const std::size_t which = round++ % kVariants.size();
    one_round(lab, trial, kVariants.at(which), outcomes.at(which));
  });
  for (const std::string& outcome : outcomes) {
    if (!outcome.empty()) {
      test.note(outcome);
    }
  }
}

}  // namespace

void register_property_kind_equivalent_bytes(PropertyRegistry& registry);
void register_property_kind_equivalent_bytes(PropertyRegistry& registry) {
  registry.add(
      {.name = "equivalent-bytes",
       .number = 9,
       .title = "Equivalent bytes",
       .provocation = "order of members, spaces, 1 and 1.0, another trace header",
       .promise = "What counts as the same payload is known; none of it has a second effect.",
       .lacks = lacks_json_body,
       .test = test,
       .remedies = kRemedies});
}

}  // namespace squall::verify
