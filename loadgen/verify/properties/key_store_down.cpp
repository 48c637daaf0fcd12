// 20: the place where keys are kept does not answer.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "loadgen/base/units.hpp"
#include "loadgen/verify/after_failure.hpp"
#include "loadgen/verify/means.hpp"
#include "loadgen/verify/property.hpp"
#include "loadgen/verify/repeat.hpp"

namespace squall::verify {
namespace {

constexpr std::array<std::string_view, 2> kRemedies = {
    "refuse the operation with 503 while keys cannot be looked up",
    "keep keys where the effect is written, so that one is not there without the other",
};

constexpr unsigned kRounds = 3;  // each costs time-outs
// What waits for the key store waits long: S says nothing of it.
constexpr int kTimesService = 10;
constexpr Duration kShortestTimeout = std::chrono::seconds(1);

class KeyStoreDown {
 public:
  explicit KeyStoreDown(Lab& lab) : lab_(lab), proxy_(*lab.idempotency().key_store) {
    const Duration target = lab.plan().targets[lab.idempotency().operation.target].timeout;
    timeout_ = std::min(target, std::max(kShortestTimeout, lab.service_time() * kTimesService));
  }

  // Whether the key store was asked meanwhile.
  bool round(Trial& trial) {
    Shot done = lab_.shot(lab_.new_operation());
    trial.expect(done.operation);
    const auto first = first_success(lab_, trial, done);
    if (!first ||
        !lab_.act(trial, proxy_ + " is silent", [&] { return lab_.world().blackhole(proxy_); })) {
      return true;
    }
    Shot fresh = lab_.shot(lab_.new_operation());
    trial.expect(fresh.operation, 0, 1);
    done.timeout = timeout_;
    fresh.timeout = timeout_;
    Shot again = fresh;
    again.after = lab_.service_time();
    const std::array<Shot, 3> shots = {done, fresh, again};
    const std::vector<Answer> answers = lab_.play(trial, shots);
    const bool asked = heal_dependency(lab_, trial, proxy_);
    if (trial.spoiled()) {
      return asked;
    }
    note(answers, *first);
    done.timeout = Duration::zero();
    fresh.timeout = Duration::zero();
    const Answer& told = answers[1].succeeded() ? answers[1] : answers[2];
    if (retry_after_failure(lab_, trial, fresh, told) == RetryEnd::kDone && !trial.spoiled()) {
      repeat_until_done(lab_, trial, done);
    }
    return asked;
  }

  [[nodiscard]] std::string summary() const {
    return fmt::format(
        "while {} was silent: {} new requests taken, {} refused, {} without an answer in {}; {} of "
        "{} replays answered with the first success",
        proxy_, taken_, refused_, silent_, format_duration(timeout_), replayed_, replays_);
  }

 private:
  void note(const std::vector<Answer>& answers, const Answer& first) {
    ++replays_;
    replayed_ += answers[0].succeeded() && lab_.differs_from_first(first, answers[0]).empty();
    for (std::size_t i = 1; i < answers.size(); ++i) {
      taken_ += answers[i].succeeded();
      silent_ += answers[i].status == 0;
      refused_ += answers[i].status >= 400;
    }
  }

  Lab& lab_;
  const std::string& proxy_;
  Duration timeout_{};
  unsigned replays_ = 0;
  unsigned replayed_ = 0;
  unsigned taken_ = 0;
  unsigned refused_ = 0;
  unsigned silent_ = 0;
};

void test(Lab& lab, PropertyTest& test) {
  KeyStoreDown down(lab);
  test.provoked(
      fmt::format("{} is silent during a replay and two requests of a new operation; "
                  "retries when it is back; {} times",
                  *lab.idempotency().key_store, kRounds));
  bool asked = false;
  test.rounds(kRounds, [&](Trial& trial) {
    asked = down.round(trial) || asked;
    if (!asked && !trial.spoiled()) {
      test.enough();
    }
  });
  if (!asked) {
    test.not_tested(
        fmt::format("the operation asked nothing through {}", *lab.idempotency().key_store));
    return;
  }
  test.note(down.summary());
}

}  // namespace

void register_property_kind_key_store_down(PropertyRegistry& registry);
void register_property_kind_key_store_down(PropertyRegistry& registry) {
  registry.add({.name = "key-store-down",
                .number = 20,
                .title = "Key store down",
                .provocation = "the key store does not answer",
                .promise = "While keys cannot be looked up operations are refused, or done once: "
                           "never twice in silence.",
                .lacks = lacks_key_store,
                .test = test,
                .remedies = kRemedies});
}

}  // namespace squall::verify
