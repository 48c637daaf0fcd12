#include "loadgen/verify/lab.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/run/waiting.hpp"

namespace squall::verify {
namespace {

constexpr int kTooManyRequests = 429;
constexpr unsigned kSparedConnections = 16;

unsigned connections_for(const model::Plan& plan) {
  unsigned most = 0;
  for (const unsigned barrier : plan.idempotency->barriers) {
    most = std::max(most, barrier);
  }
  most += kSparedConnections;
  const bool has_load = plan.idempotency->under_load > Duration::zero();
  return has_load ? std::max(most, plan.load.connections) : most;
}

constexpr unsigned kGonePlays = 5;
constexpr Duration kGoneFor = std::chrono::seconds(3);

// A step that no plan has, so that its keys are like those of a run and never the same.
const model::Step& key_source() {
  static const model::Step kStep = [] {
    model::Step step;
    step.full_name = "idempotency.key";
    return step;
  }();
  return kStep;
}

}  // namespace

Lab::Lab(const Deps& deps)
    : deps_(deps),
      idempotency_(*deps.plan.idempotency),
      sender_(deps.plan, idempotency_, connections_for(deps.plan)),
      effects_(deps.plan, run::interruptible_wait(deps.stop)),
      chance_(deps.plan.seed, "idempotency", "stratum") {
  for (const std::string& field : idempotency_.volatile_fields) {
    normaliser_.mask(field);
  }
  for (const std::string& field : profile().volatile_fields) {
    normaliser_.mask(field);
  }
}

std::string Lab::new_key() {
  std::string key = model::make_key(plan(), key_source(), {made_++, 0});
  effects_.made(key);
  return key;
}

Operation Lab::new_operation(std::uint16_t caller) {
  Operation operation;
  operation.key = new_key();
  operation.token = new_key();
  operation.caller = caller;
  return operation;
}

Shot Lab::shot(const Operation& operation) const {
  return shot(idempotency_.operation, operation);
}

Shot Lab::shot(const model::IdempotencyRequest& request, const Operation& operation) const {
  Shot shot;
  shot.request = &request;
  shot.operation = operation;
  const auto is = [&](const std::optional<model::IdempotencyRequest>& one) {
    return one && &*one == &request;
  };
  const auto& consumer = idempotency_.consumer;
  shot.anonymous = consumer && (&consumer->deliver == &request || is(consumer->later));
  if (is(idempotency_.read) || is(idempotency_.remove) || shot.anonymous) {
    shot.edit.key = RequestEdit::KeyUse::kNone;
  }
  return shot;
}

void Lab::keep_pace(std::size_t requests) {
  if (!plan().max_rate || !plan().leaves_loopback()) {
    return;
  }
  const TimePoint now = monotonic_now();
  if (next_send_ > now) {
    (void)wait(next_send_ - now);
  }
  next_send_ = std::max(next_send_, now) +
               from_seconds(static_cast<double>(requests) / plan().max_rate->per_second);
}

std::vector<Answer> Lab::play(Trial& trial, std::span<const Shot> shots,
                              std::span<const Sender::Deed> deeds) {
  keep_pace(shots.size());
  const Duration began = trial.elapsed();
  const std::size_t play = trial.next_play(!deeds.empty());
  std::vector<Answer> answers = sender_.play(shots, deeds);
  for (std::size_t i = 0; i < shots.size(); ++i) {
    trial.sent().push_back({.began = began,
                            .asks_effect = shots[i].request == &idempotency_.operation,
                            .shot = shots[i],
                            .play = play,
                            .answer = answers[i]});
    spoil_by(trial, shots[i], answers[i]);
  }
  notice_refusals(answers);
  return answers;
}

void Lab::notice_refusals(const std::vector<Answer>& answers) {
  const bool refused = std::all_of(answers.begin(), answers.end(), [](const Answer& answer) {
    return answer.how == model::AttemptClass::kRefused && !answer.cut_fired;
  });
  if (refused && refused_plays_ == 0) {
    refused_since_ = monotonic_now();
  }
  refused_plays_ = refused ? refused_plays_ + 1 : 0;
}

bool Lab::target_is_gone() const {
  return refused_plays_ >= kGonePlays && monotonic_now() - refused_since_ >= kGoneFor;
}

void Lab::spoil_by(Trial& trial, const Shot& shot, const Answer& answer) {
  if (answer.status == kTooManyRequests) {
    trial.spoil("the target limits the rate (status 429)");
  } else if (answer.how == model::AttemptClass::kRefused && !answer.cut_fired) {
    trial.spoil("a request could not be sent: " + answer.detail);
  } else if (shot.cut && !answer.cut_fired) {
    trial.spoil("a cut did not happen: " +
                (answer.detail.empty() ? std::string("the answer was faster") : answer.detail));
  }
}

Answer Lab::play(Trial& trial, const Shot& shot) {
  return std::move(play(trial, std::span(&shot, 1)).front());
}

bool Lab::act(Trial& trial, std::string text, const std::function<Result<void>()>& act) {
  trial.acts().push_back({.at = trial.elapsed(), .text = text});
  if (const Result<void> done = act(); !done) {
    trial.spoil(fmt::format("{}: {}", text, model::redact(done.error().message, plan().secrets)));
    return false;
  }
  return true;
}

bool Lab::wait(Duration time) const {
  return run::interruptible_wait(deps_.stop)(time);
}

double Lab::stratum(unsigned i, unsigned count) {
  return (static_cast<double>(i % count) + chance_.unit_at(drawn_++)) / static_cast<double>(count);
}

std::string Lab::differs_from_first(const Answer& first, const Answer& second) const {
  if (profile().replay == model::ReplayForm::kLatest) {
    const bool same = first.id && second.id && *first.id == *second.id;
    return same ? "" : "another resource than the first answer's";
  }
  if (first.status != second.status) {
    return fmt::format("status {}, was {}", second.status, first.status);
  }
  return normaliser_.difference(first.body, second.body);
}

bool Lab::is_refusal(int status, const std::vector<int>& declared) {
  if (!declared.empty()) {
    return std::find(declared.begin(), declared.end(), status) != declared.end();
  }
  return status >= 400 && status < 500;
}

bool Lab::has_marker(const Answer& answer, const model::ReplayMarker& marker) {
  const auto value = answer.header(marker.header);
  return value && (marker.value.empty() || equals_ignoring_case(*value, marker.value));
}

}  // namespace squall::verify
