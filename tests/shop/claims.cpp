#include "tests/shop/claims.hpp"

#include <chrono>

#include "loadgen/base/clock.hpp"
#include "tests/shop/sqlite.hpp"

namespace squall::shop {
namespace {

std::int64_t wall_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(wall_clock_now().time_since_epoch())
      .count();
}

// Claims from before this moment belong to dead owners.
std::int64_t abandoned_before_ms(Duration lock_time) {
  return wall_ms() - std::chrono::duration_cast<std::chrono::milliseconds>(lock_time).count();
}

}  // namespace

Result<Claim> claim_key(Connection& writer, const ClaimRequest& wanted, Duration lock_time) {
  const Result<void> inserted = writer
                                    .prepare(
                                        "INSERT INTO claims(key, request, owner, claimed_ms) "
                                        "VALUES(?, ?, ?, ?) ON CONFLICT(key) DO NOTHING")
                                    .bind(wanted.key)
                                    .bind(wanted.request)
                                    .bind(wanted.owner)
                                    .bind(wall_ms())
                                    .run();
  if (!inserted) {
    return fail(inserted.error());
  }
  if (writer.changes() == 1) {
    return Claim{ClaimState::kWon, {}};
  }
  const Result<void> taken_over =
      writer
          .prepare(
              "UPDATE claims SET owner = ?, claimed_ms = ? "
              "WHERE key = ? AND request = ? AND body IS NULL AND claimed_ms < ?")
          .bind(wanted.owner)
          .bind(wall_ms())
          .bind(wanted.key)
          .bind(wanted.request)
          .bind(abandoned_before_ms(lock_time))
          .run();
  if (!taken_over) {
    return fail(taken_over.error());
  }
  if (writer.changes() == 1) {
    return Claim{ClaimState::kWon, {}};
  }
  Result<Claim> claim = look_at_key(writer, wanted, lock_time);
  // Within the writing connection's turn nobody else of this process can have released it; another
  // process can.
  if (claim && claim->state == ClaimState::kWon) {
    claim->state = ClaimState::kInFlight;
  }
  return claim;
}

Result<Claim> look_at_key(Connection& reader, const ClaimRequest& wanted, Duration lock_time) {
  Statement statement =
      reader.prepare("SELECT request, body, claimed_ms FROM claims WHERE key = ?");
  const Result<bool> row = statement.bind(wanted.key).step();
  if (!row) {
    return fail(row.error());
  }
  if (!*row) {
    return Claim{ClaimState::kWon, {}};
  }
  if (statement.text(0) != wanted.request) {
    return Claim{ClaimState::kMismatch, {}};
  }
  if (!statement.is_null(1)) {
    return Claim{ClaimState::kDone, statement.text(1)};
  }
  const bool abandoned = statement.integer(2) < abandoned_before_ms(lock_time);
  return Claim{abandoned ? ClaimState::kWon : ClaimState::kInFlight, {}};
}

Result<bool> finish_claim(Connection& writer, const ClaimRequest& owned, const std::string& body) {
  return writer.prepare("UPDATE claims SET body = ? WHERE key = ? AND owner = ? AND body IS NULL")
      .bind(body)
      .bind(owned.key)
      .bind(owned.owner)
      .run()
      .map([&] { return writer.changes() == 1; });
}

Result<void> release_claim(Connection& writer, const ClaimRequest& owned) {
  return writer.prepare("DELETE FROM claims WHERE key = ? AND owner = ? AND body IS NULL")
      .bind(owned.key)
      .bind(owned.owner)
      .run();
}

}  // namespace squall::shop
