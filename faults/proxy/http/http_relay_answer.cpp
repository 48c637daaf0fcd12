// The part of a relay that reads and sends answers.
#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "faults/proxy/http/http_relay.hpp"

namespace squall::faults {
namespace {

constexpr bool is_interim(int status) {
  return status >= 100 && status < 200 && status != 101;
}

bool accepts_switch(const HttpExchange& exchange, int status) {
  return status == 101 || (exchange.request.method() == "CONNECT" && status >= 200 && status < 300);
}

}  // namespace

bool HttpRelay::step_answer() {
  if (server_.raw) {
    return pass_raw(Direction::kDownstream);
  }
  if (exchanges_.empty()) {
    if (server_.input().empty()) {
      return false;
    }
    count_untouched();  // the server speaks first, or more than it was asked
    go_raw("");
    return true;
  }
  HttpExchange& exchange = exchanges_.front();
  switch (exchange.answer_state) {
    case AnswerState::kHeld:
      if (!is_time(exchange.decided + exchange.hold(&HttpUse::answer_hold))) {
        return false;
      }
      release_answer(exchange);
      return true;
    case AnswerState::kPassing:
      if (!exchange.answer_wire.empty()) {
        return send_body(exchange);
      }
      [[fallthrough]];
    case AnswerState::kSwallowing:
      if (exchange.answer_whole) {
        finish_answer(exchange);
        return true;
      }
      break;
    case AnswerState::kDone:
      // An answer may come before its request is read whole; the exchange is over with both.
      if (exchange.upstream_done && !is_being_read(exchange)) {
        end_first("nothing was to be done");
        return true;
      }
      break;
    case AnswerState::kWaiting:
      if (step_waiting(exchange)) {
        return true;
      }
      break;
    case AnswerState::kKeeping:
      break;
  }
  return exchange.record().asked && !exchange.upstream_done && scan_answer(exchange);
}

bool HttpRelay::step_waiting(HttpExchange& exchange) {
  if (exchange.request_state == RequestState::kSwallowing) {
    // Who waits for an invitation would not send the rest.
    const bool ready =
        exchange.request_whole ||
        (exchange.writer.has_value() && exchange.request.has_word("Expect", "100-continue"));
    if (!ready || !deps_.ends.has_room(Direction::kDownstream)) {
      return false;
    }
    if (exchange.close_after_request.has_value()) {
      close(exchange, *exchange.close_after_request);
      return true;
    }
    exchange.answer_has_body = !exchange.answer_wire.empty();
    exchange.answer_kept = true;
    exchange.answer_whole = true;
    exchange.upstream_done = true;
    decide_answer(exchange);
    return true;
  }
  return exchange.copy_answer.has_value() && !server_.scanner.in_message() &&
         deps_.ends.has_room(Direction::kDownstream) && begin_copy(exchange);
}

// A copy was faster than the link's own request.
bool HttpRelay::begin_copy(HttpExchange& exchange) {
  const std::string wire = *std::exchange(exchange.copy_answer, std::nullopt);
  net::HttpScanner scanner(net::HttpScanner::Kind::kAnswers);
  std::string_view left = wire;
  bool ends = false;
  for (bool more = true; more;) {
    if (!scanner.in_message()) {
      scanner.set_head_only(exchange.request.method() == "HEAD");
    }
    const net::HttpScanner::Step step = scanner.next(left);
    if (step.found == Found::kHead && !is_interim(scanner.status())) {
      exchange.answer_head = scanner.head();
      exchange.answer = HttpHead(exchange.answer_head);
      exchange.answer_wire = left.substr(step.consumed);
      exchange.answer_has_body = scanner.framing() != net::HttpScanner::Framing::kNone;
      exchange.answer_closes = scanner.framing() == net::HttpScanner::Framing::kUntilEnd;
      scanner.decode_into(&exchange.answer_body);
      ends = true;
    }
    left.remove_prefix(step.consumed);
    more = step.found != Found::kNothing && step.found != Found::kNotHttp &&
           !(step.found == Found::kEnd && ends) && !(step.found == Found::kBody && left.empty());
  }
  if (!ends) {
    return false;
  }
  exchange.copy_won = true;
  exchange.answer_kept = true;
  exchange.answer_whole = true;
  decide_answer(exchange);
  return true;
}

bool HttpRelay::scan_answer(HttpExchange& exchange) {
  net::HttpScanner& scanner = server_.scanner;
  const std::string_view input = server_.input();
  if (!scanner.in_message()) {
    if (input.empty()) {
      return false;
    }
    scanner.set_head_only(exchange.request.method() == "HEAD");
  }
  const net::HttpScanner::Step step = scanner.next(input);
  switch (step.found) {
    case Found::kNothing:
      server_.consume(step.consumed);
      return step.consumed > 0;
    case Found::kHead:
      server_.consume(step.consumed);
      interim_ = is_interim(scanner.status());
      if (!interim_) {
        take_answer_head(exchange);
      } else if (!exchange.copy_won) {
        pass(Direction::kDownstream, scanner.head());
      }
      return true;
    case Found::kBody:
      take_answer_body(exchange, input.substr(0, step.consumed));
      server_.consume(step.consumed);
      return true;
    case Found::kEnd:
      if (!std::exchange(interim_, false)) {
        end_answer(exchange);
      }
      return true;
    case Found::kNotHttp:
      on_bad_answer(exchange);
      return true;
  }
  return false;
}

void HttpRelay::take_answer_head(HttpExchange& exchange) {
  using Framing = net::HttpScanner::Framing;
  const net::HttpScanner& scanner = server_.scanner;
  exchange.record().upstream_status = scanner.status();
  if (exchange.copy_won) {
    return;
  }
  exchange.answer_head = scanner.head();
  exchange.answer = HttpHead(exchange.answer_head);
  if (accepts_switch(exchange, scanner.status())) {
    exchange.switched = true;
    exchange.answer_whole = true;
    exchange.upstream_done = true;
    exchange.record().executed = true;
    decide_answer(exchange);
    return;
  }
  exchange.answer_has_body = scanner.framing() != Framing::kNone;
  if (scanner.framing() == Framing::kLength) {
    exchange.answer_length = scanner.content_length();
  }
  const bool fits = exchange.answer_length.value_or(0) <= HttpFault::kMaxKeptBody;
  if (exchange.wants_whole_answer() && exchange.answer_has_body && fits) {
    exchange.answer_state = AnswerState::kKeeping;
    server_.scanner.decode_into(&exchange.answer_body);
  } else {
    decide_answer(exchange);
  }
}

void HttpRelay::take_answer_body(HttpExchange& exchange, std::string_view wire) {
  if (exchange.copy_won || exchange.answer_state == AnswerState::kSwallowing) {
    return;
  }
  if (exchange.answer_state == AnswerState::kPassing && !exchange.cut.has_value() &&
      !exchange.pace.has_value()) {
    pass(Direction::kDownstream, wire);
    return;
  }
  exchange.answer_wire.append(wire);
  if (exchange.answer_state == AnswerState::kKeeping &&
      exchange.answer_wire.size() > HttpFault::kMaxKeptBody) {
    server_.scanner.decode_into(nullptr);
    decide_answer(exchange);
  }
}

void HttpRelay::end_answer(HttpExchange& exchange) {
  exchange.upstream_done = true;
  exchange.record().executed = true;
  if (exchange.copy_won) {
    return;
  }
  exchange.answer_whole = true;
  if (exchange.answer_state == AnswerState::kKeeping) {
    exchange.answer_kept = true;
    decide_answer(exchange);
  }
}

void HttpRelay::on_bad_answer(HttpExchange& exchange) {
  if (exchange.copy_won || exchange.answer_state == AnswerState::kSwallowing) {
    // Nobody knows where it ends; the client has its answer, or gets none of this.
    server_.consume(server_.input().size());
    exchange.upstream_done = true;
    exchange.answer_whole = true;
    exchange.answer_closes = true;
    if (exchange.answer_state == AnswerState::kDone) {
      shut(HttpClose::kFin);
    }
    return;
  }
  if (exchange.answer_state == AnswerState::kKeeping) {
    decide_answer(exchange);
    return;  // what follows comes again
  }
  if (exchange.answer_state == AnswerState::kWaiting) {
    pass(Direction::kDownstream, server_.scanner.head());
  }
  count_untouched();
  go_raw("the answer is not HTTP/1.1");
}

void HttpRelay::decide_answer(HttpExchange& exchange) {
  exchange.decided = now();
  exchange.answer_state = AnswerState::kHeld;
  for (HttpUse& use : exchange.uses) {
    if (use.state == HttpUse::State::kPlanned) {
      HttpAnswerTurn turn(exchange, use, exchange.decided, deps_.clock.wall_now());
      use.fault->on_answer(turn);
    }
  }
  if (exchange.hold(&HttpUse::answer_hold) == Duration::zero()) {
    release_answer(exchange);
  }
}

void HttpRelay::release_answer(HttpExchange& exchange) {
  for (std::size_t i = 0; i < exchange.uses.size(); ++i) {
    if (exchange.uses[i].answer_hold > Duration::zero()) {
      fire(exchange, i);
    }
  }
  if (exchange.instead.has_value()) {
    exchange.answer_state = AnswerState::kSwallowing;
    exchange.answer_wire.clear();
    return;
  }
  model::ProxyExchange& record = exchange.record();
  exchange.answer_state = AnswerState::kPassing;
  record.status = exchange.answer.status();
  record.first_byte = now() - record.began;
  pass(Direction::kDownstream,
       exchange.answer_changed ? exchange.answer.wire() : exchange.answer_head);
  fire_all(exchange, HttpUse::State::kWithAnswer);
  if (exchange.writer.has_value()) {
    fire(exchange, *exchange.writer);
  }
}

bool HttpRelay::send_body(HttpExchange& exchange) {
  constexpr std::uint64_t kStepsPerSecond = 20;
  std::string& wire = exchange.answer_wire;
  std::uint64_t count = wire.size();
  if (exchange.cut.has_value()) {
    if (exchange.cut->left == 0) {
      close(exchange, exchange.cut->close);
      return true;
    }
    count = std::min(count, exchange.cut->left);
  }
  if (exchange.pace.has_value()) {
    if (!is_time(exchange.pace->next)) {
      return false;
    }
    count = std::min(count,
                     std::max<std::uint64_t>(exchange.pace->bytes_per_second / kStepsPerSecond, 1));
    exchange.pace->next =
        now() + Duration(count * 1'000'000'000ULL / exchange.pace->bytes_per_second);
  }
  pass(Direction::kDownstream, std::string_view(wire).substr(0, count));
  wire.erase(0, count);
  if (exchange.cut.has_value()) {
    exchange.cut->left -= count;
  }
  return true;
}

void HttpRelay::finish_answer(HttpExchange& exchange) {
  model::ProxyExchange& record = exchange.record();
  if (exchange.answer_state == AnswerState::kSwallowing) {
    const HttpExchange::Close& how = exchange.instead->close;
    if (record.executed && exchange.uses[how.use].entry != nullptr) {
      ++exchange.uses[how.use].entry->counters.executed;
    }
    pass(Direction::kDownstream, exchange.instead->bytes);
    close(exchange, how,
          fmt::format("request {}: the upstream had answered {}, {}", record.ordinal,
                      record.upstream_status, record.executed ? "whole" : "not to the end"));
    return;
  }
  if (exchange.cut.has_value()) {
    exchange.uses[exchange.cut->close.use].preempt("the body was no longer than that");
  }
  if (record.executed || exchange.copy_won || exchange.writer.has_value()) {
    record.last_byte = now() - record.began;
  }
  record.caller_left = client_.ended.has_value() || deps_.ends.has_left(Direction::kUpstream);
  exchange.answer_state = AnswerState::kDone;
  if (exchange.switched) {
    count_untouched();
    go_raw("nothing was to be done");
  } else if (exchange.answer_closes) {
    shut(HttpClose::kFin);
  }
}

bool HttpRelay::on_answer_cut_short(HttpExchange& exchange) {
  exchange.upstream_done = true;
  switch (exchange.answer_state) {
    case AnswerState::kKeeping:
      exchange.answer_whole = true;
      decide_answer(exchange);
      return true;
    case AnswerState::kSwallowing:
      exchange.answer_whole = true;
      return true;
    case AnswerState::kWaiting:
      if (exchange.copies_under_way > 0) {
        return true;
      }
      pass(Direction::kDownstream, server_.scanner.in_message() ? server_.scanner.head() : "");
      return false;
    case AnswerState::kHeld:
    case AnswerState::kPassing:
    case AnswerState::kDone:
      break;
  }
  return false;
}

bool HttpRelay::step_end_of_answers() {
  if (!server_.ended.has_value() || server_.end_passed || !server_.input().empty()) {
    return false;
  }
  if (server_.raw || exchanges_.empty()) {
    pass_end(Direction::kDownstream);
    if (!server_.raw && !closed_) {
      go_raw("");  // what the client still asks for has no answer to wait for
    }
    return true;
  }
  HttpExchange& exchange = exchanges_.front();
  const bool is_sending =
      exchange.answer_state == AnswerState::kHeld ||
      (exchange.answer_state == AnswerState::kPassing && !exchange.answer_wire.empty());
  if (is_sending || exchange.writer.has_value() || exchange.close_after_request.has_value()) {
    return false;
  }
  if (exchange.record().asked && !exchange.upstream_done) {
    if (server_.scanner.finish()) {
      return true;  // the answer ends with the connection
    }
    if (on_answer_cut_short(exchange)) {
      return true;
    }
  } else if (exchange.answer_state == AnswerState::kWaiting &&
             (exchange.copies_under_way > 0 || exchange.copy_answer.has_value())) {
    return false;
  }
  if (exchange.answer_state == AnswerState::kKeeping ||
      exchange.answer_state == AnswerState::kSwallowing) {
    return false;
  }
  go_raw("the upstream has closed the connection");
  return true;
}

}  // namespace squall::faults
