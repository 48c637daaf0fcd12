// Claim, then act: what a service should do. How it works stands with ClaimedKeys.
#include "tests/shop/claimed_keys.hpp"

namespace squall::shop {

std::unique_ptr<Keys> make_atomic_keys(const KeySettings& settings, Keys::Deps deps) {
  return std::make_unique<ClaimedKeys>(
      settings, deps, make_claims(deps, {settings.lock_time, settings.window}), ClaimRules());
}

}  // namespace squall::shop
