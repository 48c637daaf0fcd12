#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "faults/proxy/http/http_exchange.hpp"
#include "faults/proxy/http/http_fault.hpp"

namespace squall::faults {
namespace {

using State = HttpUse::State;

// A change alone fires with its message; whatever else was decided fires later.
void mark(HttpUse& use, State state) {
  if (use.state == State::kPlanned || state == State::kLater) {
    use.state = state;
  }
}

void set_length(HttpHead& head, std::size_t bytes) {
  head.remove("Transfer-Encoding");
  head.remove("Trailer");
  head.set("Content-Length", std::to_string(bytes));
}

std::size_t index_of(const HttpExchange& exchange, const HttpUse& use) {
  return static_cast<std::size_t>(&use - exchange.uses.data());
}

}  // namespace

Rng& HttpTurn::rng() {
  return use_.rng;
}

const HttpHead& HttpTurn::request() const {
  return exchange_.request;
}

void HttpTurn::preempt(std::string reason) {
  use_.preempt(std::move(reason));
}

void HttpTurn::spare() {
  use_.spare();
}

const std::string* HttpRequestTurn::body() const {
  return exchange_.request_kept ? &exchange_.request_body : nullptr;
}

void HttpRequestTurn::hold(Duration by) {
  use_.request_hold += by;
  mark(use_, State::kWithRequest);
}

HttpHead& HttpRequestTurn::change_head() {
  exchange_.request_changed = true;
  mark(use_, State::kWithRequest);
  return exchange_.request;
}

void HttpRequestTurn::change_body(std::string body) {
  set_length(change_head(), body.size());
  exchange_.request_wire = body;
  exchange_.request_body = std::move(body);
}

// The first one to say how an exchange ends is the one who does it.
bool HttpRequestTurn::may_end() {
  const HttpExchange& e = exchange_;
  std::optional<std::size_t> other = e.writer;
  if (e.close_now.has_value()) {
    other = e.close_now->use;
  } else if (e.close_after_request.has_value()) {
    other = e.close_after_request->use;
  }
  if (other.has_value()) {
    preempt(fmt::format("\"{}\" has ended the exchange before", e.uses[*other].name));
  }
  return !other.has_value();
}

void HttpRequestTurn::answer(HttpHead head, std::string body) {
  if (!may_end()) {
    return;
  }
  HttpExchange& e = exchange_;
  set_length(head, body.size());
  e.answer_closes = e.request.is_http_1_0() || e.request.has_word("Connection", "close") ||
                    e.request.has_word("Expect", "100-continue");
  if (e.answer_closes) {
    head.set("Connection", "close");
  }
  e.writer = index_of(e, use_);
  e.answer = std::move(head);
  e.answer_body = body;
  e.answer_wire = e.request.method() == "HEAD" ? std::string() : std::move(body);
  e.answer_changed = true;
  mark(use_, State::kLater);
}

void HttpRequestTurn::close_now(HttpClose how) {
  if (may_end()) {
    exchange_.close_now = {how, index_of(exchange_, use_)};
    mark(use_, State::kLater);
  }
}

void HttpRequestTurn::close_after_request(HttpClose how) {
  if (may_end()) {
    exchange_.close_after_request = {how, index_of(exchange_, use_)};
    mark(use_, State::kLater);
  }
}

void HttpRequestTurn::send_copies(std::uint32_t copies) {
  if (exchange_.copies.has_value()) {
    preempt(fmt::format("\"{}\" sends copies already", exchange_.uses[exchange_.copies->use].name));
    return;
  }
  exchange_.copies = {copies, index_of(exchange_, use_)};
  mark(use_, State::kLater);
}

const HttpHead& HttpAnswerTurn::head() const {
  return exchange_.answer;
}

const std::string* HttpAnswerTurn::body() const {
  return exchange_.answer_kept && exchange_.answer_has_body ? &exchange_.answer_body : nullptr;
}

bool HttpAnswerTurn::has_body() const {
  return exchange_.answer_has_body;
}

bool HttpAnswerTurn::knows_wire_bytes() const {
  return exchange_.answer_kept || exchange_.answer_length.has_value();
}

std::uint64_t HttpAnswerTurn::wire_bytes() const {
  return exchange_.answer_kept ? exchange_.answer_wire.size() : exchange_.answer_length.value_or(0);
}

bool HttpAnswerTurn::from_upstream() const {
  return !exchange_.writer.has_value();
}

void HttpAnswerTurn::hold(Duration by) {
  use_.answer_hold += by;
  mark(use_, State::kWithAnswer);
}

HttpHead& HttpAnswerTurn::change_head() {
  exchange_.answer_changed = true;
  mark(use_, State::kWithAnswer);
  return exchange_.answer;
}

void HttpAnswerTurn::change_body(std::string body) {
  set_length(change_head(), body.size());
  exchange_.answer_wire = body;
  exchange_.answer_body = std::move(body);
}

bool HttpAnswerTurn::may_end() {
  const HttpExchange& e = exchange_;
  std::optional<std::size_t> other;
  if (e.instead.has_value()) {
    other = e.instead->close.use;
  } else if (e.cut.has_value()) {
    other = e.cut->close.use;
  }
  if (other.has_value()) {
    preempt(fmt::format("\"{}\" has ended the exchange before", e.uses[*other].name));
  }
  return !other.has_value();
}

void HttpAnswerTurn::send_instead(std::string bytes, HttpClose how) {
  if (may_end()) {
    exchange_.instead = {std::move(bytes), {how, index_of(exchange_, use_)}};
    mark(use_, State::kLater);
  }
}

void HttpAnswerTurn::cut_body(std::uint64_t bytes, HttpClose how) {
  if (may_end()) {
    exchange_.cut = {bytes, {how, index_of(exchange_, use_)}};
    mark(use_, State::kLater);
  }
}

void HttpAnswerTurn::pace_body(std::uint64_t bytes_per_second) {
  if (exchange_.pace.has_value()) {
    preempt(fmt::format("\"{}\" paces the body already", exchange_.uses[exchange_.pace->use].name));
    return;
  }
  exchange_.pace = {std::max<std::uint64_t>(bytes_per_second, 1), now_, index_of(exchange_, use_)};
  mark(use_, State::kWithAnswer);
}

}  // namespace squall::faults
