#include "loadgen/engine/native_core.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "loadgen/base/check.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/engine/exchange_results.hpp"

namespace squall::engine {
namespace {

constexpr std::string_view kNotTheSame = "not on the same connection: it was closed or busy";

bool has_planned_cut(const Exchange& exchange) {
  return exchange.cut_applies && exchange.script != nullptr && exchange.script->cut.has_value();
}

}  // namespace

NativeCore::NativeCore(net::Loop& loop, const model::Plan& plan, unsigned max_connections)
    : loop_(loop), max_connections_(std::max(max_connections, 1U)), endpoints_(plan) {}

// The streams close themselves; what is lent is not looked at.
NativeCore::~NativeCore() = default;

void NativeCore::submit(Exchange& exchange, TimePoint now) {
  SQUALL_CHECK(!exchange.request.empty());
  clear_results(exchange, now);
  ++in_flight_;
  if (exchange.barrier != nullptr && exchange.barrier->expected > max_connections_) {
    exchange.barrier->released = true;  // they can never be there together
    exchange.detail = "more copies than connections, not released together";
  }
  if (const Duration hold = connect_hold(exchange); hold > Duration{}) {
    const bool outlives = exchange.timeout <= Duration{} || hold < exchange.timeout;
    wakes_.add(now + (outlives ? hold : exchange.timeout), exchange);
    return;
  }
  start_or_queue(exchange, now);
}

void NativeCore::start_or_queue(Exchange& exchange, TimePoint now) {
  if (exchange.connection == model::CopyConnection::kSame && start_on_same(exchange, now)) {
    return;
  }
  if (!waiting_.empty() || !start(exchange, now)) {
    waiting_.push_back(exchange);
  }
}

bool NativeCore::start_on_same(Exchange& exchange, TimePoint now) {
  const Exchange* const before = exchange.same_connection_as;
  NativeEndpoint& endpoint = endpoints_.of(exchange);
  Connection* c = before == nullptr ? nullptr : endpoint.newest;
  while (c != nullptr && c->id != before->connection_id) {
    c = c->older;
  }
  if (c != nullptr && usable(*c, exchange, now)) {
    endpoint.remove_idle(*c);
    assign(*c, exchange, now);
    return true;
  }
  exchange.detail = kNotTheSame;
  return false;
}

bool NativeCore::start(Exchange& exchange, TimePoint now) {
  NativeEndpoint& endpoint = endpoints_.of(exchange);
  if (endpoint.addresses.empty()) {
    finish_unsent(exchange, How::kRefused, now, endpoint.problem);
    return true;
  }
  const bool fresh = exchange.connection == model::CopyConnection::kFresh ||
                     cuts_at(exchange, model::WirePoint::kConnect) ||
                     (exchange.script != nullptr && exchange.script->slow_read);
  if (Connection* const c = fresh ? nullptr : pick(endpoint, exchange, now)) {
    assign(*c, exchange, now);
    return true;
  }
  if (!make_room()) {
    return false;
  }
  open(endpoint, exchange, now);
  return true;
}

void NativeCore::serve_waiting(TimePoint now) {
  if (serving_ || abandoning_) {
    return;  // the loop below goes on when its current exchange has been started
  }
  serving_ = true;
  while (!waiting_.empty()) {
    Exchange& next = waiting_.pop_front();
    if (!start(next, now)) {
      waiting_.push_front(next);
      break;
    }
  }
  serving_ = false;
}

void NativeCore::hand_back(Exchange& exchange, How how, TimePoint now) {
  exchange.how = how;
  exchange.end = now;
  exchange.engine_state = nullptr;
  --in_flight_;
  completed_.push_back(&exchange);
}

void NativeCore::finish_unsent(Exchange& exchange, How how, TimePoint now,
                               std::string_view reason) {
  add_detail(exchange, reason);
  hand_back(exchange, how, now);
  if (exchange.barrier != nullptr) {
    count_at_barrier(*exchange.barrier);
  }
}

void NativeCore::settle_fault(const Connection& c) {
  Exchange& exchange = *c.exchange;
  const bool as_wanted = !c.same_missed && (exchange.barrier == nullptr || c.barrier_kept);
  exchange.copy_fired = as_wanted && exchange.bytes_sent > 0;
  if (has_planned_cut(exchange) && !exchange.cut_fired && exchange.detail.empty() &&
      c.parser.state() == net::HttpResponseParser::State::kComplete) {
    exchange.detail = "no cut: the answer was complete before it";
  }
}

void NativeCore::finish(Connection& c, How how, TimePoint now, std::string_view reason,
                        After after) {
  Exchange& exchange = *c.exchange;
  if (c.special) {
    settle_fault(c);
    // Nobody knows what the peer makes of the bytes behind a malformed request.
    after = after == After::kKeep && (c.reads_slowly || exchange.malformed) ? After::kClose : after;
  }
  add_detail(exchange, reason);
  Barrier* const uncounted = c.barrier_counted ? nullptr : exchange.barrier;
  if (exchange.barrier != nullptr) {
    std::erase(at_barrier_, &c);
  }
  TimeoutLists::remove(c.timeout);
  ++c.token;
  c.exchange = nullptr;
  if (after == After::kKeep) {
    keep(c, now);
  } else {
    close(c, after);
  }
  hand_back(exchange, how, now);
  if (uncounted != nullptr) {
    count_at_barrier(*uncounted);
  }
  serve_waiting(now);
}

void NativeCore::move_to_fresh(Connection& c, TimePoint now) {
  Exchange& exchange = *c.exchange;
  ++counters_.closed_before_send;
  if (exchange.connection == model::CopyConnection::kSame && exchange.detail.empty()) {
    exchange.detail = kNotTheSame;
  }
  TimeoutLists::remove(c.timeout);
  ++c.token;
  c.exchange = nullptr;
  close(c, After::kClose);
  open(endpoints_.of(exchange), exchange, now);
}

void NativeCore::take_completed(std::vector<Exchange*>& out) {
  out.clear();
  out.swap(completed_);
}

EngineCounters NativeCore::take_counters() {
  EngineCounters counters = std::exchange(counters_, {});
  counters.tls = endpoints_.take_tls();
  return counters;
}

void NativeCore::abandon_all(TimePoint now) {
  abandoning_ = true;
  for (const auto& slot : slots_) {
    if (slot->exchange != nullptr) {
      note_progress(*slot);
      finish(*slot, How::kTimeout, now, "abandoned", After::kClose);
    }
  }
  while (!waiting_.empty()) {
    finish_unsent(waiting_.pop_front(), How::kDropped, now, "never got a connection");
  }
  while (!wakes_.empty()) {
    if (Exchange* const held = wakes_.pop().exchange) {
      finish_unsent(*held, How::kDropped, now, "held before connecting");
    }
  }
  abandoning_ = false;
}

std::optional<TimePoint> NativeCore::next_deadline() const {
  if (!completed_.empty()) {
    return TimePoint{};  // whoever sleeps until then looks at once
  }
  const TimePoint next = std::min({timeouts_.next_check(), wakes_.next(), idle_check_});
  return next == kNever ? std::nullopt : std::optional(next);
}

void NativeCore::on_time(TimePoint now) {
  while (TimeoutLink* const expired = timeouts_.pop_expired(now)) {
    time_out(*expired->owner, now);
  }
  while (wakes_.due(now)) {
    const Wake due = wakes_.pop();
    if (due.exchange != nullptr) {
      Exchange& exchange = *due.exchange;
      const bool over = exchange.timeout > Duration{} && connect_hold(exchange) >= exchange.timeout;
      if (over) {
        finish_unsent(exchange, How::kTimeout, now, "held before connecting");
      } else {
        exchange.hold_fired = true;
        start_or_queue(exchange, now);
      }
    } else if (due.side == Wake::For::kReader) {
      if (due.connection->read_token == due.token) {
        read_on(*due.connection);
      }
    } else if (due.connection->token == due.token) {
      wake(*due.connection, now);
    }
  }
  if (now >= idle_check_) {
    reap_idle(now);
  }
}

void NativeCore::time_out(Connection& c, TimePoint now) {
  using Waits = Connection::Waits;
  note_progress(c);
  const Exchange& exchange = *c.exchange;
  std::string_view reason = "no answer";
  if (c.state == Connection::State::kConnecting) {
    reason = c.stream.handshaking() ? "TLS handshake" : "connecting";
  } else if (c.waits == Waits::kBarrier) {
    reason = "waiting for the other copies";
  } else if (c.waits == Waits::kHold || c.waits == Waits::kPause) {
    reason = "held by a fault";
  } else if (c.waits == Waits::kTrickle) {
    reason = "sending slowly";
  } else if (exchange.bytes_sent < exchange.request_bytes()) {
    reason = "sending the request";
  } else if (exchange.bytes_received > 0) {
    reason = c.reads_slowly ? "reading slowly" : "answer not complete";
  }
  finish(c, How::kTimeout, now, reason, After::kClose);
}

}  // namespace squall::engine
