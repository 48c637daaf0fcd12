// Keys in a map of the process: everything holds as long as there is one process and it lives. A
// second replica, or the same one after a restart, has never heard of the key and carries the
// request out again, as an operation of its own.
#include "tests/shop/claimed_keys.hpp"

namespace squall::shop {

std::unique_ptr<Keys> make_keys_in_memory(const KeySettings& settings, Keys::Deps deps) {
  return std::make_unique<ClaimedKeys>(
      settings, deps, make_claims_in_memory({settings.lock_time, settings.window}), ClaimRules());
}

}  // namespace squall::shop
