// No idempotency: every request is carried out.
#include "loadgen/base/check.hpp"
#include "tests/shop/keys.hpp"

namespace squall::shop {
namespace {

class NoKeys final : public Keys {
 public:
  using Keys::Keys;

 protected:
  [[nodiscard]] bool heeds_keys() const override { return false; }
  Answer carry_out_keyed(const KeyedRequest&, const Operation&, const Trace&) override {
    SQUALL_CHECK(false);
  }
};

}  // namespace

std::unique_ptr<Keys> make_no_keys(const KeySettings& settings, Keys::Deps deps) {
  return std::make_unique<NoKeys>(settings.required, deps);
}

}  // namespace squall::shop
