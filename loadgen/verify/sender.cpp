#include "loadgen/verify/sender.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/clock.hpp"
#include "loadgen/base/span_text.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/engine/exchange.hpp"
#include "loadgen/engine/step_judge.hpp"
#include "loadgen/expr/header_lines.hpp"

namespace squall::verify {
namespace {

using engine::Exchange;
using model::AttemptClass;

std::string what_of(const Shot& shot) {
  std::string what;
  if (shot.barrier) {
    what = "held before its last byte, released with the others";
  }
  if (shot.cut) {
    what += fmt::format("{}cut {}", what.empty() ? "" : ", ", model::to_string(shot.cut->at));
    if (shot.cut->delay > Duration::zero()) {
      what += fmt::format(", {} later", span_text(shot.cut->delay));
    }
  }
  if (shot.edit.change != nullptr) {
    what += fmt::format("{}{} set to {}", what.empty() ? "" : ", ", shot.edit.change->pointer,
                        shot.edit.change->json);
  }
  if (shot.edit.key == RequestEdit::KeyUse::kNone && !shot.anonymous) {
    what += fmt::format("{}without a key", what.empty() ? "" : ", ");
  }
  return what;
}

std::string shown_key(const Shot& shot, const KeyForm& form) {
  switch (shot.edit.key) {
    case RequestEdit::KeyUse::kNone:
      return {};
    case RequestEdit::KeyUse::kRaw:
      return shot.edit.raw_keys.empty() ? "" : shot.edit.raw_keys.front();
    case RequestEdit::KeyUse::kCarried:
      break;
  }
  const bool in_header = form.carrier.in == model::KeyCarrier::In::kHeader;
  return form.quoted && in_header ? quoted_string(shot.operation.key) : shot.operation.key;
}

}  // namespace

std::optional<std::string_view> Answer::header(std::string_view name) const {
  std::optional<std::string_view> found;
  expr::any_field(head, name, [&](std::string_view value) {
    found = value;
    return true;
  });
  return found;
}

// What a shot needs while it is under way. Does not move.
struct Sender::Flight {
  RequestText text;
  std::string bytes;  // of head and body
  model::WireScript script;
  Exchange exchange;
  Answer answer;
  bool sound = true;
};

struct Sender::Play {
  std::span<const Shot> shots;
  std::span<const Deed> deeds;
  std::deque<Flight> flights;  // by shot
  std::map<unsigned, engine::Barrier> barriers;
  std::vector<std::pair<Duration, std::size_t>> order;  // of what begins: shots, then deeds
  TimePoint began{};
};

Sender::Sender(const model::Plan& plan, const model::IdempotencyPlan& idempotency,
               unsigned connections)
    : plan_(plan),
      idempotency_(idempotency),
      form_{.carrier = idempotency.carrier, .quoted = idempotency.profile.quoted.value_or(false)},
      engines_(loop_, plan, {.connections = connections}),
      timer_(loop_, [] {}),
      chance_(plan.seed, "idempotency", "template") {}

const model::Caller* Sender::caller_of(const Shot& shot) const {
  const auto& callers = idempotency_.callers;
  return callers.empty() || shot.anonymous ? nullptr
                                           : &plan_.callers[callers.at(shot.operation.caller)];
}

const engine::RequestBuilder& Sender::builder_for(const Shot& shot) {
  const model::Caller* caller = caller_of(shot);
  auto& builder = builders_[{shot.request, shot.replica, caller}];
  if (builder == nullptr) {
    const model::Target& target = plan_.targets[shot.request->target];
    builder = std::make_unique<engine::RequestBuilder>(target, target.replicas.at(shot.replica),
                                                       shot.request->request, caller);
  }
  return *builder;
}

const Sender::Arrival& Sender::arrival_of(const std::string& token) {
  const auto [entry, added] = arrivals_.try_emplace(token);
  if (added) {
    entry->second = {.sequence = arrivals_.size() - 1, .now = wall_clock_now()};
  }
  return entry->second;
}

Result<RequestText> Sender::render(const Shot& shot) {
  const Operation& operation = shot.operation;
  const Arrival& arrival = arrival_of(operation.token);
  std::array<std::string, model::kIdempotencySlots> slots;
  slots[model::kTokenSlot] = operation.token;
  slots[model::kIdSlot] = operation.id;
  slots[model::kValueSlot] = operation.value;
  slots[model::kEventSlot] = operation.event;
  const model::Caller* caller = caller_of(shot);
  const expr::RenderContext context{
      .key = operation.key,
      .sequence = arrival.sequence,
      .run_id = plan_.run_id,
      .caller = caller != nullptr ? std::string_view(caller->name) : "",
      // Whoever sends an event again signs it anew.
      .now = shot.anonymous ? wall_clock_now() : arrival.now,
      .extracted = slots,
      .chance = chance_.bits_at(hash_bytes(operation.token)),
  };
  std::string buffer;
  const engine::RenderedRequest rendered = builder_for(shot).render(context, buffer);
  if (!rendered.sound) {
    return fail(ErrorCode::kInvalidArgument, std::string(engine::kUnsoundRequest));
  }
  RequestText text{.head = std::string(rendered.bytes.substr(0, rendered.head_bytes)),
                   .body = std::string(rendered.body())};
  return edit_request(std::move(text), operation.key, form_, shot.edit);
}

void Sender::prepare(const Shot& shot, Flight& flight) {
  Answer& answer = flight.answer;
  answer.what = what_of(shot);
  answer.key = shown_key(shot, form_);
  auto rendered = render(shot);
  if (!rendered) {
    flight.sound = false;
    answer.how = AttemptClass::kRefused;
    answer.detail = rendered.error().message;
    return;
  }
  flight.text = std::move(*rendered);
  flight.bytes = flight.text.head + flight.text.body;
  const model::Target& target = plan_.targets[shot.request->target];
  Exchange& exchange = flight.exchange;
  exchange.request = flight.bytes;
  exchange.head_bytes = flight.text.head.size();
  exchange.target = shot.request->target;
  exchange.replica = shot.replica;
  exchange.head_only = shot.request->request.method == "HEAD";
  exchange.keep_body = true;
  exchange.keep_header = true;
  exchange.timeout = shot.timeout > Duration::zero() ? shot.timeout : target.timeout;
  exchange.once = true;
  if (shot.fresh_connection) {
    exchange.connection = model::CopyConnection::kFresh;
  }
  if (shot.cut) {
    flight.script.cut = shot.cut;
    flight.script.fault_count = 1;
    exchange.cut_applies = true;
    exchange.script = &flight.script;
  }
}

void Sender::conclude(const Shot& shot, Flight& flight, TimePoint began) {
  const Exchange& exchange = flight.exchange;
  Answer& answer = flight.answer;
  answer.request = flight.bytes;
  answer.status = exchange.status;
  answer.head = exchange.head;
  answer.body = exchange.body;
  answer.detail = exchange.detail;
  answer.how = exchange.how;
  answer.started = exchange.taken_up - began;
  answer.sent =
      exchange.request_sent == TimePoint{} ? Duration::zero() : exchange.request_sent - began;
  answer.ended = exchange.end - began;
  answer.service = exchange.first_byte_sent == TimePoint{}
                       ? Duration::zero()
                       : exchange.end - exchange.first_byte_sent;
  answer.cut_fired = exchange.cut_fired;
  if (answer.how != AttemptClass::kSuccess) {
    return;
  }
  checker_.begin({.status = answer.status,
                  .body = answer.body,
                  .head = answer.head,
                  .body_bytes = exchange.body_bytes,
                  .service = answer.service});
  if (const auto unmet = checker_.first_unmet(shot.request->expect)) {
    answer.how = engine::class_of_unmet(answer.status);
    answer.detail = checker_.describe(shot.request->expect[*unmet]);
    return;
  }
  std::string id;
  if (idempotency_.id && checker_.extract(*idempotency_.id, id)) {
    answer.id = std::move(id);
  }
}

void Sender::run(Play& play) {
  std::size_t open = 0;
  std::size_t next = 0;
  std::vector<Exchange*> completed;
  while (next < play.order.size() || open > 0) {
    const TimePoint now = monotonic_now();
    while (next < play.order.size() && play.began + play.order[next].first <= now) {
      const std::size_t index = play.order[next++].second;
      if (index >= play.shots.size()) {
        play.deeds[index - play.shots.size()].act();
      } else if (play.flights[index].sound) {
        engines_.submit(play.flights[index].exchange, now);
        ++open;
      }
    }
    std::optional<TimePoint> wake = engines_.next_deadline();
    if (next < play.order.size()) {
      const TimePoint due = play.began + play.order[next].first;
      wake = wake ? std::min(*wake, due) : due;
    }
    if (wake) {
      timer_.arm(*wake);
    }
    if (open > 0 || next < play.order.size()) {
      loop_.wait();
    }
    engines_.on_time(monotonic_now());
    engines_.take_completed(completed);
    open -= completed.size();
  }
}

std::vector<Answer> Sender::play(std::span<const Shot> shots, std::span<const Deed> deeds) {
  Play play{.shots = shots, .deeds = deeds, .flights = {}, .barriers = {}, .order = {}};
  for (std::size_t i = 0; i < shots.size(); ++i) {
    prepare(shots[i], play.flights.emplace_back());
    play.order.emplace_back(shots[i].after, i);
    if (shots[i].barrier && play.flights.back().sound) {
      ++play.barriers[*shots[i].barrier].expected;
    }
  }
  for (std::size_t i = 0; i < deeds.size(); ++i) {
    play.order.emplace_back(deeds[i].at, shots.size() + i);
  }
  for (std::size_t i = 0; i < shots.size(); ++i) {
    if (shots[i].barrier) {
      play.flights[i].exchange.barrier = &play.barriers[*shots[i].barrier];
    }
  }
  std::stable_sort(play.order.begin(), play.order.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  play.began = monotonic_now();
  run(play);
  std::vector<Answer> answers;
  answers.reserve(shots.size());
  for (std::size_t i = 0; i < shots.size(); ++i) {
    if (play.flights[i].sound) {
      conclude(shots[i], play.flights[i], play.began);
    }
    answers.push_back(std::move(play.flights[i].answer));
  }
  return answers;
}

}  // namespace squall::verify
