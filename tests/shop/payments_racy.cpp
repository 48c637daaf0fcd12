// Check, then insert: the idempotency that most services begin with.
//
//   SELECT answer of the key ─ found ─► replay it
//          └ not found ─► charge (tens of milliseconds) ─► INSERT payment and answer
//
// A second request that comes while the first one's charge is under way finds nothing and charges
// too.
#include <utility>

#include "tests/shop/payments.hpp"

namespace squall::shop {
namespace {

struct StoredAnswer {
  std::string request;
  std::string body;
};

Result<std::optional<StoredAnswer>> find_answer(Connection& connection, const std::string& key) {
  Statement statement =
      connection.prepare("SELECT request, body FROM answers WHERE key = ? ORDER BY rowid LIMIT 1");
  const Result<bool> row = statement.bind(key).step();
  if (!row) {
    return fail(row.error());
  }
  if (!*row) {
    return std::nullopt;
  }
  return StoredAnswer{statement.text(0), statement.text(1)};
}

class RacyPayments final : public PaymentDesk {
 public:
  using PaymentDesk::PaymentDesk;

 protected:
  Answer take_keyed(const PaymentRequest& request, const std::string& key,
                    const Trace& trace) override;

 private:
  [[nodiscard]] Result<Effect> record(const PaymentRequest& request, const std::string& key,
                                      const std::string& charge);
};

Answer RacyPayments::take_keyed(const PaymentRequest& request, const std::string& key,
                                const Trace& trace) {
  const Result<std::optional<StoredAnswer>> known = find_answer(*deps_.database.read(), key);
  if (!known) {
    return database_failed(known.error(), trace);
  }
  if (*known) {
    if ((*known)->request != request.canonical()) {
      return problem(422, "this Idempotency-Key was used with another request");
    }
    return {201, (*known)->body, "application/json", {{"Idempotent-Replayed", "true"}}};
  }
  const ChargeResult charged =
      deps_.psp.charge({request.amount, request.token, std::nullopt}, trace);
  if (!charged.charge) {
    return charged.failure;
  }
  const Result<Effect> payment = record(request, key, *charged.charge);
  if (!payment) {
    return database_failed(payment.error(), trace);
  }
  announce(*payment, trace);
  return {201, payment_json(*payment)};
}

Result<Effect> RacyPayments::record(const PaymentRequest& request, const std::string& key,
                                    const std::string& charge) {
  const Database::WriteLease writer = deps_.database.write();
  Transaction transaction(*writer);
  Effect payment = payment_of(request, charge);
  return transaction.begin()
      .and_then([&] { return insert_effect(*writer, payment); })
      .and_then([&](std::int64_t seq) {
        payment.seq = seq;
        return writer->prepare("INSERT INTO answers(key, request, body) VALUES(?, ?, ?)")
            .bind(key)
            .bind(request.canonical())
            .bind(payment_json(payment))
            .run();
      })
      .and_then([&] { return transaction.commit(); })
      .map([&] { return payment; });
}

}  // namespace

std::unique_ptr<PaymentDesk> make_racy_payments(PaymentDesk::Deps deps) {
  return std::make_unique<RacyPayments>(deps);
}

}  // namespace squall::shop
