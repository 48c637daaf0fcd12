// Claims as rows of the shop's database. The primary key is what only one request can insert.
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/shop/claims.hpp"

namespace squall::shop {
namespace {

// When the owner of a claim that was given up last got on.
constexpr std::int64_t kGivenUp = 0;

std::string text_of(const std::vector<std::string>& results) {
  return nlohmann::json(results).dump();
}

Progress progress_in(const Statement& row, int operation, int results) {
  return {row.text(operation),
          nlohmann::json::parse(row.text(results)).get<std::vector<std::string>>()};
}

Statement& bind_key(Statement& statement, const KeyedRequest& asked) {
  return statement.bind(asked.caller).bind(asked.endpoint).bind(asked.key);
}

class DatabaseClaims final : public Claims {
 public:
  DatabaseClaims(Database& database, ClaimTimes times) : database_(database), times_(times) {}

  Result<Claim> claim(const ClaimRequest& wanted) override;
  Result<Claim> look(const ClaimRequest& wanted) override {
    return look_in(*database_.read(), wanted, wall_clock_ms());
  }
  Result<bool> advance(const ClaimRequest& owned, const Progress& progress) override;
  Result<bool> finish_within(Connection& writer, const ClaimRequest& owned,
                             const Answer& answer) override;
  Result<void> finish_after(const ClaimRequest&, const Answer&) override { return {}; }
  Result<void> give_up(const ClaimRequest& owned, GiveUp how) override;
  Result<void> reap() override;

 private:
  [[nodiscard]] Result<void> forget(Connection& writer, const ClaimRequest& wanted,
                                    std::int64_t now) const;
  [[nodiscard]] static Result<bool> insert(Connection& writer, const ClaimRequest& wanted,
                                           std::int64_t now);
  // Empty when there is nothing to take over.
  [[nodiscard]] Result<std::optional<Progress>> take_over(Connection& writer,
                                                          const ClaimRequest& wanted,
                                                          std::int64_t now) const;
  [[nodiscard]] Result<Claim> look_in(Connection& connection, const ClaimRequest& wanted,
                                      std::int64_t now) const;

  Database& database_;
  ClaimTimes times_;
};

Result<Claim> DatabaseClaims::claim(const ClaimRequest& wanted) {
  const std::int64_t now = wall_clock_ms();
  const Database::WriteLease writer = database_.write();
  const Result<bool> inserted =
      forget(*writer, wanted, now).and_then([&] { return insert(*writer, wanted, now); });
  if (!inserted) {
    return fail(inserted.error());
  }
  if (*inserted) {
    return Claim{ClaimState::kWon, {wanted.owner, {}}};
  }
  Result<std::optional<Progress>> taken = take_over(*writer, wanted, now);
  if (!taken) {
    return fail(taken.error());
  }
  if (*taken) {
    return Claim{ClaimState::kWon, std::move(**taken)};
  }
  Result<Claim> claim = look_in(*writer, wanted, now);
  // Somebody gave it up between the statements.
  if (claim && claim->state == ClaimState::kWon) {
    claim->state = ClaimState::kInFlight;
  }
  return claim;
}

Result<void> DatabaseClaims::forget(Connection& writer, const ClaimRequest& wanted,
                                    std::int64_t now) const {
  if (times_.window == Duration::zero()) {
    return {};
  }
  Statement statement = writer.prepare(
      "DELETE FROM claims WHERE caller = ? AND endpoint = ? AND key = ? AND created_ms < ? "
      "AND (status IS NOT NULL OR claimed_ms < ?)");
  return bind_key(statement, wanted.asked)
      .bind(forgotten_before_ms(times_, now))
      .bind(abandoned_before_ms(times_, now))
      .run();
}

Result<bool> DatabaseClaims::insert(Connection& writer, const ClaimRequest& wanted,
                                    std::int64_t now) {
  Statement statement = writer.prepare(
      "INSERT INTO claims"
      "(caller, endpoint, key, request, operation, owner, created_ms, claimed_ms, results) "
      "VALUES(?, ?, ?, ?, ?, ?, ?, ?, '[]') ON CONFLICT(caller, endpoint, key) DO NOTHING");
  return bind_key(statement, wanted.asked)
      .bind(wanted.asked.request)
      .bind(wanted.owner)
      .bind(wanted.owner)
      .bind(now)
      .bind(now)
      .run()
      .map([&] { return writer.changes() == 1; });
}

Result<std::optional<Progress>> DatabaseClaims::take_over(Connection& writer,
                                                          const ClaimRequest& wanted,
                                                          std::int64_t now) const {
  Statement statement = writer.prepare(
      "UPDATE claims SET owner = ?, claimed_ms = ? "
      "WHERE caller = ? AND endpoint = ? AND key = ? AND request = ? AND status IS NULL "
      "AND claimed_ms < ? RETURNING operation, results");
  statement.bind(wanted.owner).bind(now);
  const Result<bool> row = bind_key(statement, wanted.asked)
                               .bind(wanted.asked.request)
                               .bind(abandoned_before_ms(times_, now))
                               .step();
  if (!row) {
    return fail(row.error());
  }
  if (!*row) {
    return std::nullopt;
  }
  Progress progress = progress_in(statement, 0, 1);
  return statement.run().map([&] { return std::optional(std::move(progress)); });
}

Result<Claim> DatabaseClaims::look_in(Connection& connection, const ClaimRequest& wanted,
                                      std::int64_t now) const {
  Statement statement = connection.prepare(
      "SELECT request, status, body, created_ms, claimed_ms FROM claims "
      "WHERE caller = ? AND endpoint = ? AND key = ?");
  const Result<bool> row = bind_key(statement, wanted.asked).step();
  if (!row) {
    return fail(row.error());
  }
  if (!*row) {
    return Claim{ClaimState::kWon};
  }
  const bool answered = !statement.is_null(1);
  const bool abandoned = statement.integer(4) < abandoned_before_ms(times_, now);
  if (statement.integer(3) < forgotten_before_ms(times_, now) && (answered || abandoned)) {
    return Claim{ClaimState::kWon};
  }
  if (statement.text(0) != wanted.asked.request) {
    return Claim{ClaimState::kMismatch};
  }
  if (answered) {
    return Claim{
        ClaimState::kDone, {}, {static_cast<int>(statement.integer(1)), statement.text(2)}};
  }
  return Claim{abandoned ? ClaimState::kWon : ClaimState::kInFlight};
}

Result<bool> DatabaseClaims::advance(const ClaimRequest& owned, const Progress& progress) {
  const Database::WriteLease writer = database_.write();
  Statement statement = writer->prepare(
      "UPDATE claims SET results = ?, claimed_ms = ? "
      "WHERE caller = ? AND endpoint = ? AND key = ? AND owner = ? AND status IS NULL");
  statement.bind(text_of(progress.results)).bind(wall_clock_ms());
  return bind_key(statement, owned.asked).bind(owned.owner).run().map([&] {
    return writer->changes() == 1;
  });
}

Result<bool> DatabaseClaims::finish_within(Connection& writer, const ClaimRequest& owned,
                                           const Answer& answer) {
  Statement statement = writer.prepare(
      "UPDATE claims SET status = ?, body = ? "
      "WHERE caller = ? AND endpoint = ? AND key = ? AND owner = ? AND status IS NULL");
  statement.bind(std::int64_t{answer.status}).bind(answer.body);
  return bind_key(statement, owned.asked).bind(owned.owner).run().map([&] {
    return writer.changes() == 1;
  });
}

Result<void> DatabaseClaims::give_up(const ClaimRequest& owned, GiveUp how) {
  const Database::WriteLease writer = database_.write();
  if (how == GiveUp::kForget) {
    Statement statement = writer->prepare(
        "DELETE FROM claims "
        "WHERE caller = ? AND endpoint = ? AND key = ? AND owner = ? AND status IS NULL");
    return bind_key(statement, owned.asked).bind(owned.owner).run();
  }
  Statement statement = writer->prepare(
      "UPDATE claims SET owner = '', claimed_ms = ? "
      "WHERE caller = ? AND endpoint = ? AND key = ? AND owner = ? AND status IS NULL");
  statement.bind(kGivenUp);
  return bind_key(statement, owned.asked).bind(owned.owner).run();
}

Result<void> DatabaseClaims::reap() {
  const std::int64_t now = wall_clock_ms();
  return database_.write()
      ->prepare(
          "DELETE FROM claims WHERE created_ms < ? AND (status IS NOT NULL OR claimed_ms < ?)")
      .bind(forgotten_before_ms(times_, now))
      .bind(abandoned_before_ms(times_, now))
      .run();
}

}  // namespace

std::unique_ptr<Claims> make_database_claims(Database& database, ClaimTimes times) {
  return std::make_unique<DatabaseClaims>(database, times);
}

}  // namespace squall::shop
