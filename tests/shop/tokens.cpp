#include "tests/shop/tokens.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <optional>
#include <vector>

#include <nlohmann/json.hpp>

#include "loadgen/base/clock.hpp"
#include "loadgen/base/crypto.hpp"
#include "loadgen/base/encoding.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/base/time_text.hpp"
#include "tests/shop/equal_secretly.hpp"
#include "tests/shop/json_body.hpp"
#include "tests/shop/role.hpp"

namespace squall::shop {
namespace {

tl::unexpected<Error> refused(std::string why) {
  return fail(ErrorCode::kInvalidArgument, std::move(why));
}

// RFC 4648 §5, without padding.
std::optional<std::string> from_base64url(std::string_view text) {
  std::string standard(text);
  std::replace(standard.begin(), standard.end(), '-', '+');
  std::replace(standard.begin(), standard.end(), '_', '/');
  const std::size_t padding = (4 - standard.size() % 4) % 4;
  standard.append(padding, '=');
  std::string bytes(standard.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(standard.data()),
                                   static_cast<int>(standard.size()));
  if (size < 0 || padding > 2) {
    return std::nullopt;
  }
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

// A NumericDate claim that need not be there.
Result<std::optional<std::int64_t>> date_claim(const nlohmann::json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end()) {
    return std::optional<std::int64_t>();
  }
  if (!found->is_number_integer()) {
    return refused(std::string(name) + " is no whole number of seconds");
  }
  return found->get<std::int64_t>();
}

Result<void> check_times(const nlohmann::json& claims, Duration leeway, WallTime now) {
  const auto expires = date_claim(claims, "exp");
  const auto not_before = date_claim(claims, "nbf");
  if (!expires || !not_before) {
    return fail(expires ? not_before.error() : expires.error());
  }
  if (!*expires) {
    return refused("a token without exp");
  }
  const auto at = [](std::int64_t seconds) { return WallTime(std::chrono::seconds(seconds)); };
  if (now >= at(**expires) + leeway) {
    return refused("the token has expired");
  }
  if (*not_before && now + leeway < at(**not_before)) {
    return refused("the token is not valid yet");
  }
  return {};
}

std::string date_now() {
  std::string date;
  append_http_date(wall_clock_now(), date);
  return date;
}

}  // namespace

Result<std::string> bearer_of(const std::string& authorization, const TokensOptions& options,
                              WallTime now) {
  constexpr std::string_view kScheme = "Bearer ";
  if (!authorization.starts_with(kScheme)) {
    return refused("no bearer token");
  }
  const std::string_view token = std::string_view(authorization).substr(kScheme.size());
  const std::vector<std::string_view> parts = split(token, '.');
  if (parts.size() != 3) {
    return refused("no token of three parts");
  }
  const std::string_view is_signed = token.substr(0, parts[0].size() + 1 + parts[1].size());
  std::string signature;
  append_base64(hmac_of(DigestKind::kSha256, options.secret, is_signed).bytes(), Base64::kUrl,
                signature);
  if (!equal_secretly(signature, parts[2])) {
    return refused("the signature is wrong");
  }
  const auto payload = from_base64url(parts[1]);
  const auto claims = payload ? parse_object(*payload) : refused("claims that are no base64url");
  if (!claims) {
    return fail(claims.error());
  }
  if (options.times == TokenTimes::kChecked) {
    if (const auto in_time = check_times(*claims, options.leeway, now); !in_time) {
      return fail(in_time.error());
    }
  }
  return text_field(*claims, "sub");
}

int run_tokens(const TokensOptions& options) {
  Role role("tokens", options.http, options.log_level);
  using Method = HttpService::Method;
  const auto who = [&options](const Call& call) {
    const auto subject =
        bearer_of(call.header("Authorization").value_or(""), options, wall_clock_now());
    Answer answer = subject ? Answer{200, nlohmann::json{{"sub", *subject}}.dump()}
                            : problem(401, subject.error().message);
    answer.headers.emplace_back("Date", date_now());
    return answer;
  };
  role.http().route(Method::kGet, "/whoami", "/whoami", who);
  role.http().route(Method::kGet, "/readyz", "/readyz", [](const Call&) {
    Answer answer{200, R"({"status":"ready"})"};
    answer.headers.emplace_back("Date", date_now());
    return answer;
  });
  return role.serve([] {});
}

}  // namespace squall::shop
