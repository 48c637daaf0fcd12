// No idempotency: every POST charges.
#include "loadgen/base/check.hpp"
#include "tests/shop/payments.hpp"

namespace squall::shop {
namespace {

class UnprotectedPayments final : public PaymentDesk {
 public:
  using PaymentDesk::PaymentDesk;

 protected:
  [[nodiscard]] bool heeds_keys() const override { return false; }
  Answer take_keyed(const PaymentRequest&, const std::string&, const Trace&) override {
    SQUALL_CHECK(false);
  }
};

}  // namespace

std::unique_ptr<PaymentDesk> make_unprotected_payments(PaymentDesk::Deps deps) {
  return std::make_unique<UnprotectedPayments>(deps);
}

}  // namespace squall::shop
