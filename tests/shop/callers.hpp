// Who asks.
#pragma once

#include <string>

#include "loadgen/base/result.hpp"

namespace squall::shop {

class Call;

// The account of "Authorization: Bearer TOKEN": any token is its own, known by its digest; empty
// without that header, and with Basic credentials, which are for whoever stands in front of the
// shop. kMalformed when the header says anything else.
[[nodiscard]] Result<std::string> caller_of(const Call& call);

}  // namespace squall::shop
