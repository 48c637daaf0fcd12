// Claim, then charge: what a payment service should do.
//
//   INSERT claim (primary key: one wins) ─ lost ─► wait for the winner ─► replay its answer
//          └ won ─► charge, with the key as the provider's key ─► one transaction: payment + answer
//
// The winner may die anywhere. Before the charge: nothing happened. After it: whoever takes the
// claim over asks the provider under the same key and gets the same charge. The payment and the
// answer are committed together and only by the claim's owner, so a slow winner whose claim was
// taken over cannot add a second payment.
#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <utility>

#include "loadgen/base/clock.hpp"
#include "loadgen/base/units.hpp"
#include "tests/shop/claims.hpp"
#include "tests/shop/payments.hpp"

namespace squall::shop {
namespace {

// Between two looks at the database: the owner may be another process, whose end no condition
// variable tells.
constexpr Duration kLookAgain = std::chrono::milliseconds(20);

// Wakes the waiting twins of a key when its owner is done. Keys share a few slots; who is woken
// looks at the database anyway.
class TwinBell {
 public:
  void ring(const std::string& key) {
    Slot& slot = slot_of(key);
    {
      const std::lock_guard lock(slot.mutex);
      ++slot.rings;
    }
    slot.rung.notify_all();
  }

  // The count to give to wait(): taken before looking at the database, so that no ring in between
  // is missed.
  [[nodiscard]] std::uint64_t rings(const std::string& key) {
    Slot& slot = slot_of(key);
    const std::lock_guard lock(slot.mutex);
    return slot.rings;
  }

  void wait(const std::string& key, std::uint64_t seen, Duration at_most) {
    Slot& slot = slot_of(key);
    std::unique_lock lock(slot.mutex);
    slot.rung.wait_for(lock, at_most, [&] { return slot.rings != seen; });
  }

 private:
  struct Slot {
    std::mutex mutex;
    std::condition_variable rung;
    std::uint64_t rings = 0;
  };
  Slot& slot_of(const std::string& key) {
    return slots_[std::hash<std::string>{}(key) % slots_.size()];
  }
  std::array<Slot, 64> slots_;
};

class AtomicPayments final : public PaymentDesk {
 public:
  AtomicPayments(const PaymentSettings& settings, Deps deps)
      : PaymentDesk(deps), settings_(settings) {}

 protected:
  Answer take_keyed(const PaymentRequest& request, const std::string& key,
                    const Trace& trace) override;

 private:
  // Empty when the claim was lost to somebody else meanwhile.
  [[nodiscard]] std::optional<Answer> charge_and_finish(const PaymentRequest& request,
                                                        const ClaimRequest& claim,
                                                        const Trace& trace);
  [[nodiscard]] Result<std::optional<Effect>> commit(const PaymentRequest& request,
                                                     const ClaimRequest& claim,
                                                     const std::string& charge);
  [[nodiscard]] Result<Claim> wait_for_owner(const ClaimRequest& claim, TimePoint deadline);
  void release(const ClaimRequest& claim, const Trace& trace);

  PaymentSettings settings_;
  TwinBell bell_;
};

Answer AtomicPayments::take_keyed(const PaymentRequest& request, const std::string& key,
                                  const Trace& trace) {
  const ClaimRequest wanted{key, request.canonical(), random_hex(32)};
  const TimePoint deadline = monotonic_now() + settings_.wait_time;
  while (true) {
    const Result<Claim> claim = claim_key(*deps_.database.write(), wanted, settings_.lock_time);
    const Result<Claim> state =
        claim && claim->state == ClaimState::kInFlight ? wait_for_owner(wanted, deadline) : claim;
    if (!state) {
      return database_failed(state.error(), trace);
    }
    switch (state->state) {
      case ClaimState::kDone:
        return {201, state->body, "application/json", {{"Idempotent-Replayed", "true"}}};
      case ClaimState::kMismatch:
        return problem(422, "this Idempotency-Key was used with another request");
      case ClaimState::kInFlight: {
        Answer conflict = problem(409, "a request with this Idempotency-Key is under way");
        conflict.headers.emplace_back("Retry-After", "1");
        return conflict;
      }
      case ClaimState::kWon:
        break;
    }
    // After waiting, "won" only means that claiming is worth another try.
    if (claim->state == ClaimState::kWon) {
      std::optional<Answer> answer = charge_and_finish(request, wanted, trace);
      if (answer) {
        return std::move(*answer);
      }
    }
  }
}

Result<Claim> AtomicPayments::wait_for_owner(const ClaimRequest& claim, TimePoint deadline) {
  while (true) {
    const std::uint64_t seen = bell_.rings(claim.key);
    Result<Claim> state = look_at_key(*deps_.database.read(), claim, settings_.lock_time);
    const Duration left = deadline - monotonic_now();
    if (!state || state->state != ClaimState::kInFlight || left <= Duration::zero() ||
        deps_.stop.requested()) {
      return state;
    }
    bell_.wait(claim.key, seen, std::min(left, kLookAgain));
  }
}

std::optional<Answer> AtomicPayments::charge_and_finish(const PaymentRequest& request,
                                                        const ClaimRequest& claim,
                                                        const Trace& trace) {
  const ChargeResult charged = deps_.psp.charge({request.amount, request.token, claim.key}, trace);
  if (!charged.charge) {
    release(claim, trace);
    return charged.failure;
  }
  Result<std::optional<Effect>> payment = commit(request, claim, *charged.charge);
  if (!payment) {
    release(claim, trace);
    return database_failed(payment.error(), trace);
  }
  bell_.ring(claim.key);
  if (!*payment) {
    deps_.log.error("claim lost while charging", &trace, {{"key", claim.key}});
    return std::nullopt;
  }
  announce(**payment, trace);
  return Answer{201, payment_json(**payment)};
}

Result<std::optional<Effect>> AtomicPayments::commit(const PaymentRequest& request,
                                                     const ClaimRequest& claim,
                                                     const std::string& charge) {
  const Database::WriteLease writer = deps_.database.write();
  Transaction transaction(*writer);
  Effect payment = payment_of(request, charge);
  const Result<bool> finished = transaction.begin()
                                    .and_then([&] { return insert_effect(*writer, payment); })
                                    .and_then([&](std::int64_t seq) {
                                      payment.seq = seq;
                                      return finish_claim(*writer, claim, payment_json(payment));
                                    });
  if (!finished) {
    return fail(finished.error());
  }
  if (!*finished) {
    return std::nullopt;  // the transaction rolls the payment back
  }
  return transaction.commit().map([&] { return std::optional(payment); });
}

void AtomicPayments::release(const ClaimRequest& claim, const Trace& trace) {
  if (const Result<void> released = release_claim(*deps_.database.write(), claim); !released) {
    // The lock time frees the key.
    deps_.metrics.database_error();
    deps_.log.error("cannot release a claim", &trace, {{"error", released.error().message}});
  }
  bell_.ring(claim.key);
}

}  // namespace

std::unique_ptr<PaymentDesk> make_atomic_payments(const PaymentSettings& settings,
                                                  PaymentDesk::Deps deps) {
  return std::make_unique<AtomicPayments>(settings, deps);
}

}  // namespace squall::shop
