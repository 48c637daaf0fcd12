// Keys are not held against what the requests ask for: a key that is used again with another
// payload gets the answer of the first.
#include "tests/shop/claimed_keys.hpp"

namespace squall::shop {

std::unique_ptr<Keys> make_bodiless_keys(const KeySettings& settings, Keys::Deps deps) {
  ClaimRules rules;
  rules.identify = [](KeyedRequest request) {
    request.request.clear();
    return request;
  };
  return std::make_unique<ClaimedKeys>(
      settings, deps, make_claims(deps, {settings.lock_time, settings.window}), std::move(rules));
}

}  // namespace squall::shop
