// Credentials of recordings: kept out of the plan, in variables of the environment.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/import/draft.hpp"
#include "loadgen/import/plan_text.hpp"

namespace squall::import {

// "X-Api-Key" as API_KEY, "bearerAuth" as BEARER_AUTH.
[[nodiscard]] std::string variable_name(std::string_view kind);

enum class SecretPolicy { kVariables, kKeep };

// Whether a header, parameter or member of that name usually carries a credential: "Authorization",
// "X-Api-Key", "access_token", "password".
[[nodiscard]] bool is_secret_name(std::string_view name);

// Gives each credential a variable: the same credential of the same kind the same one. One plan;
// one thread.
class Secrets {
 public:
  explicit Secrets(SecretPolicy policy) : policy_(policy) {}

  // The credential as it stands in the plan: ${env:NAME}, or itself when secrets are kept. The
  // variable's name is made of `kind` ("X-Api-Key": API_KEY); `meaning` is for people. An empty
  // credential stays empty.
  [[nodiscard]] PlanText hide(std::string_view credential, std::string_view kind,
                              std::string meaning);
  // The value of a header that is_secret_name(): the scheme of Authorization stays readable.
  [[nodiscard]] PlanText hide_header(std::string_view name, std::string_view value);
  // ${env:NAME} of a variable that somebody else named. REQUIRES: is_variable_name(name).
  [[nodiscard]] PlanText variable(std::string_view name, std::string meaning);

  [[nodiscard]] const std::vector<DraftSecret>& all() const { return secrets_; }

 private:
  struct Known {
    std::string kind;  // name of the variable before it got a number
    std::string credential;
    std::string variable;
  };
  [[nodiscard]] bool is_taken(std::string_view variable) const;

  SecretPolicy policy_;
  std::vector<Known> known_;
  std::vector<DraftSecret> secrets_;
};

}  // namespace squall::import
