#include "loadgen/import/secrets.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"

namespace squall::import {
namespace {

constexpr std::size_t kMaxVariable = 40;

// Lower case letters and digits only: "X-API-Key" and "x_api_key" are one name.
std::string folded(std::string_view name) {
  std::string plain;
  for (const char c : to_lower(name)) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      plain += c;
    }
  }
  return plain;
}

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

}  // namespace

std::string variable_name(std::string_view kind) {
  if (equals_ignoring_case(kind.substr(0, 2), "x-")) {
    kind.remove_prefix(2);
  }
  std::string name;
  char before = 0;
  for (const char c : kind.substr(0, kMaxVariable)) {
    const bool new_word = is_upper(c) && is_lower(before);
    const bool letter_or_digit =
        is_upper(c) || is_lower(c) || (c >= '0' && c <= '9' && !name.empty());
    if ((new_word || !letter_or_digit) && !name.empty() && name.back() != '_') {
      name += '_';
    }
    if (letter_or_digit) {
      name += is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
    }
    before = c;
  }
  while (name.ends_with('_')) {
    name.pop_back();
  }
  return name.empty() ? "SECRET" : name;
}

bool is_secret_name(std::string_view name) {
  constexpr std::array<std::string_view, 15> kParts{
      "authorization", "apikey",     "token",     "secret",    "password",
      "passwd",        "passphrase", "csrf",      "sessionid", "credential",
      "accesskey",     "privatekey", "signature", "authkey",   "subscriptionkey"};
  constexpr std::array<std::string_view, 9> kWhole{"cookie", "cookie2", "auth", "pwd", "pin",
                                                   "sig",    "jwt",     "sid",  "otp"};
  const std::string plain = folded(name);
  return std::find(kWhole.begin(), kWhole.end(), plain) != kWhole.end() ||
         std::any_of(kParts.begin(), kParts.end(),
                     [&](std::string_view part) { return plain.find(part) != std::string::npos; });
}

bool Secrets::is_taken(std::string_view variable) const {
  return std::any_of(secrets_.begin(), secrets_.end(),
                     [&](const DraftSecret& secret) { return secret.variable == variable; });
}

PlanText Secrets::hide(std::string_view credential, std::string_view kind, std::string meaning) {
  if (policy_ == SecretPolicy::kKeep || credential.empty()) {
    return PlanText(credential);
  }
  const std::string base = variable_name(kind);
  const auto known = std::find_if(known_.begin(), known_.end(), [&](const Known& one) {
    return one.kind == base && one.credential == credential;
  });
  if (known != known_.end()) {
    return PlanText().secret(known->variable);
  }
  std::string variable = base;
  for (unsigned number = 2; is_taken(variable); ++number) {
    variable = fmt::format("{}_{}", base, number);
  }
  known_.push_back({base, std::string(credential), variable});
  secrets_.push_back({variable, std::move(meaning)});
  return PlanText().secret(variable);
}

PlanText Secrets::hide_header(std::string_view name, std::string_view value) {
  const bool has_scheme = equals_ignoring_case(name, "Authorization") ||
                          equals_ignoring_case(name, "Proxy-Authorization");
  const std::size_t space = value.find(' ');
  if (!has_scheme || space == std::string_view::npos) {
    return hide(value, name, fmt::format("the value of the header {}", name));
  }
  const std::string_view scheme = value.substr(0, space);
  const std::string_view credential = trim(value.substr(space));
  const std::string_view kind = equals_ignoring_case(scheme, "Bearer")  ? "TOKEN"
                                : equals_ignoring_case(scheme, "Basic") ? "BASIC_AUTH"
                                                                        : name;
  const std::string_view what = equals_ignoring_case(scheme, "Basic")
                                    ? "\"user:password\" in base64, for the header"
                                    : "what follows the scheme in the header";
  return PlanText(value.substr(0, space + 1))
      .append(hide(credential, kind, fmt::format("{} {}", what, name)));
}

PlanText Secrets::variable(std::string_view name, std::string meaning) {
  if (!is_taken(name)) {
    secrets_.push_back({std::string(name), std::move(meaning)});
  }
  return PlanText().secret(name);
}

}  // namespace squall::import
