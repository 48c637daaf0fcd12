// A failure frees the key, and nothing of what was under way is kept: the next request with it is a
// new operation, for which the other services get a new key. When the call that failed had been
// carried out after all (its answer was lost, or came too late), it is carried out twice.
#include "tests/shop/claimed_keys.hpp"

namespace squall::shop {

std::unique_ptr<Keys> make_forgetful_keys(const KeySettings& settings, Keys::Deps deps) {
  ClaimRules rules;
  rules.on_failure = OnFailure::kForget;
  return std::make_unique<ClaimedKeys>(
      settings, deps, make_claims(deps, {settings.lock_time, settings.window}), std::move(rules));
}

}  // namespace squall::shop
