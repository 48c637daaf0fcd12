#include "loadgen/plan/shipped_profiles.hpp"

#include "idempotency_profiles.hpp"

namespace squall::plan {

std::span<const ShippedProfile> shipped_profiles() {
  return kShippedProfiles;
}

}  // namespace squall::plan
