#include "faults/proxy/http/http_relay.hpp"

#include <algorithm>
#include <utility>

namespace squall::faults {
namespace {

// What the upstream's side of the exchange has not been told yet is as if it had never been
// decided.
void forget_request(HttpExchange& exchange, std::size_t index) {
  const auto drop = [index](auto& decided) {
    if (decided.has_value() && decided->use == index) {
      decided.reset();
    }
  };
  drop(exchange.close_now);
  drop(exchange.close_after_request);
  drop(exchange.copies);
  if (exchange.writer == index) {
    exchange.writer.reset();
    exchange.answer_wire.clear();
    exchange.answer_body.clear();
    exchange.answer_changed = false;
    exchange.answer_closes = false;
  }
}

void forget_use(HttpExchange& exchange, std::size_t index) {
  HttpUse& use = exchange.uses[index];
  use.entry = nullptr;
  use.request_hold = {};
  use.answer_hold = {};
  if (exchange.pace.has_value() && exchange.pace->use == index) {
    exchange.pace.reset();
  }
  if (exchange.cut.has_value() && exchange.cut->close.use == index) {
    exchange.cut.reset();
  }
  if (exchange.answer_state == HttpExchange::AnswerState::kHeld && exchange.instead.has_value() &&
      exchange.instead->close.use == index) {
    exchange.instead.reset();
  }
  if (exchange.request_state == HttpExchange::RequestState::kKeeping ||
      exchange.request_state == HttpExchange::RequestState::kHeld) {
    forget_request(exchange, index);
  }
  if (use.state == HttpUse::State::kPlanned) {
    use.state = HttpUse::State::kOver;
  }
}

}  // namespace

HttpRelay::HttpRelay(const Deps& deps) : deps_(deps), alarm_(deps.alarms, *this) {}

HttpRelay::~HttpRelay() {
  stop();
  deps_.host.forget_copies(*this);
}

void HttpRelay::Side::consume(std::size_t bytes) {
  if (kept.empty()) {
    now.remove_prefix(bytes);
  } else {
    kept.erase(0, bytes);
  }
}

void HttpRelay::on_data(Direction direction, std::string_view bytes) {
  Side& from = side(direction);
  if (closed_) {
    return;
  }
  if (from.kept.empty()) {
    from.now = bytes;
  } else {
    from.kept.append(bytes);
  }
  run();
  if (!from.now.empty()) {
    from.kept.assign(from.now);
    from.now = {};
  }
}

void HttpRelay::on_end(Direction direction, EndKind kind) {
  side(direction).ended = kind;
  run();
}

bool HttpRelay::wants_data(Direction direction) const {
  const Side& from = direction == Direction::kUpstream ? client_ : server_;
  return closed_ || from.kept.empty();
}

void HttpRelay::pass(Direction direction, std::string_view bytes) {
  if (!bytes.empty()) {
    deps_.ends.pass(direction, bytes);
  }
}

void HttpRelay::run() {
  if (running_ || closed_) {
    return;
  }
  running_ = true;
  for (bool moved = true; moved && !closed_;) {
    wakes_at_.reset();
    moved = step_request();
    moved = (!closed_ && step_answer()) || moved;
    moved = (!closed_ && step_end_of_requests()) || moved;
    moved = (!closed_ && step_end_of_answers()) || moved;
  }
  running_ = false;
  if (closed_) {
    stop();
  } else if (wakes_at_.has_value()) {
    alarm_.set(*wakes_at_);
  } else {
    alarm_.cancel();
  }
}

void HttpRelay::on_alarm() {
  run();
  deps_.ends.after_alarm();
}

bool HttpRelay::is_time(TimePoint at) {
  if (at <= now()) {
    return true;
  }
  wakes_at_ = std::min(wakes_at_.value_or(at), at);
  return false;
}

bool HttpRelay::pass_raw(Direction direction) {
  Side& from = side(direction);
  const std::string_view bytes = from.input();
  if (bytes.empty()) {
    return false;
  }
  pass(direction, bytes);
  from.consume(bytes.size());
  return true;
}

void HttpRelay::count_untouched() {
  if (!std::exchange(untouched_, true)) {
    ++deps_.host.http_counters().untouched_links;
  }
}

void HttpRelay::go_raw(const std::string& reason) {
  if (!client_.raw && reading_) {
    HttpExchange& last = exchanges_.back();
    if (last.request_state == RequestState::kKeeping || last.request_state == RequestState::kHeld) {
      pass(Direction::kUpstream, last.request_head);
      pass(Direction::kUpstream, last.request_wire);
    }
  } else if (!client_.raw && !client_.end_passed && client_.scanner.in_message()) {
    pass(Direction::kUpstream, client_.scanner.head());
  }
  client_.raw = true;
  server_.raw = true;
  end_all(reason);
}

bool HttpRelay::pass_end(Direction direction) {
  Side& from = side(direction);
  from.end_passed = true;
  deps_.ends.end(direction, *from.ended);
  return true;
}

void HttpRelay::forget(const ToxicEntry& toxic) {
  for (HttpExchange& exchange : exchanges_) {
    for (std::size_t i = 0; i < exchange.uses.size(); ++i) {
      if (exchange.uses[i].entry == &toxic) {
        forget_use(exchange, i);
      }
    }
  }
  run();
}

void HttpRelay::on_copy_answered(std::uint64_t number, std::optional<std::string> answer) {
  const auto found = std::find_if(exchanges_.begin(), exchanges_.end(),
                                  [number](const auto& one) { return one.number == number; });
  if (found == exchanges_.end()) {
    return;
  }
  --found->copies_under_way;
  if (answer.has_value() && !found->copy_answer.has_value()) {
    found->copy_answer = std::move(answer);
  }
  if (running_) {
    return;  // it goes on by itself
  }
  run();
  deps_.ends.after_alarm();
}

void HttpRelay::stop() {
  closed_ = true;
  if (!running_) {
    alarm_.cancel();
    end_all(why_over_.empty() ? "the connection was closed" : why_over_);
  }
}

void HttpRelay::fire(HttpExchange& exchange, std::size_t use, std::string detail) {
  HttpUse& fired = exchange.uses[use];
  if (fired.state == HttpUse::State::kOver) {
    return;
  }
  fired.state = HttpUse::State::kOver;
  exchange.record().faults.push_back(fired.name);
  if (fired.entry != nullptr) {
    ++fired.entry->counters.fired;
    deps_.host.on_http_fired(*fired.entry, deps_.link, std::move(detail));
  }
}

void HttpRelay::fire_all(HttpExchange& exchange, HttpUse::State state) {
  for (std::size_t i = 0; i < exchange.uses.size(); ++i) {
    if (exchange.uses[i].state == state) {
      fire(exchange, i);
    }
  }
}

void HttpRelay::close(HttpExchange& exchange, const HttpExchange::Close& how, std::string detail) {
  why_over_ = "\"" + exchange.uses[how.use].name + "\" has closed the connection";
  fire(exchange, how.use, std::move(detail));
  shut(how.how);
}

void HttpRelay::shut(HttpClose how) {
  closed_ = true;
  deps_.ends.end(Direction::kDownstream,
                 how == HttpClose::kReset ? EndKind::kReset : EndKind::kEnd);
  deps_.ends.end(Direction::kUpstream, EndKind::kEnd);
}

void HttpRelay::end_first(const std::string& reason) {
  HttpExchange& exchange = exchanges_.front();
  for (HttpUse& use : exchange.uses) {
    use.preempt(reason);
    if (use.entry != nullptr) {
      --use.entry->http->active;
    }
  }
  exchange.record().ended = now() - exchange.record().began;
  deps_.host.on_part_over(*exchange.open);
  exchanges_.pop_front();
}

void HttpRelay::end_all(const std::string& reason) {
  while (!exchanges_.empty()) {
    end_first(reason);
  }
  reading_ = false;
}

}  // namespace squall::faults
