#include "loadgen/verify/after_failure.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/verify/repeat.hpp"

namespace squall::verify {
namespace {

// The same failure for so long, and so many times, is one that was stored: what broke is whole
// again. Once a target has shown that it stores them, the count suffices.
constexpr Duration kSurelyStored = std::chrono::seconds(2);
constexpr unsigned kStoredAfter = 3;

// How often in a row the failure of the first request was given again.
class StoredFailure {
 public:
  StoredFailure(const Lab& lab, const Answer& first, Duration patience)
      : lab_(lab), first_(first), patience_(patience) {}

  bool add(const Answer& answer, Duration elapsed) {
    const bool again = first_.status >= 500 && lab_.differs_from_first(first_, answer).empty();
    repeats_ = again ? repeats_ + 1 : 0;
    const auto& marker = lab_.profile().marker;
    if (again && marker && Lab::has_marker(answer, *marker)) {
      return true;
    }
    const bool known = lab_.profile().stores_5xx.value_or(false) || seen_before();
    return repeats_ >= kStoredAfter && (known || elapsed >= std::min(kSurelyStored, patience_));
  }

 private:
  [[nodiscard]] bool seen_before() const { return lab_.observed().stores_5xx.value_or(false); }

  const Lab& lab_;
  const Answer& first_;
  const Duration patience_;
  unsigned repeats_ = 0;
};

RetryEnd done(Lab& lab, Trial& trial, const Answer& first, const Answer& answer) {
  trial.last_expectation().least = std::max<std::uint64_t>(trial.last_expectation().least, 1);
  if (first.succeeded()) {
    judge_replay(lab, trial, first, answer);
  } else if (first.status >= 500) {
    lab.observed().stores_5xx = false;
    if (lab.profile().stores_5xx.value_or(false)) {
      trial.answers_otherwise(
          true, fmt::format("the retry after status {} was carried out, declared is that failures "
                            "are stored",
                            first.status));
    }
  }
  return RetryEnd::kDone;
}

RetryEnd stored(Lab& lab, Trial& trial, const Answer& answer) {
  lab.observed().stores_5xx = true;
  if (!lab.profile().stores_5xx.value_or(true)) {
    trial.answers_otherwise(
        true, fmt::format("status {} is given again for ever, declared is that failures are not "
                          "stored",
                          answer.status));
  }
  return RetryEnd::kStoredFailure;
}

// Without what the answer says, by which trials could not be counted together.
std::string status_of(const Answer& answer) {
  return answer.status != 0 ? fmt::format("status {}", answer.status)
                            : fmt::format("no answer ({})", model::to_string(answer.how));
}

// A key is unusable, not the target, when another operation is done.
bool others_are_done(Lab& lab, Trial& trial) {
  return !lab.stopped() && lab.play(trial, lab.shot(lab.new_operation())).succeeded();
}

RetryEnd other(Lab& lab, Trial& trial, const Answer& answer) {
  const std::string end = status_of(answer);
  const bool in_flight = says_in_flight(answer, lab.profile());
  if (!in_flight && answer.status >= 400 && answer.status < 500) {
    trial.warns(fmt::format("the retry is refused with {}", end));
  } else if (in_flight || others_are_done(lab, trial)) {
    trial.fails(model::PropertyHarm::kStuck,
                fmt::format("the key stays unusable: still {} after {}", end,
                            format_duration(lab.idempotency().lock_time)));
  } else {
    trial.fails(model::PropertyHarm::kAnswer,
                fmt::format("the retry never succeeds, nor does anything else: {}", end));
  }
  return RetryEnd::kOther;
}

}  // namespace

std::string_view to_string(Breakage value) {
  return value == Breakage::kFails ? "fails" : "loses its answers";
}

bool break_dependency(Lab& lab, Trial& trial, const std::string& proxy, Breakage how) {
  return lab.act(trial, fmt::format("{} {}", proxy, to_string(how)), [&] {
    return how == Breakage::kFails ? lab.world().fail(proxy) : lab.world().lose_answers(proxy);
  });
}

bool heal_dependency(Lab& lab, Trial& trial, const std::string& proxy) {
  const auto touched = lab.world().touched(proxy);
  lab.act(trial, fmt::format("{} is well again", proxy), [&] { return lab.world().heal(proxy); });
  return !touched || *touched > 0;
}

RetryEnd retry_after_failure(Lab& lab, Trial& trial, const Shot& shot, const Answer& first) {
  const TimePoint began = monotonic_now();
  const Duration lock_time = lab.idempotency().lock_time;
  StoredFailure failure(lab, first, lock_time);
  Backoff backoff;
  for (;;) {
    const Answer answer = lab.play(trial, shot);
    const Duration elapsed = monotonic_now() - began;
    if (trial.spoiled()) {
      return RetryEnd::kOther;
    }
    if (answer.succeeded()) {
      return done(lab, trial, first, answer);
    }
    if (failure.add(answer, elapsed)) {
      return stored(lab, trial, answer);
    }
    if (!asks_again(answer, lab.profile()) || elapsed >= lock_time || lab.is_over()) {
      return other(lab, trial, answer);
    }
    backoff.wait(lab);
  }
}

CalledDependencies::CalledDependencies(Lab& lab, PropertyTest& test, Round round)
    : test_(test), round_(std::move(round)) {
  for (const std::string& proxy : lab.idempotency().dependencies) {
    bool called = false;
    test_.rounds(1, [&](Trial& trial) { called = round_(trial, proxy, Breakage::kFails); });
    if (called) {
      called_.push_back(proxy);
    } else {
      test_.note(fmt::format("the operation made no call through {}", proxy));
    }
  }
}

void CalledDependencies::rounds(unsigned count) {
  if (called_.empty()) {
    test_.not_tested("the operation made no call through any of idempotency.dependencies");
    return;
  }
  // With lost answers first: failing was the first round.
  std::size_t next = 0;
  test_.rounds(count, [&](Trial& trial) {
    const std::size_t turn = next++;
    const auto how = turn / called_.size() % 2 == 0 ? Breakage::kAnswersLost : Breakage::kFails;
    round_(trial, called_[turn % called_.size()], how);
  });
}

}  // namespace squall::verify
