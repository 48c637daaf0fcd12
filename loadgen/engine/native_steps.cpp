#include <algorithm>
#include <iterator>

#include "loadgen/base/check.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/engine/native_core.hpp"
#include "loadgen/engine/request_stream.hpp"

namespace squall::engine {

using Kind = ScriptStep::Kind;
using State = Connection::State;
using Waits = Connection::Waits;

namespace {

constexpr Duration kFirstDeliveryPoll = std::chrono::microseconds(50);
constexpr Duration kLongestDeliveryPoll = std::chrono::milliseconds(5);

// Chunks of a streamed body that are sent before other connections have their turn: about 0.2 ms.
constexpr unsigned kChunksPerTurn = 4;

// The parser has bounded the header before it gets here.
void keep_field(void* context, std::string_view name, std::string_view value) noexcept {
  std::string& head = static_cast<Exchange*>(context)->head;
  head.append(name).append(": ").append(value).append("\n");
}

}  // namespace

void NativeCore::prepare(Connection& c, Exchange& exchange, TimePoint now) {
  c.exchange = &exchange;
  exchange.connection_id = c.id;
  c.offered = 0;
  c.waits = Waits::kNothing;
  c.deadline = kNever;
  if (exchange.timeout > Duration{}) {
    if (exchange.deadline == TimePoint{}) {
      exchange.deadline = now + std::max(exchange.timeout - connect_hold(exchange), Duration{});
    }
    c.deadline = exchange.deadline;
    timeouts_.add(c.timeout, exchange.timeout, c.deadline);
  }
  c.parser.reset(exchange.head_only);
  c.parser.on_header(exchange.keep_header ? &keep_field : nullptr, &exchange);
  if (exchange.keep_body) {
    c.parser.capture_body(exchange.body, c.endpoint->max_body_kept);
  }
  c.scripted =
      exchange.script != nullptr || exchange.barrier != nullptr || !exchange.generated.empty();
  c.special = c.scripted || exchange.connection != model::CopyConnection::kAny;
  c.barrier_counted = false;
  if (c.special) {
    begin_script(c);
  }
}

void NativeCore::begin_script(Connection& c) {
  const Exchange& exchange = *c.exchange;
  c.same_missed = exchange.connection == model::CopyConnection::kSame && !exchange.detail.empty();
  c.barrier_kept = false;
  c.response_cut_due = false;
  c.next_step = 0;
  c.pieces_sent = 0;
  c.piece_end = 0;
  c.piece_due = false;
  c.steps = ScriptSteps(exchange);
}

void NativeCore::assign(Connection& c, Exchange& exchange, TimePoint now) {
  c.state = State::kBusy;
  prepare(c, exchange, now);
  send(c);
}

void NativeCore::send(Connection& c) {
  if (c.scripted) {
    advance(c);
    return;
  }
  Exchange& exchange = *c.exchange;
  const TimePoint now = monotonic_now();
  const auto written = c.stream.write(exchange.request, net::TcpStream::Lifetime::kBorrowed);
  if (written.error != 0) [[unlikely]] {
    write_refused(c, written, now);
    return;
  }
  c.offered = exchange.request.size();
  counters_.bytes_sent += written.taken;
  exchange.bytes_sent = written.taken;
  if (written.taken > 0) {
    exchange.first_byte_sent = now;
  }
  if (written.taken == exchange.request.size()) {
    exchange.request_sent = now;
  } else {
    c.waits = Waits::kKernel;
  }
}

void NativeCore::write_refused(Connection& c, const net::TcpStream::Written& written,
                               TimePoint now) {
  Exchange& exchange = *c.exchange;
  counters_.bytes_sent += written.taken;
  exchange.bytes_sent += written.taken;
  if (exchange.bytes_sent > 0) {
    finish(c, How::kReset, now, describe_failure(c, written.error), After::kClose);
  } else if (c.reused) {
    move_to_fresh(c, now);
  } else {
    finish(c, How::kRefused, now, describe_failure(c, written.error), After::kClose);
  }
}

void NativeCore::note_progress(Connection& c) {
  Exchange& exchange = *c.exchange;
  const std::uint64_t sent = c.offered - std::min(c.offered, c.stream.queued_bytes());
  if (sent <= exchange.bytes_sent) {
    return;
  }
  counters_.bytes_sent += sent - exchange.bytes_sent;
  const TimePoint now = monotonic_now();
  if (exchange.bytes_sent == 0) {
    exchange.first_byte_sent = now;
  }
  exchange.bytes_sent = sent;
  if (sent == exchange.request_bytes()) {
    exchange.request_sent = now;
  }
}

void NativeCore::on_sent(Connection& c) {
  if (c.exchange == nullptr) {
    return;  // TLS had to say something of its own behind the request, which was answered meanwhile
  }
  note_progress(c);
  if (c.waits != Waits::kKernel) {
    return;  // a cut or the answer came first
  }
  c.waits = Waits::kNothing;
  if (c.scripted) {
    advance(c);
  }
}

void NativeCore::advance(Connection& c) {
  c.waits = Waits::kNothing;
  for (;;) {
    const auto steps = c.steps.steps();
    const bool to_the_end = c.next_step == steps.size();
    const std::size_t stop = to_the_end ? c.exchange->request_bytes() : steps[c.next_step].at;
    while (c.offered < stop) {
      if (c.offered >= c.piece_end) {
        if (pauses_before_piece(c, monotonic_now())) {
          return;
        }
        c.piece_end = c.steps.pieces().end_of(c.offered, stop);
      }
      if (!send_up_to(c, c.piece_end)) {
        return;
      }
    }
    if (to_the_end || !do_step(c, steps[c.next_step++], monotonic_now())) {
      return;
    }
  }
}

bool NativeCore::pauses_before_piece(Connection& c, TimePoint now) {
  if (c.piece_due || !c.steps.pieces().pauses_at(c.offered)) {
    return false;
  }
  const Exchange& exchange = *c.exchange;
  const Duration pause = exchange.script->trickle->pause(c.pieces_sent++, exchange.copy);
  wait_until(c, Waits::kTrickle, now + pause);
  return true;
}

bool NativeCore::send_up_to(Connection& c, std::size_t stop) {
  using Lifetime = net::TcpStream::Lifetime;
  const Exchange& exchange = *c.exchange;
  if (exchange.generated.empty()) {
    return offer(c, exchange.request.substr(c.offered, stop - c.offered), Lifetime::kBorrowed);
  }
  chunk_.resize(kStreamChunk);
  for (unsigned chunks = 0; c.offered < stop; ++chunks) {
    if (chunks == kChunksPerTurn) {
      // Later than now, so that it is not due in this turn.
      wait_until(c, Waits::kTurn, monotonic_now() + Duration(1));
      return false;
    }
    const std::span<char> piece(chunk_.data(), std::min(stop - c.offered, chunk_.size()));
    copy_request(exchange, c.offered, piece);
    if (!offer(c, {piece.data(), piece.size()}, Lifetime::kCopied)) {
      return false;
    }
  }
  return true;
}

bool NativeCore::offer(Connection& c, std::string_view bytes, net::TcpStream::Lifetime lifetime) {
  Exchange& exchange = *c.exchange;
  const TimePoint now = monotonic_now();
  const auto written = c.stream.write(bytes, lifetime);
  if (written.error != 0) {
    write_refused(c, written, now);
    return false;
  }
  if (exchange.bytes_sent == 0 && written.taken > 0) {
    exchange.first_byte_sent = now;
  }
  c.offered += bytes.size();
  c.piece_due = false;
  counters_.bytes_sent += written.taken;
  exchange.bytes_sent += written.taken;
  if (exchange.bytes_sent == exchange.request_bytes()) {
    exchange.request_sent = now;
  }
  if (written.taken < bytes.size()) {
    c.waits = Waits::kKernel;
    return false;
  }
  return true;
}

bool NativeCore::do_step(Connection& c, const ScriptStep& step, TimePoint now) {
  switch (step.kind) {
    case Kind::kHold:
      if (step.point == model::WirePoint::kAfterSend) {
        c.stream.pause_reading();
      }
      wait_until(c, Waits::kHold, now + step.wait);
      return false;
    case Kind::kDeliver:
      if (is_delivered(c, step)) {
        return true;
      }
      c.delivery_deadline = now + step.wait;
      c.delivery_poll = kFirstDeliveryPoll;
      wait_until(c, Waits::kDelivery, now + c.delivery_poll);
      return false;
    case Kind::kBarrier:
      return arrive(c);
    case Kind::kPause:
      wait_until(c, Waits::kPause, now + step.wait);
      return false;
    case Kind::kCut:
      cut(c, now);
      return false;
  }
  return false;
}

void NativeCore::wait_until(Connection& c, Waits waits, TimePoint until) {
  c.waits = waits;
  ++c.token;
  wakes_.add(until, c, c.token);
}

void NativeCore::wake(Connection& c, TimePoint now) {
  switch (c.waits) {
    case Waits::kHold:
      c.exchange->hold_fired = true;
      if (!c.reader_rests) {
        c.stream.resume_reading();
      }
      // It stands for a pause at this byte, unless that would be the only one.
      c.piece_due = c.exchange->trickle_fired;
      advance(c);
      return;
    case Waits::kTrickle:
      c.exchange->trickle_fired = true;
      c.piece_due = true;
      advance(c);
      return;
    case Waits::kDelivery:
      wake_for_delivery(c, now);
      return;
    case Waits::kTurn:
      advance(c);
      return;
    case Waits::kPause:
      if (c.response_cut_due) {
        cut(c, now);
      } else {
        advance(c);
      }
      return;
    case Waits::kNothing:
    case Waits::kKernel:
    case Waits::kBarrier:
      return;  // nothing with a time of its own
  }
}

// Copies at a barrier only need to have nothing left to send but their last byte: waiting for
// acknowledgements would put the peer's delayed ones (40 ms) into every barrier. A cut must know
// that the peer has the bytes.
bool NativeCore::is_delivered(const Connection& c, const ScriptStep& step) {
  const bool at_barrier = c.exchange->barrier != nullptr &&
                          step.point == model::WirePoint::kBeforeLastByte &&
                          !(c.exchange->cut_applies && c.exchange->script->cut->at == step.point);
  return at_barrier ? c.stream.undeparted_bytes() == 0 : has_all_that_was_sent(c);
}

// Over the loopback device the peer's kernel has what has left. A cut that is to come a while after
// the last byte counts from then: the acknowledgement often comes with the answer only. Without a
// delay the acknowledgement leaves the server the moment to take the request up.
bool NativeCore::has_all_that_was_sent(const Connection& c) {
  const model::WireScript* script = c.exchange->script;
  const bool counts_from_leaving = c.endpoint->is_loopback && script != nullptr && script->cut &&
                                   script->cut->delay > Duration::zero();
  return (counts_from_leaving ? c.stream.undeparted_bytes() : c.stream.unsent_bytes()) == 0;
}

void NativeCore::wake_for_delivery(Connection& c, TimePoint now) {
  if (is_delivered(c, c.steps.steps()[c.next_step - 1])) {
    advance(c);
    return;
  }
  if (now < c.delivery_deadline) {
    c.delivery_poll = std::min(c.delivery_poll * 2, kLongestDeliveryPoll);
    wait_until(c, Waits::kDelivery, std::min(now + c.delivery_poll, c.delivery_deadline));
    return;
  }
  if (!awaits_whole_delivery(c)) {
    advance(
        c);  // the other copies need not suffer, and a cut within the request is a cut all the same
    return;
  }
  c.waits = Waits::kNothing;
  c.next_step = c.steps.steps().size();
  c.exchange->cut_missed = true;
  c.exchange->detail = "no cut: the peer did not take the whole request within 1 s";
}

bool NativeCore::awaits_whole_delivery(const Connection& c) {
  return c.waits == Waits::kDelivery &&
         c.steps.steps()[c.next_step - 1].point == model::WirePoint::kAfterSend;
}

bool NativeCore::arrive(Connection& c) {
  Barrier& barrier = *c.exchange->barrier;
  c.barrier_counted = true;
  c.piece_due = true;  // the last bytes leave together
  if (barrier.released) {
    return true;
  }
  c.waits = Waits::kBarrier;
  at_barrier_.push_back(&c);
  count_at_barrier(barrier);
  return false;
}

void NativeCore::count_at_barrier(Barrier& barrier) {
  ++barrier.arrived;
  if (barrier.released || abandoning_ || barrier.arrived < barrier.expected) {
    return;
  }
  barrier.released = true;
  std::vector<Connection*> together;
  std::copy_if(at_barrier_.begin(), at_barrier_.end(), std::back_inserter(together),
               [&](const Connection* c) { return c->exchange->barrier == &barrier; });
  std::erase_if(at_barrier_, [&](const Connection* c) { return c->exchange->barrier == &barrier; });
  for (Connection* const c : together) {
    if (c->waits == Waits::kBarrier) {
      c->barrier_kept = true;
      advance(*c);
    }
  }
}

void NativeCore::cut(Connection& c, TimePoint now) {
  const model::WireCut& planned = *c.exchange->script->cut;
  note_progress(c);
  c.exchange->cut_fired = true;
  finish(c, How::kCut, now, model::to_string(planned.at),
         planned.how == model::CutHow::kFin ? After::kClose : After::kReset);
}

}  // namespace squall::engine
