// Check, then insert: the idempotency that most services begin with.
//
//   SELECT answer of the key ─ found ─► replay it
//          └ not found ─► calls (tens of milliseconds) ─► INSERT effect and answer
//
// A second request that comes while the first one's calls are under way finds nothing and makes
// them too.
#include <optional>
#include <utility>

#include "tests/shop/claims.hpp"
#include "tests/shop/keys.hpp"

namespace squall::shop {
namespace {

struct StoredAnswer {
  std::string request;
  Answer answer;
};

class RacyKeys final : public Keys {
 public:
  RacyKeys(const KeySettings& settings, Deps deps)
      : Keys(settings.required, deps), window_(settings.window) {}

 protected:
  Answer carry_out_keyed(const KeyedRequest& request, const Operation& operation,
                         const Trace& trace) override;

 private:
  [[nodiscard]] Result<std::optional<StoredAnswer>> find(const KeyedRequest& request);
  [[nodiscard]] static Result<void> store(Connection& writer, const KeyedRequest& request,
                                          const Answer& answer);

  Duration window_;
};

Answer RacyKeys::carry_out_keyed(const KeyedRequest& request, const Operation& operation,
                                 const Trace& trace) {
  Result<std::optional<StoredAnswer>> known = find(request);
  if (!known) {
    return database_failed(known.error(), trace);
  }
  if (*known) {
    return (*known)->request == request.request ? replay_of(std::move((*known)->answer))
                                                : key_of_another_request();
  }
  Operation storing = operation;
  storing.record = [&](Connection& writer, const Progress& done) {
    return operation.record(writer, done).and_then([&](const Answer& answer) {
      return answer.status < 400 ? store(writer, request, answer).map([&] { return answer; })
                                 : Result<Answer>(answer);
    });
  };
  return carry_out_unprotected(storing, trace);
}

Result<std::optional<StoredAnswer>> RacyKeys::find(const KeyedRequest& request) {
  const Database::ReadLease reader = deps_.database.read();
  Statement statement = reader->prepare(
      "SELECT request, status, body FROM answers "
      "WHERE caller = ? AND endpoint = ? AND key = ? AND stored_ms >= ? ORDER BY seq LIMIT 1");
  const Result<bool> row = statement.bind(request.caller)
                               .bind(request.endpoint)
                               .bind(request.key)
                               .bind(forgotten_before_ms({std::nullopt, window_}, wall_clock_ms()))
                               .step();
  if (!row) {
    return fail(row.error());
  }
  if (!*row) {
    return std::nullopt;
  }
  return StoredAnswer{statement.text(0),
                      {static_cast<int>(statement.integer(1)), statement.text(2)}};
}

Result<void> RacyKeys::store(Connection& writer, const KeyedRequest& request,
                             const Answer& answer) {
  return writer
      .prepare(
          "INSERT INTO answers(caller, endpoint, key, request, status, body, stored_ms) "
          "VALUES(?, ?, ?, ?, ?, ?, ?)")
      .bind(request.caller)
      .bind(request.endpoint)
      .bind(request.key)
      .bind(request.request)
      .bind(std::int64_t{answer.status})
      .bind(answer.body)
      .bind(wall_clock_ms())
      .run();
}

}  // namespace

std::unique_ptr<Keys> make_racy_keys(const KeySettings& settings, Keys::Deps deps) {
  return std::make_unique<RacyKeys>(settings, deps);
}

}  // namespace squall::shop
