#include "tests/shop/webhook_signature.hpp"

#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>

#include "loadgen/base/crypto.hpp"
#include "loadgen/base/encoding.hpp"
#include "loadgen/base/text.hpp"
#include "tests/shop/equal_secretly.hpp"
#include "tests/shop/http_service.hpp"

namespace squall::shop {
namespace {

constexpr const char* kIdHeader = "Webhook-Id";
constexpr const char* kTimestampHeader = "Webhook-Timestamp";
constexpr const char* kSignatureHeader = "Webhook-Signature";
constexpr std::chrono::seconds kTolerance = std::chrono::minutes(5);

std::string signature_of(const std::string& secret, const std::string& id,
                         const std::string& timestamp, std::string_view body) {
  std::string signature = "v1,";
  append_base64(
      hmac_of(DigestKind::kSha256, secret, id + "." + timestamp + "." + std::string(body)).bytes(),
      Base64::kStandard, signature);
  return signature;
}

std::chrono::seconds since_1970(WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch());
}

}  // namespace

std::vector<std::pair<std::string, std::string>> webhook_headers(const std::string& secret,
                                                                 const std::string& id,
                                                                 std::string_view body,
                                                                 WallTime now) {
  const std::string timestamp = std::to_string(since_1970(now).count());
  std::vector<std::pair<std::string, std::string>> headers = {{kIdHeader, id},
                                                              {kTimestampHeader, timestamp}};
  if (!secret.empty()) {
    headers.emplace_back(kSignatureHeader, signature_of(secret, id, timestamp, body));
  }
  return headers;
}

Result<void> check_webhook(const Call& call, const std::string& secret, WallTime now) {
  if (secret.empty()) {
    return {};
  }
  const std::optional<std::string> id = call.header(kIdHeader);
  const std::optional<std::string> timestamp = call.header(kTimestampHeader);
  const std::optional<std::string> signatures = call.header(kSignatureHeader);
  if (!id || !timestamp || !signatures) {
    return fail(ErrorCode::kInvalidArgument, "the webhook is not signed");
  }
  std::int64_t seconds = 0;
  const char* const end = timestamp->data() + timestamp->size();
  if (std::from_chars(timestamp->data(), end, seconds).ptr != end) {
    return fail(ErrorCode::kInvalidArgument, "Webhook-Timestamp is no number of seconds");
  }
  const std::string expected = signature_of(secret, *id, *timestamp, call.body());
  bool matches = false;
  for (const std::string_view signature : split(*signatures, ' ')) {
    matches = equal_secretly(signature, expected) || matches;
  }
  if (!matches) {
    return fail(ErrorCode::kInvalidArgument, "the webhook's signature is wrong");
  }
  const std::int64_t present = since_1970(now).count();
  if (seconds < present - kTolerance.count() || seconds > present + kTolerance.count()) {
    return fail(ErrorCode::kInvalidArgument, "the webhook was not signed just now");
  }
  return {};
}

}  // namespace squall::shop
