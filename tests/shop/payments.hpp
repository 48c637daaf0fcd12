// Payments, and what is done to them afterwards.
#pragma once

#include <cstdint>
#include <string>

#include "tests/shop/database.hpp"
#include "tests/shop/effects.hpp"
#include "tests/shop/keys.hpp"
#include "tests/shop/log.hpp"
#include "tests/shop/mail_client.hpp"
#include "tests/shop/metrics.hpp"
#include "tests/shop/problem.hpp"
#include "tests/shop/psp_client.hpp"
#include "tests/shop/webhooks.hpp"

namespace squall::shop {

class Call;

// A well-formed POST /payments or /refunds.
struct PaymentRequest {
  std::string order;
  std::int64_t amount = 0;  // minor units
  std::string token;

  // The same for equal requests, however their JSON was written.
  [[nodiscard]] std::string canonical() const;
};

// Everybody sees and touches only their own payments: those of others are not there (404). 401 when
// nobody can say who asks. Borrows everything. Any thread.
class PaymentDesk {
 public:
  struct Deps {
    Database& database;
    Keys& keys;
    PspClient& psp;
    MailClient* mail;    // null: no receipts
    Webhooks* webhooks;  // null: no webhooks
    Metrics& metrics;
    const Log& log;
  };
  explicit PaymentDesk(Deps deps) : deps_(deps) {}

  // POST /payments: 201 with the payment; 400, 402, 409, 422, 502, 503, 504 with a problem.
  [[nodiscard]] Answer take(const Call& call);
  // POST /refunds, which asks for the same as a payment and calls nobody: 201 with the refund.
  [[nodiscard]] Answer refund(const Call& call);
  // GET /payments/{id}; 404 once it is cancelled.
  [[nodiscard]] Answer look(const Call& call);
  // PUT /payments/{id}/memo {"memo"}: 200 with the payment. Heeds a key when there is one.
  [[nodiscard]] Answer set_memo(const Call& call);
  // DELETE /payments/{id}: 204, when it was cancelled before, too. It stays in the ledger.
  [[nodiscard]] Answer cancel(const Call& call);

 private:
  [[nodiscard]] Operation payment(const PaymentRequest& request, const std::string& caller,
                                  const Trace& trace);
  [[nodiscard]] Result<Answer> record(Connection& writer, Effect& payment, const Trace& trace);
  [[nodiscard]] Answer database_failed(const Error& error, const Trace& trace) const;

  Deps deps_;
};

}  // namespace squall::shop
