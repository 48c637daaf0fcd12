// Taking payments, with and without the defects that squall is to find.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "loadgen/base/time.hpp"
#include "tests/shop/database.hpp"
#include "tests/shop/effects.hpp"
#include "tests/shop/log.hpp"
#include "tests/shop/metrics.hpp"
#include "tests/shop/problem.hpp"
#include "tests/shop/psp_client.hpp"
#include "tests/shop/stop_flag.hpp"
#include "tests/shop/webhooks.hpp"

namespace squall::shop {

class Call;

enum class PaymentsMode {
  kNone,    // the Idempotency-Key is not looked at
  kRacy,    // looked up before the charge, stored after it: twins in between both charge
  kAtomic,  // claimed under a unique constraint before the charge
};

struct PaymentSettings {
  PaymentsMode mode = PaymentsMode::kAtomic;
  Duration lock_time{};  // atomic: a claim that is older belongs to a process that died, and is
                         // taken over
  Duration wait_time{};  // atomic: how long a twin waits for the one that came first
};

// A well-formed POST /payments.
struct PaymentRequest {
  std::string order;
  std::int64_t amount = 0;  // minor units
  std::string token;

  // The same for equal requests, however their JSON was written.
  [[nodiscard]] std::string canonical() const;
};

// What the three variants share. Borrows everything; webhooks may be null. Any thread.
class PaymentDesk {
 public:
  struct Deps {
    Database& database;
    PspClient& psp;
    Webhooks* webhooks;
    Metrics& metrics;
    const Log& log;
    StopFlag& stop;
  };
  explicit PaymentDesk(Deps deps) : deps_(deps) {}
  virtual ~PaymentDesk() = default;
  PaymentDesk(const PaymentDesk&) = delete;
  PaymentDesk& operator=(const PaymentDesk&) = delete;

  // POST /payments: 201 with the payment; 400, 402, 409, 422, 502, 503, 504 with a problem.
  [[nodiscard]] Answer take(const Call& call);

 protected:
  // `key` is well-formed.
  virtual Answer take_keyed(const PaymentRequest& request, const std::string& key,
                            const Trace& trace) = 0;
  [[nodiscard]] virtual bool heeds_keys() const { return true; }

  // Charges and records without regard to any key.
  [[nodiscard]] Answer take_unprotected(const PaymentRequest& request, const Trace& trace);
  // The row for a charged payment, without its seq.
  [[nodiscard]] static Effect payment_of(const PaymentRequest& request, const std::string& charge);
  // 503, counted and logged.
  [[nodiscard]] Answer database_failed(const Error& error, const Trace& trace) const;
  void announce(const Effect& payment, const Trace& trace) const;

  Deps deps_;
};

[[nodiscard]] std::unique_ptr<PaymentDesk> make_payment_desk(const PaymentSettings& settings,
                                                             PaymentDesk::Deps deps);

// {"id","order","amount","token","status":"succeeded","charge"}
[[nodiscard]] std::string payment_json(const Effect& payment);

// One per variant, each in a file of its own.
[[nodiscard]] std::unique_ptr<PaymentDesk> make_unprotected_payments(PaymentDesk::Deps deps);
[[nodiscard]] std::unique_ptr<PaymentDesk> make_racy_payments(PaymentDesk::Deps deps);
[[nodiscard]] std::unique_ptr<PaymentDesk> make_atomic_payments(const PaymentSettings& settings,
                                                                PaymentDesk::Deps deps);

}  // namespace squall::shop
