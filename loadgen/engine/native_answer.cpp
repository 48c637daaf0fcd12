#include <algorithm>
#include <cerrno>

#include "loadgen/base/check.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/engine/exchange_results.hpp"
#include "loadgen/engine/native_core.hpp"

namespace squall::engine {

using Waits = Connection::Waits;

void Connection::on_connected() {
  core.on_connected(*this);
}
void Connection::on_data(std::string_view bytes) {
  core.on_data(*this, bytes);
}
void Connection::on_end() {
  core.on_end(*this);
}
void Connection::on_failure(Side side, int error) {
  core.on_failure(*this, side, error);
}
void Connection::on_sent() {
  core.on_sent(*this);
}

void NativeCore::on_connected(Connection& c) {
  ++counters_.connections_opened;
  c.endpoint->preferred =
      (c.endpoint->preferred + c.addresses_tried - 1) % c.endpoint->addresses.size();
  c.endpoint->reached = true;
  c.state = Connection::State::kBusy;
  if (c.reads_slowly) {
    c.stream.set_read_limit(1);
  }
  TimeoutLists::remove(c.timeout);
  if (c.deadline != kNever) {
    timeouts_.add(c.timeout, c.exchange->timeout, c.deadline);
  }
  send(c);
}

void NativeCore::on_data(Connection& c, std::string_view bytes) {
  const TimePoint now = monotonic_now();
  if (c.exchange == nullptr) {
    counters_.unsolicited_bytes += bytes.size();
    close_idle(c);
    return;
  }
  Exchange& exchange = *c.exchange;
  counters_.bytes_received += bytes.size();
  exchange.bytes_received += bytes.size();
  if (exchange.raw_answer != nullptr) {
    keep_raw(*exchange.raw_answer, bytes);
  }
  if (exchange.bytes_sent == 0 && c.offered == 0) {
    counters_.unsolicited_bytes += bytes.size();
    connection_lost(c, How::kMalformed, now, "the peer spoke before the request");
    return;
  }
  if (c.scripted && script_takes(c, now)) {
    return;
  }
  if (c.reads_slowly) {
    rest_after_read(c, bytes.size(), now);
  }
  read_answer(c, bytes, now);
}

// The first read of an answer takes one byte, so that every answer is paused at least once: a fault
// that was decided must happen.
void NativeCore::begin_slow_read(Connection& c) {
  c.reads_slowly = true;
  c.reader_rests = false;
  c.read_due = {};
  c.stream.set_receive_buffer(c.exchange->script->slow_read->window);
}

void NativeCore::end_slow_read(Connection& c) {
  c.reads_slowly = false;
  c.reader_rests = false;
  ++c.read_token;
  c.stream.set_receive_buffer(0);
  c.stream.set_read_limit(0);
}

void NativeCore::rest_after_read(Connection& c, std::size_t bytes, TimePoint now) {
  const ReadPace next = next_read(*c.exchange->script->slow_read, bytes, c.read_due, now);
  c.read_due = next.due;
  c.stream.set_read_limit(next.piece);
  c.stream.pause_reading();
  c.reader_rests = true;
  ++c.read_token;
  wakes_.add(next.due, c, c.read_token, Wake::For::kReader);
}

void NativeCore::read_on(Connection& c) {
  c.reader_rests = false;
  c.exchange->slow_read_fired = true;
  if (!holds_answer(c)) {
    c.stream.resume_reading();
  }
}

bool NativeCore::holds_answer(const Connection& c) {
  return c.waits == Waits::kHold &&
         c.steps.steps()[c.next_step - 1].point == model::WirePoint::kAfterSend;
}

bool NativeCore::script_takes(Connection& c, TimePoint now) {
  if (c.waits == Waits::kPause) {
    return true;
  }
  if (const auto& response_cut = c.steps.response_cut()) {
    c.response_cut_due = true;
    c.next_step = c.steps.steps().size();
    if (response_cut->delay > Duration{}) {
      wait_until(c, Waits::kPause, now + response_cut->delay);
    } else {
      cut(c, now);
    }
    return true;
  }
  return cut_if_delivered(c);
}

// The peer answers a request whose cut waits for its delivery: this is the moment, if all of it is
// there.
bool NativeCore::cut_if_delivered(Connection& c) {
  if (!awaits_whole_delivery(c) || !has_all_that_was_sent(c)) {
    return false;
  }
  ++c.token;
  advance(c);
  return true;
}

void NativeCore::read_answer(Connection& c, std::string_view bytes, TimePoint now) {
  using State = net::HttpResponseParser::State;
  const auto fed = c.parser.feed(bytes);
  switch (fed.state) {
    case State::kNeedMore:
      return;
    case State::kMalformed:
      note_progress(c);
      finish(c, How::kMalformed, now, c.parser.problem(), After::kClose);
      return;
    case State::kHeaderTooLarge:
      note_progress(c);
      finish(c, How::kOversized, now, c.parser.problem(), After::kClose);
      return;
    case State::kComplete:
      break;
  }
  Exchange& exchange = *c.exchange;
  exchange.status = c.parser.status();
  exchange.body_bytes = c.parser.body_bytes();
  exchange.body_truncated = c.parser.capture_truncated();
  if (exchange.bytes_sent < exchange.request_bytes()) {
    note_progress(c);
  }
  const std::size_t extra = bytes.size() - fed.consumed;
  counters_.unsolicited_bytes += extra;
  exchange.bytes_received -= extra;
  const bool whole = exchange.bytes_sent == exchange.request_bytes();
  const bool reusable = extra == 0 && whole && c.parser.keep_alive();
  finish(c, How::kSuccess, now, {}, reusable ? After::kKeep : After::kClose);
}

void NativeCore::on_end(Connection& c) {
  const TimePoint now = monotonic_now();
  if (c.exchange == nullptr) {
    close_idle(c);
    return;
  }
  if (c.waits == Waits::kPause) {
    return;  // our side of the connection is still ours to cut
  }
  if (c.scripted && cut_if_delivered(c)) {
    return;
  }
  // Over TLS anybody on the way can end the TCP connection, but not say that the peer has.
  const bool in_order = c.stream.ended_in_order();
  if (in_order && c.parser.finish() == net::HttpResponseParser::Ending::kComplete) {
    note_progress(c);
    c.exchange->status = c.parser.status();
    c.exchange->body_bytes = c.parser.body_bytes();
    c.exchange->body_truncated = c.parser.capture_truncated();
    finish(c, How::kSuccess, now, {}, After::kClose);
    return;
  }
  const bool started = c.parser.started();
  std::string_view reason = "closed without an answer";
  if (started) {
    reason = in_order ? "closed within the answer"
                      : "closed within the answer, and without TLS's close_notify";
  }
  connection_lost(c, How::kClosed, now, reason);
}

void NativeCore::on_failure(Connection& c, net::TcpEvents::Side side, int error) {
  const TimePoint now = monotonic_now();
  switch (side) {
    case net::TcpEvents::Side::kConnect: {
      int last_error = error;
      if (!try_next_address(c, last_error)) {
        finish_unconnected(c, last_error, now);
      }
      return;
    }
    case net::TcpEvents::Side::kRead:
      if (c.exchange == nullptr) {
        close_idle(c);
      } else {
        connection_lost(c, How::kReset, now, describe_failure(c, error));
      }
      return;
    case net::TcpEvents::Side::kWrite:
      if (c.exchange == nullptr) {  // what is kept has nothing left to write, but TLS may have
        close_idle(c);
        return;
      }
      // libuv does not say how much of a failed write the kernel had taken: perhaps some of it, so
      // that nobody may call this request unsent.
      c.exchange->bytes_sent = std::max<std::uint64_t>(c.exchange->bytes_sent, 1);
      finish(c, How::kReset, now, describe_failure(c, error), After::kClose);
      return;
  }
}

// The peer ended a busy connection, or made it useless. Nothing was lost yet when no byte of the
// request had left.
void NativeCore::connection_lost(Connection& c, How how, TimePoint now, std::string_view reason) {
  note_progress(c);
  const bool unsent = c.exchange->bytes_sent == 0 && c.offered == 0;
  if (unsent && c.reused) {
    move_to_fresh(c, now);
    return;
  }
  const How seen = unsent && how == How::kReset ? How::kRefused : how;
  finish(c, seen, now, reason, After::kClose);
}

}  // namespace squall::engine
