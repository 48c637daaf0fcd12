// Copies that leave together: each is held back before the last byte of its body by the callback
// that libcurl asks for it, and all are let go within one turn.
#include <algorithm>

#include "loadgen/base/check.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/engine/curl_core.hpp"
#include "loadgen/engine/exchange_results.hpp"

namespace squall::engine {

// Whether the copies can be under way at the same time at all; otherwise none waits for others.
void CurlCore::look_at_barrier(Exchange& exchange) {
  if (exchange.barrier == nullptr) {
    return;
  }
  const bool multiplexes = place_of(exchange).endpoint.multiplexes();
  const std::size_t most = std::size_t{max_connections_} * (multiplexes ? max_streams_ : 1U);
  if (exchange.barrier->expected > most) {
    exchange.barrier->released = true;
    add_detail(exchange, "more copies than connections, not released together");
  }
}

void CurlCore::leave_barrier(const Exchange& exchange, const Slot* slot) {
  if (exchange.barrier == nullptr) {
    return;
  }
  if (slot == nullptr || !slot->counted_at_barrier) {
    ++exchange.barrier->arrived;
  }
  if (slot != nullptr) {
    std::erase(at_barrier_, slot);
  }
}

// Between two calls of libcurl. Whether any was let go.
bool CurlCore::release_together() {
  for (Slot* const slot : at_barrier_) {
    if (slot->held && !slot->counted_at_barrier) {
      slot->counted_at_barrier = true;
      ++slot->exchange->barrier->arrived;
    }
  }
  bool any = false;
  for (Slot* const slot : at_barrier_) {
    Barrier& barrier = *slot->exchange->barrier;
    barrier.released = barrier.released || barrier.arrived >= barrier.expected;
    if (barrier.released && slot->held && !slot->let_go) {
      slot->let_go = true;
      SQUALL_CHECK(curl_easy_pause(slot->easy(), CURLPAUSE_CONT) == CURLE_OK);
      any = true;
    }
  }
  if (any) {
    // libcurl has them all on its list of what is due now: one call writes the last byte of each.
    sockets_.run_due(monotonic_now());
  }
  return any;
}

}  // namespace squall::engine
