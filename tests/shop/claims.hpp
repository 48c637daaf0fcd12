// Idempotency keys claimed in the database: of all requests with a key, one at a time owns it.
#pragma once

#include <cstdint>
#include <string>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"

namespace squall::shop {

class Connection;

enum class ClaimState {
  kWon,       // the caller owns the key: it charges, then finishes or releases
  kInFlight,  // somebody else owns it
  kDone,      // answered: `body` is the answer
  kMismatch,  // the key belongs to another request
};

struct Claim {
  ClaimState state = ClaimState::kInFlight;
  std::string body;
};

struct ClaimRequest {
  std::string key;
  std::string request;  // canonical
  std::string owner;    // unique to this attempt: what finish() and release() are checked against
};

// Wins a key that nobody has, or whose owner has held it for longer than `lock_time` (wall clock,
// so that it holds across processes and restarts): that owner died, and its charge is repeated
// under the same key, which the provider recognises. Otherwise says how the key stands. `writer`:
// the writing connection.
[[nodiscard]] Result<Claim> claim_key(Connection& writer, const ClaimRequest& wanted,
                                      Duration lock_time);

// How the key stands, without claiming it; kWon when nobody holds it or its owner's time is over,
// so claiming may succeed.
[[nodiscard]] Result<Claim> look_at_key(Connection& reader, const ClaimRequest& wanted,
                                        Duration lock_time);

// Stores the answer. False when the caller no longer owns the key: what it did must be rolled back.
[[nodiscard]] Result<bool> finish_claim(Connection& writer, const ClaimRequest& owned,
                                        const std::string& body);

// Gives the key up, so that the next request with it starts afresh. Does nothing when the caller no
// longer owns it.
[[nodiscard]] Result<void> release_claim(Connection& writer, const ClaimRequest& owned);

}  // namespace squall::shop
