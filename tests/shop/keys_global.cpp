// The key alone is unique, for all callers and all endpoints: whoever sends a key that somebody
// else has used gets what that one was answered.
#include "tests/shop/claimed_keys.hpp"

namespace squall::shop {

std::unique_ptr<Keys> make_global_keys(const KeySettings& settings, Keys::Deps deps) {
  ClaimRules rules;
  rules.identify = [](KeyedRequest request) {
    request.caller.clear();
    request.endpoint.clear();
    return request;
  };
  return std::make_unique<ClaimedKeys>(
      settings, deps, make_claims(deps, {settings.lock_time, settings.window}), std::move(rules));
}

}  // namespace squall::shop
