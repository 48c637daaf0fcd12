// The part of a relay that reads requests.
#include <utility>

#include <fmt/core.h>

#include "faults/proxy/http/exchange_view.hpp"
#include "faults/proxy/http/http_relay.hpp"

namespace squall::faults {
namespace {

constexpr std::size_t kMaxPipelined = 64;

}  // namespace

bool HttpRelay::may_begin_request() const {
  if (exchanges_.empty()) {
    return true;
  }
  const HttpExchange& last = exchanges_.back();
  return exchanges_.size() < kMaxPipelined && !last.switches && !last.answer_closes &&
         !last.close_after_request.has_value();
}

bool HttpRelay::step_request() {
  if (client_.raw) {
    return pass_raw(Direction::kUpstream);
  }
  if (reading_ && exchanges_.back().request_state == RequestState::kHeld) {
    HttpExchange& held = exchanges_.back();
    if (!is_time(held.decided + held.hold(&HttpUse::request_hold))) {
      return false;
    }
    release_request(held);
    return true;
  }
  const std::string_view input = client_.input();
  if (!reading_ && (input.empty() || !may_begin_request())) {
    return false;
  }
  if (!reading_ && !message_began_.has_value()) {
    message_began_ = now();
  }
  const net::HttpScanner::Step step = client_.scanner.next(input);
  switch (step.found) {
    case Found::kNothing:
      client_.consume(step.consumed);
      return step.consumed > 0;
    case Found::kHead:
      client_.consume(step.consumed);
      begin_exchange();
      return true;
    case Found::kBody:
      take_request_body(exchanges_.back(), input.substr(0, step.consumed));
      client_.consume(step.consumed);
      return true;
    case Found::kEnd:
      end_request(exchanges_.back());
      return true;
    case Found::kNotHttp:
      on_bad_request();
      return true;
  }
  return false;
}

// Requests before it still get their answers.
void HttpRelay::on_bad_request() {
  if (!reading_) {
    pass(Direction::kUpstream, client_.scanner.head());
    count_untouched();
    client_.raw = true;
    return;
  }
  HttpExchange& broken = exchanges_.back();
  if (broken.request_state == RequestState::kSwallowing) {
    // Nobody knows where it ends, so nothing can follow.
    client_.consume(client_.input().size());
    broken.answer_closes = true;
    end_request(broken);
    return;
  }
  if (broken.request_state == RequestState::kKeeping) {
    decide_request(broken);
    return;  // what follows comes again
  }
  count_untouched();
  client_.raw = true;
  reading_ = false;
}

void HttpRelay::begin_exchange() {
  HttpExchange& exchange = exchanges_.emplace_back();
  exchange.number = next_number_++;
  exchange.request_head = client_.scanner.head();
  exchange.request = HttpHead(exchange.request_head);
  exchange.switches =
      exchange.request.method() == "CONNECT" || exchange.request.has_word("Connection", "upgrade");
  reading_ = true;
  ++deps_.host.http_counters().exchanges;

  model::ProxyExchange& record = exchange.record();
  record.ordinal = deps_.host.next_request();
  record.link = deps_.link;
  record.began = message_began_.value_or(now());
  message_began_.reset();
  record.method = exchange.request.method().substr(0, 32);
  record.path = route_shape(exchange.request.path());
  const TraceView trace = trace_of(exchange.request);
  record.trace = trace.trace;
  record.caller_span = trace.caller_span;
  record.key = key_of(exchange.request);

  choose_faults(exchange);
  start_request(exchange);
}

void HttpRelay::choose_faults(HttpExchange& exchange) {
  const std::uint64_t ordinal = exchange.record().ordinal;
  for (const auto& toxic : deps_.host.toxics()) {
    if (!toxic->http.has_value() || !toxic->http->selection.matches(exchange.request)) {
      continue;
    }
    HttpEntry& http = *toxic->http;
    const std::uint64_t position = toxic->counters.requests++;
    if (!http.selection.picks(position) || !toxic->chosen_request(ordinal)) {
      continue;
    }
    ++toxic->counters.planned;
    if (http.selection.max_active > 0 && http.active >= http.selection.max_active) {
      toxic->counters.preempt(fmt::format("{} exchanges had it already", http.active));
      continue;
    }
    ++http.active;
    exchange.uses.push_back({.entry = toxic.get(),
                             .fault = http.fault,
                             .name = toxic->name,
                             .rng = toxic->request_draws(ordinal)});
  }
}

void HttpRelay::start_request(HttpExchange& exchange) {
  const bool fits = client_.scanner.framing() != net::HttpScanner::Framing::kLength ||
                    client_.scanner.content_length() <= HttpFault::kMaxKeptBody;
  const bool waits_for_continue = exchange.request.has_word("Expect", "100-continue");
  const bool can_invite = &exchange == &exchanges_.front();
  if (!exchange.wants_whole_request() || !fits || (waits_for_continue && !can_invite)) {
    decide_request(exchange);
    return;
  }
  exchange.request_state = RequestState::kKeeping;
  client_.scanner.decode_into(&exchange.request_body);
  if (waits_for_continue) {
    // The body goes on together with the head, so nobody has to ask for it again.
    exchange.request.remove("Expect");
    exchange.request_changed = true;
    pass(Direction::kDownstream, "HTTP/1.1 100 Continue\r\n\r\n");
  }
}

void HttpRelay::take_request_body(HttpExchange& exchange, std::string_view wire) {
  if (exchange.request_state == RequestState::kPassing) {
    pass(Direction::kUpstream, wire);
  } else if (exchange.request_state == RequestState::kKeeping) {
    exchange.request_wire.append(wire);
    if (exchange.request_wire.size() > HttpFault::kMaxKeptBody) {
      client_.scanner.decode_into(nullptr);
      decide_request(exchange);
    }
  }
}

void HttpRelay::end_request(HttpExchange& exchange) {
  exchange.request_whole = true;
  if (exchange.request_state == RequestState::kKeeping) {
    exchange.request_kept = true;
    decide_request(exchange);
  } else if (exchange.request_state != RequestState::kHeld) {
    reading_ = false;
  }
}

void HttpRelay::decide_request(HttpExchange& exchange) {
  exchange.decided = now();
  exchange.request_state = RequestState::kHeld;
  for (HttpUse& use : exchange.uses) {
    HttpRequestTurn turn(exchange, use, exchange.decided, deps_.clock.wall_now());
    use.fault->on_request(turn);
  }
  if (exchange.hold(&HttpUse::request_hold) == Duration::zero()) {
    release_request(exchange);
  }
}

void HttpRelay::release_request(HttpExchange& exchange) {
  if (exchange.close_now.has_value()) {
    exchange.request_state = RequestState::kSwallowing;
    close(exchange, *exchange.close_now);
    return;
  }
  fire_all(exchange, HttpUse::State::kWithRequest);
  if (exchange.writer.has_value() || exchange.close_after_request.has_value()) {
    exchange.request_state = RequestState::kSwallowing;
    if (exchange.copies.has_value()) {
      exchange.uses[exchange.copies->use].preempt("the upstream is not asked");
    }
  } else {
    ask_upstream(exchange);
  }
  if (exchange.request_whole) {
    reading_ = false;
  }
}

void HttpRelay::ask_upstream(HttpExchange& exchange) {
  exchange.request_state = RequestState::kPassing;
  exchange.record().asked = true;
  std::string head =
      exchange.request_changed ? exchange.request.wire() : std::move(exchange.request_head);
  const std::string body = std::exchange(exchange.request_wire, {});
  exchange.request_body = {};
  pass(Direction::kUpstream, head);
  pass(Direction::kUpstream, body);
  if (exchange.copies.has_value()) {
    send_copies(exchange, std::move(head.append(body)));
  }
}

void HttpRelay::send_copies(HttpExchange& exchange, std::string request) {
  HttpUse& use = exchange.uses[exchange.copies->use];
  if (exchange.switches) {
    use.preempt("the connection is to switch to another protocol");
    return;
  }
  const std::uint32_t count = exchange.copies->count;
  exchange.open->open_parts += count;
  exchange.copies_under_way = count;
  const std::string problem =
      deps_.host.send_copies({.relay = this,
                              .number = exchange.number,
                              .toxic = use.name,
                              .copies = count,
                              .request = std::move(request),
                              .head_only = exchange.request.method() == "HEAD",
                              .exchange = exchange.open});
  if (!problem.empty()) {
    exchange.open->open_parts -= count;
    exchange.copies_under_way = 0;
    use.preempt(problem);
    return;
  }
  use.state = HttpUse::State::kOver;  // counted where the copies are sent
}

bool HttpRelay::step_end_of_requests() {
  if (!client_.ended.has_value() || client_.end_passed || !client_.input().empty()) {
    return false;
  }
  if (client_.raw) {
    return pass_end(Direction::kUpstream);
  }
  if (reading_) {
    HttpExchange& last = exchanges_.back();
    switch (last.request_state) {
      case RequestState::kHeld:
        return false;
      case RequestState::kKeeping:
        decide_request(last);
        return true;
      case RequestState::kSwallowing:
        end_request(last);
        return true;
      case RequestState::kPassing:
        break;
    }
  } else if (client_.scanner.in_message()) {
    pass(Direction::kUpstream, client_.scanner.head());
    client_.raw = true;
    return true;
  }
  for (const HttpExchange& exchange : exchanges_) {
    if (!exchange.record().asked) {
      return false;  // its answer is written here, and has to leave before
    }
  }
  reading_ = false;  // a request that is cut short stays so
  return pass_end(Direction::kUpstream);
}

}  // namespace squall::faults
