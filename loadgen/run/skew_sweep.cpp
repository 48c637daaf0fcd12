#include "loadgen/run/skew_sweep.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/core.h>

#include "loadgen/base/check.hpp"
#include "loadgen/base/clock_estimate.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/run/skew_search.hpp"
#include "loadgen/run/waiting.hpp"

namespace squall::run {
namespace {

// Below the preflight's, one for each request: keys of the run that no arrival has.
constexpr std::uint64_t kFirstArrival = kPreflightArrival - 1;
// At one offset, before the sweep is given up.
constexpr unsigned kUnclearAnswers = 3;
// Answers with true times, for the estimate of the target's clock.
constexpr unsigned kClockReadings = 5;

enum class Answer { kAccepted, kRefused, kUnclear };

Answer answer_of(const StepTrace& step) {
  constexpr int kRequestTimeout = 408;
  constexpr int kTooManyRequests = 429;
  if (step.how == model::AttemptClass::kSuccess) {
    return Answer::kAccepted;
  }
  const bool is_answer =
      step.how == model::AttemptClass::kUnexpected || step.how == model::AttemptClass::kClientError;
  const bool later = step.status == kRequestTimeout || step.status == kTooManyRequests;
  return is_answer && !later ? Answer::kRefused : Answer::kUnclear;
}

std::string describe(const StepTrace& step) {
  return fmt::format("{} {}{}{}{}", step.step, model::to_string(step.how),
                     step.status > 0 ? fmt::format(", status {}", step.status) : "",
                     step.detail.empty() ? "" : ": ", step.detail);
}

class Sweep {
 public:
  Sweep(const model::Plan& plan, const StopSignal& stop, const SweepProgress& progress)
      : plan_(plan), skew_(*plan.skew), stop_(stop), progress_(progress) {
    const model::Step& step = plan.steps[skew_.step];
    result_.step = step.full_name;
    result_.to = skew_.to;
    result_.resolution = skew_.resolution;
    result_.declares_window = skew_.window.has_value();
    result_.window = skew_.window.value_or(Duration::zero());
    result_.leeway = skew_.leeway;
    result_.declares_ahead = skew_.ahead.has_value();
    result_.ahead = skew_.ahead.value_or(Duration::zero());
  }

  model::SkewSweep take() {
    const Result<void> done = sweep();
    if (!done) {
      result_.problem = model::redact(done.error().message, plan_.secrets);
    }
    result_.clock_known = clock_.is_known();
    if (clock_.is_known()) {
      result_.clock_least = clock_.least();
      result_.clock_most = clock_.most();
    }
    result_.clock_text = clock_.text();
    for (const auto& [offset, answers] : points_) {
      result_.points.push_back(
          {.offset = offset, .accepted = answers.accepted, .refused = answers.refused});
    }
    return std::move(result_);
  }

 private:
  Result<void> sweep() {
    const auto fresh = ask(Duration::zero(), std::max(skew_.tries, kClockReadings));
    if (!fresh) {
      return fail(fresh.error());
    }
    if (fresh->accepted == 0) {
      return fail(ErrorCode::kUnavailable,
                  "requests with the true time are refused: " + last_refusal_);
    }
    if (fresh->refused > 0) {
      result_.past = {.kind = model::SkewEdgeKind::kFlapping};
      result_.future = result_.past;
      return {};  // whatever is found farther out would mean nothing
    }
    for (const auto& [edge, sign] : {std::pair{&result_.past, -1}, std::pair{&result_.future, 1}}) {
      const int direction = sign;
      auto found = find_skew_edge(skew_.resolution, skew_.to, [&](Duration distance) {
        return ask(direction * distance, skew_.tries);
      });
      if (!found) {
        return fail(found.error());
      }
      *edge = *found;
    }
    return {};
  }

  Result<SkewAnswers> ask(Duration offset, unsigned times) {
    SkewAnswers answers;
    for (unsigned unclear = 0; answers.accepted + answers.refused < times;) {
      if (stop_.raised()) {
        return fail(ErrorCode::kUnavailable, "stopped by a signal");
      }
      const auto step = send(offset);
      if (!step) {
        return fail(step.error());
      }
      switch (answer_of(*step)) {
        case Answer::kAccepted:
          ++answers.accepted;
          break;
        case Answer::kRefused:
          ++answers.refused;
          last_refusal_ = describe(*step);
          break;
        case Answer::kUnclear:
          if (++unclear == kUnclearAnswers) {
            return fail(
                ErrorCode::kUnavailable,
                fmt::format("no clear answer with times {} {} ours: {}",
                            format_duration(std::chrono::abs(offset)),
                            offset < Duration::zero() ? "behind" : "ahead of", describe(*step)));
          }
          break;
      }
    }
    SkewAnswers& point = points_[offset];
    point.accepted += answers.accepted;
    point.refused += answers.refused;
    return answers;
  }

  Result<StepTrace> send(Duration offset) {
    keep_pace();
    const model::Step& step = plan_.steps[skew_.step];
    IterationTrace trace =
        run_iteration(plan_, plan_.scenarios[step.scenario], kFirstArrival - result_.requests,
                      SkewedStep{.step = skew_.step, .offset = offset});
    ++result_.requests;
    progress_(trace, offset);
    if (trace.steps.empty() || trace.steps.back().index != skew_.step) {
      return fail(ErrorCode::kUnavailable,
                  trace.steps.empty()
                      ? fmt::format("an iteration does not come to {}", step.full_name)
                      : fmt::format("an iteration ends before {}: {}", step.full_name,
                                    describe(trace.steps.back())));
    }
    StepTrace last = std::move(trace.steps.back());
    if (const auto date = date_of(last.response)) {
      clock_.add(*date, last.asked, last.answered);
    }
    return last;
  }

  void keep_pace() const {
    if (plan_.max_rate && plan_.leaves_loopback() && result_.requests > 0) {
      (void)interruptible_wait(stop_)(from_seconds(1 / plan_.max_rate->per_second));
    }
  }

  const model::Plan& plan_;
  const model::SkewPlan& skew_;
  const StopSignal& stop_;
  const SweepProgress& progress_;
  model::SkewSweep result_;
  ClockEstimate clock_;
  std::map<Duration, SkewAnswers> points_;
  std::string last_refusal_;
};

}  // namespace

model::SkewSweep sweep_skew(const model::Plan& plan, const StopSignal& stop,
                            const SweepProgress& progress) {
  SQUALL_CHECK(plan.skew.has_value());
  return Sweep(plan, stop, progress).take();
}

}  // namespace squall::run
