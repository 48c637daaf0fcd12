// A service that trusts signed tokens: JSON Web Tokens with HMAC-SHA256 in Authorization.
#pragma once

#include <string>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"
#include "tests/shop/http_service.hpp"
#include "tests/shop/log.hpp"

namespace squall::shop {

enum class TokenTimes {
  kChecked,  // exp and nbf, give or take the leeway
  kIgnored,  // a good signature is enough, for ever
};

struct TokensOptions {
  HttpOptions http = {};
  LogLevel log_level = LogLevel::kInfo;
  std::string secret = {};
  TokenTimes times = TokenTimes::kChecked;
  Duration leeway = Duration::zero();
};

// Whose token it is (`sub`); why it is none that counts. `now`: by the service's wall clock.
[[nodiscard]] Result<std::string> bearer_of(const std::string& authorization,
                                            const TokensOptions& options, WallTime now);

// Runs the role until it is told to stop; the process's exit code.
[[nodiscard]] int run_tokens(const TokensOptions& options);

}  // namespace squall::shop
