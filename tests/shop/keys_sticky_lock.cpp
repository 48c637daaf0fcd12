// A lock without an expiry, which only the path to a success releases: when the process dies inside
// a request, or a service that it calls fails, the key is in use for ever.
#include "tests/shop/claimed_keys.hpp"

namespace squall::shop {

std::unique_ptr<Keys> make_sticky_keys(const KeySettings& settings, Keys::Deps deps) {
  ClaimRules rules;
  rules.on_failure = OnFailure::kStayLocked;
  return std::make_unique<ClaimedKeys>(
      settings, deps, make_claims(deps, {std::nullopt, settings.window}), std::move(rules));
}

}  // namespace squall::shop
