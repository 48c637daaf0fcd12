// Idempotency keys that are claimed: of all requests with a key, one at a time owns it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"
#include "tests/shop/keys.hpp"
#include "tests/shop/operation.hpp"

namespace squall::shop {

enum class ClaimState {
  kWon,       // the caller owns the key: it works on, then finishes or gives up
  kInFlight,  // somebody else owns it
  kDone,      // answered
  kMismatch,  // the key belongs to another request
};

struct Claim {
  ClaimState state = ClaimState::kInFlight;
  Progress progress = {};  // kWon: how far the operation is
  Answer answer = {};      // kDone
};

struct ClaimRequest {
  KeyedRequest asked;
  std::string owner;  // unique to this attempt: what the owner of a claim is known by
};

struct ClaimTimes {
  // An owner that has not got on for so long is taken for dead, and its claim taken over. By the
  // wall clock, so that it holds across processes and restarts. Empty: never.
  std::optional<Duration> lock_time;
  // A key that was first used longer ago is forgotten unless somebody works under it. Zero: never.
  Duration window{};
};

enum class GiveUp {
  kKeepOperation,  // the next owner goes on with the same operation
  kForget,         // as if the key had never been used
};

// Where claims are kept. All fail with what their store says. Any thread.
class Claims {
 public:
  virtual ~Claims() = default;

  // Wins a key that nobody has, or that was given up, or whose owner is taken for dead; else says
  // how the key stands. A new operation is known by the `owner` of its first attempt.
  [[nodiscard]] virtual Result<Claim> claim(const ClaimRequest& wanted) = 0;
  // How the key stands, without claiming it; kWon when claiming may succeed.
  [[nodiscard]] virtual Result<Claim> look(const ClaimRequest& wanted) = 0;
  // A recovery point: whoever takes the claim over goes on from here. The lock time begins anew.
  // False when the caller no longer owns the key.
  [[nodiscard]] virtual Result<bool> advance(const ClaimRequest& owned,
                                             const Progress& progress) = 0;
  // Stores the answer in the transaction that records the effect, if claims are in the same
  // database. False when the caller no longer owns the key: the transaction must be rolled back.
  [[nodiscard]] virtual Result<bool> finish_within(Connection& writer, const ClaimRequest& owned,
                                                   const Answer& answer) = 0;
  // Stores it after that transaction, if they are not.
  [[nodiscard]] virtual Result<void> finish_after(const ClaimRequest& owned,
                                                  const Answer& answer) = 0;
  // Does nothing when the caller no longer owns the key.
  [[nodiscard]] virtual Result<void> give_up(const ClaimRequest& owned, GiveUp how) = 0;
  // Drops keys that are forgotten.
  [[nodiscard]] virtual Result<void> reap() = 0;
};

[[nodiscard]] std::unique_ptr<Claims> make_database_claims(Database& database, ClaimTimes times);
[[nodiscard]] std::unique_ptr<Claims> make_claims_in_memory(ClaimTimes times);
[[nodiscard]] std::unique_ptr<Claims> make_redis_claims(Redis& redis, ClaimTimes times);
// In Redis when there is one, else in the database.
[[nodiscard]] std::unique_ptr<Claims> make_claims(const Keys::Deps& deps, ClaimTimes times);

// Milliseconds since 1970.
[[nodiscard]] std::int64_t wall_clock_ms();
// A claim whose owner last got on before this moment is abandoned.
[[nodiscard]] std::int64_t abandoned_before_ms(const ClaimTimes& times, std::int64_t now_ms);
// A key that was first used before this moment is out of the window.
[[nodiscard]] std::int64_t forgotten_before_ms(const ClaimTimes& times, std::int64_t now_ms);

}  // namespace squall::shop
