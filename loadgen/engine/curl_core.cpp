#include "loadgen/engine/curl_core.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/check.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/engine/curl_hold.hpp"
#include "loadgen/engine/exchange_results.hpp"

namespace squall::engine {
namespace {

constexpr std::size_t kNoPlace = std::numeric_limits<std::size_t>::max();

bool outlives(Duration hold, Duration timeout) {
  return timeout <= Duration{} || hold < timeout;
}

unsigned streams_of(const model::Plan& plan) {
  unsigned streams = 1;
  for (const model::Target& target : plan.targets) {
    if (target.engine == model::EngineKind::kCurl && target.curl.http == model::HttpVersion::k2) {
      streams = std::max(streams, target.curl.max_streams);
    }
  }
  return streams;
}

void set_up(CurlEndpoint& endpoint, const model::Plan& plan, const model::Target& target,
            const model::Endpoint& replica) {
  endpoint.plan = &plan;
  endpoint.target = &target;
  endpoint.replica = &replica;
  endpoint.max_header = target.max_header.bytes;
  std::vector<std::string> connect_to;
  model::Endpoint named = replica;
  if (target.tls && !target.tls->server_name.empty()) {
    // libcurl asks for and checks the URL's host: the URL gets that name, the connection goes where
    // it went.
    named.host = target.tls->server_name;
    connect_to.push_back(fmt::format("{}:{}:{}:{}", named.host, named.port,
                                     model::with_brackets(replica.host), replica.port));
  }
  endpoint.authority = named.authority();
  endpoint.url = replica.scheme + "://" + endpoint.authority;
  endpoint.route = std::make_unique<net::CurlRoute>(target.curl, target.tls, std::move(connect_to));
}

}  // namespace

CurlCore::CurlCore(net::Loop& loop, const model::Plan& plan, unsigned connections)
    : max_connections_(std::max(connections, 1U)),
      max_streams_(streams_of(plan)),
      sockets_(loop, {.connections = max_connections_, .max_streams = max_streams_},
               [this] { settle(); }) {
  for (const model::Target& target : plan.targets) {
    const bool ours = target.engine == model::EngineKind::kCurl;
    first_of_target_.push_back(ours ? places_.size() : kNoPlace);
    for (std::size_t i = 0; ours && i < target.replicas.size(); ++i) {
      CurlEndpoint& endpoint = places_.emplace_back(std::make_unique<Place>())->endpoint;
      set_up(endpoint, plan, target, target.replicas[i]);
      endpoint.owner.sockets = &sockets_;
      if (endpoint.multiplexes()) {
        multiplexing_.push_back(&endpoint);
      }
    }
  }
}

// In this order: transfers out of the multi handle, their easy handles, then (members, from the
// last to the first) the multi handle, which closes its connections, and what those count in.
CurlCore::~CurlCore() {
  for (const auto& slot : slots_) {
    if (slot->exchange != nullptr) {
      SQUALL_CHECK(curl_multi_remove_handle(sockets_.multi(), slot->easy()) == CURLM_OK);
      slot->release();
    }
  }
  slots_.clear();
}

CurlCore::Place& CurlCore::place_of(const Exchange& exchange) {
  SQUALL_CHECK(exchange.target < first_of_target_.size() &&
               first_of_target_[exchange.target] != kNoPlace);
  const std::size_t index = first_of_target_[exchange.target] + exchange.replica;
  SQUALL_CHECK(index < places_.size());
  return *places_[index];
}

void CurlCore::submit(Exchange& exchange, TimePoint now) {
  SQUALL_CHECK(!exchange.request.empty());
  clear_results(exchange, now);
  ++in_flight_;
  look_at_barrier(exchange);
  if (const Duration hold = hold_before_sending(exchange); hold > Duration{}) {
    held_.add(now + (outlives(hold, exchange.timeout) ? hold : exchange.timeout), exchange);
    return;
  }
  start_or_queue(exchange, now);
}

void CurlCore::start_or_queue(Exchange& exchange, TimePoint now) {
  Place& place = place_of(exchange);
  if (waiting_ == 0 && has_room(place.endpoint, exchange)) {
    start(place, exchange, now);
    settle();
    return;
  }
  place.queue.push_back({&exchange, next_ticket_++});
  ++waiting_;
  if (!settling_ && start_waiting()) {
    settle();
  }
}

std::size_t CurlCore::busy_sockets() const {
  std::size_t busy = serial_active_;
  for (const CurlEndpoint* endpoint : multiplexing_) {
    // libcurl fills the first connection that has room, but what has ended since leaves gaps.
    const std::size_t fewest = (endpoint->active + max_streams_ - 1) / max_streams_;
    busy += std::max(fewest, std::min(endpoint->owner.open, endpoint->active));
  }
  return busy;
}

bool CurlCore::has_room(const CurlEndpoint& endpoint, const Exchange& exchange) const {
  if (endpoint.multiplexes() && exchange.connection != model::CopyConnection::kFresh) {
    const std::size_t open = endpoint.owner.open;
    const std::size_t established = open - std::min(open, endpoint.opening);
    if (endpoint.active - endpoint.opening < established * max_streams_) {
      return true;
    }
    // One connection is opened at a time: whether a server multiplexes shows when it is there, and
    // until then each further request would open one of its own.
    if (endpoint.opening > 0) {
      return false;
    }
  }
  return busy_sockets() < max_connections_;
}

CurlCore::Slot& CurlCore::take_slot(Place& place) {
  std::vector<CurlTransfer*>& idle = place.endpoint.idle;
  if (idle.empty()) {
    return *slots_.emplace_back(std::make_unique<Slot>(place));
  }
  Slot& slot = *static_cast<Slot*>(idle.back());
  idle.pop_back();
  return slot;
}

void CurlCore::start(Place& place, Exchange& exchange, TimePoint now) {
  CurlEndpoint& endpoint = place.endpoint;
  Slot& slot = take_slot(place);
  CURLSH* const jar = endpoint.target->curl.cookies ? jars_.take(exchange.user) : nullptr;
  if (!slot.prepare(exchange, jar)) {
    if (jar != nullptr) {
      jars_.give_back(exchange.user);
    }
    endpoint.idle.push_back(&slot);
    finish_unsent(exchange, How::kRefused, "not a request that the curl engine can send", now);
    return;
  }
  ++endpoint.active;
  ++endpoint.opening;
  serial_active_ += endpoint.multiplexes() ? 0U : 1U;
  slot.opened_before = endpoint.owner.opened;
  exchange.engine_state = &slot;
  if (exchange.barrier != nullptr) {
    slot.counted_at_barrier = false;
    at_barrier_.push_back(&slot);
  }
  const Duration left = exchange.timeout - hold_before_sending(exchange);
  if (exchange.timeout > Duration{}) {
    timeouts_.add(slot.timeout, exchange.timeout, now + std::max(left, Duration{}));
  }
  if (const Duration limit = endpoint.target->connect_timeout; limit > Duration{}) {
    timeouts_.add(slot.connecting, limit, now + limit);
  }
  SQUALL_CHECK(curl_multi_add_handle(sockets_.multi(), slot.easy()) == CURLM_OK);
  // At once, not at the next turn of the loop: libcurl asks for a timer of zero when it is given a
  // transfer, and a reused connection can be written to now.
  sockets_.run_due(monotonic_now());
}

void CurlCore::settle() {
  if (settling_) {
    return;
  }
  settling_ = true;
  do {
    reap();
  } while (release_together() || start_waiting());
  settling_ = false;
}

bool CurlCore::start_waiting() {
  bool started = false;
  while (waiting_ > 0) {
    Place* next = nullptr;
    for (const auto& place : places_) {
      const bool earlier =
          !place->queue.empty() &&
          (next == nullptr || place->queue.front().ticket < next->queue.front().ticket);
      if (earlier && has_room(place->endpoint, *place->queue.front().exchange)) {
        next = place.get();
      }
    }
    if (next == nullptr) {
      break;
    }
    Exchange& exchange = *next->queue.front().exchange;
    next->queue.pop_front();
    --waiting_;
    start(*next, exchange, monotonic_now());
    started = true;
  }
  return started;
}

void CurlCore::take_completed(std::vector<Exchange*>& out) {
  out.clear();
  out.swap(completed_);
}

void CurlCore::abandon_all(TimePoint now) {
  settling_ = true;  // nothing that waits is started for what ends here
  for (const auto& slot : slots_) {
    if (slot->exchange != nullptr) {
      end(*slot, How::kTimeout, "abandoned", now);
    }
  }
  for (const auto& place : places_) {
    for (const Waiting& waiting : place->queue) {
      finish_unsent(*waiting.exchange, How::kDropped, "never got a connection", now);
    }
    place->queue.clear();
  }
  waiting_ = 0;
  while (!held_.empty()) {
    finish_unsent(*held_.pop().exchange, How::kDropped, "held before connecting", now);
  }
  settling_ = false;
}

std::optional<TimePoint> CurlCore::next_deadline() const {
  if (!completed_.empty()) {
    return TimePoint{};  // whoever sleeps until then looks at once
  }
  const TimePoint next = std::min({timeouts_.next_check(), held_.next(), sockets_.next()});
  return next == kNever ? std::nullopt : std::optional(next);
}

void CurlCore::on_time(TimePoint now) {
  while (TimeoutLink* const expired = timeouts_.pop_expired(now)) {
    Slot& slot = *static_cast<Slot::Link*>(expired)->slot;
    if (expired == &slot.timeout) {
      time_out(slot, now);
    } else if (!slot.connected()) {
      time_out_connecting(slot, now);
    }
  }
  while (held_.due(now)) {
    wake_held(*held_.pop().exchange, now);
  }
  sockets_.run_due(now);
  settle();
}

// A server that takes fewer streams on a connection than the plan allows makes libcurl keep a
// request waiting, which it tells nobody.
bool CurlCore::shares(const Slot& slot) {
  const CurlEndpoint& endpoint = slot.place.endpoint;
  return endpoint.multiplexes() && endpoint.owner.open > 0 &&
         endpoint.owner.opened == slot.opened_before;
}

void CurlCore::time_out(Slot& slot, TimePoint now) {
  const Exchange& exchange = *slot.exchange;
  // Its time begins when it has its stream, as that of others begins with their connection.
  const TimePoint begun = slot.connected() ? exchange.first_byte_sent : now;
  const TimePoint due = begun + exchange.timeout - hold_before_sending(exchange);
  if (shares(slot) && due > now) {
    timeouts_.add(slot.timeout, exchange.timeout, due);
    return;
  }
  end(slot, How::kTimeout,
      !slot.connected() ? "connecting"
      : slot.answered() ? "answer not complete"
                        : "no answer",
      now);
}

void CurlCore::time_out_connecting(Slot& slot, TimePoint now) {
  if (shares(slot)) {
    const Duration limit = slot.place.endpoint.target->connect_timeout;
    timeouts_.add(slot.connecting, limit, now + limit);
    return;
  }
  end(slot, How::kTimeout, "connecting", now);
}

void CurlCore::wake_held(Exchange& exchange, TimePoint now) {
  if (!outlives(hold_before_sending(exchange), exchange.timeout)) {
    finish_unsent(exchange, How::kTimeout, "held before connecting", now);
    return;
  }
  exchange.hold_fired = true;
  start_or_queue(exchange, now);
}

EngineCounters CurlCore::take_counters() {
  return std::exchange(counters_, {});
}

}  // namespace squall::engine
