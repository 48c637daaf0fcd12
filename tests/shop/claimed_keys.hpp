// Claim, then act: idempotency that holds, and the ways in which it is got wrong.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "tests/shop/claims.hpp"
#include "tests/shop/keys.hpp"
#include "tests/shop/stop_flag.hpp"
#include "tests/shop/twin_bell.hpp"

namespace squall::shop {

// What becomes of a key when a call to another service fails.
enum class OnFailure {
  kKeepOperation,  // given up; the next request with it goes on with the same operation
  kForget,         // given up, and with it all that is known of the operation
  kStayLocked,     // not given up
};

// What a variant does otherwise.
struct ClaimRules {
  // What of a request makes two of them the same operation.
  std::function<KeyedRequest(KeyedRequest)> identify = [](KeyedRequest request) { return request; };
  OnFailure on_failure = OnFailure::kKeepOperation;
};

//   claim ─ lost ─► wait for the winner ─► replay its answer
//     └ won ─► call ─► recovery point ─► call ─► recovery point ─► one transaction: effect + answer
//
// The winner may die anywhere. Whoever takes the claim over goes on from the last recovery point
// and asks the other services under the operation's own id, by which they know what they have
// already done; so does the next request after a failure whose outcome nobody knows. Effect and
// answer are committed together and only by the claim's owner, so a slow winner whose claim was
// taken over cannot add a second effect. The id of the operation, not the customer's key, goes to
// other services: two customers may have the same key.
class ClaimedKeys final : public Keys {
 public:
  ClaimedKeys(const KeySettings& settings, Deps deps, std::unique_ptr<Claims> claims,
              ClaimRules rules);
  ~ClaimedKeys() override;

 protected:
  Answer carry_out_keyed(const KeyedRequest& request, const Operation& operation,
                         const Trace& trace) override;

 private:
  // Empty when the claim was lost to somebody else meanwhile.
  [[nodiscard]] std::optional<Answer> work(const ClaimRequest& claim, Progress progress,
                                           const Operation& operation, const Trace& trace);
  [[nodiscard]] std::optional<Answer> record(const ClaimRequest& claim, const Progress& done,
                                             const Operation& operation, const Trace& trace);
  // Empty when the claim was lost.
  [[nodiscard]] Result<std::optional<Answer>> commit(const ClaimRequest& claim,
                                                     const Progress& done,
                                                     const Operation& operation);
  [[nodiscard]] Answer store_failed(const Error& error, const Operation& operation,
                                    const Trace& trace);
  [[nodiscard]] Result<Claim> wait_for_owner(const ClaimRequest& claim, TimePoint deadline);
  void give_up(const ClaimRequest& claim, GiveUp how, const Trace& trace);
  void reap();

  KeySettings settings_;
  std::unique_ptr<Claims> claims_;
  ClaimRules rules_;
  TwinBell bell_;
  StopFlag ending_;
  std::thread reaper_;
};

}  // namespace squall::shop
