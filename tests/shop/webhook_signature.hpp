// Signatures of webhooks, as the Standard Webhooks specification has them: Webhook-Signature is
// "v1," and the base64 of HMAC-SHA256 over "<Webhook-Id>.<Webhook-Timestamp>.<body>".
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"

namespace squall::shop {

class Call;

// The three headers of a webhook that is sent at `now`; without a secret, it is not signed.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> webhook_headers(
    const std::string& secret, const std::string& id, std::string_view body, WallTime now);

// kInvalidArgument with the reason when the webhook is not signed with the secret, or was signed
// more than five minutes ago or ahead. Without a secret everything passes.
[[nodiscard]] Result<void> check_webhook(const Call& call, const std::string& secret, WallTime now);

}  // namespace squall::shop
