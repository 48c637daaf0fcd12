// 4: the same request several times at the same instant.
#include <algorithm>
#include <array>
#include <vector>

#include <fmt/core.h>

#include "loadgen/verify/means.hpp"
#include "loadgen/verify/property.hpp"
#include "loadgen/verify/repeat.hpp"

namespace squall::verify {
namespace {

constexpr std::array<std::string_view, 3> kRemedies = {
    "claim the key atomically before the work: a unique constraint and one insert, not a look-up "
    "first",
    "let the losers wait for the winner's answer, or refuse them with 409",
    "keep claims where all replicas see them",
};

// The losers may be refused, may wait, may get the winner's answer; nothing else.
void judge_losers(Lab& lab, Trial& trial, const std::vector<Answer>& answers) {
  const auto winner = std::find_if(answers.begin(), answers.end(),
                                   [](const Answer& answer) { return answer.succeeded(); });
  for (const Answer& answer : answers) {
    if (answer.succeeded()) {
      judge_replay(lab, trial, *winner, answer);
    } else if (says_in_flight(answer, lab.profile())) {
      lab.observed().in_flight = model::InFlightMode::kReject;
    } else {
      trial.answers_otherwise(false, fmt::format("a twin ends with {} ({})", answer.status,
                                                 model::to_string(answer.how)));
    }
  }
}

void one_round(Lab& lab, Trial& trial, unsigned size) {
  Shot shot = lab.shot(lab.new_operation());
  trial.expect(shot.operation);
  shot.barrier = 0;
  const std::vector<Shot> twins(size, shot);
  judge_losers(lab, trial, lab.play(trial, twins));
  shot.barrier.reset();
  repeat_until_done(lab, trial, shot);
}

void test(Lab& lab, PropertyTest& test) {
  const auto& sizes = lab.idempotency().barriers;
  std::string shown;
  for (const unsigned size : sizes) {
    shown += fmt::format("{}{}", shown.empty() ? "" : ", ", size);
  }
  test.provoked(fmt::format("{} at once by last byte, {} rounds", shown, lab.rounds()));
  unsigned round = 0;
  test.rounds(lab.rounds(),
              [&](Trial& trial) { one_round(lab, trial, sizes[round++ % sizes.size()]); });
}

}  // namespace

void register_property_kind_concurrent_twins(PropertyRegistry& registry);
void register_property_kind_concurrent_twins(PropertyRegistry& registry) {
  registry.add({.name = "concurrent-twins",
                .number = 4,
                .title = "Concurrent twins",
                .provocation = "2, 5 and 20 at once",
                .promise = "Requests with one key that arrive together have one effect; the losers "
                           "are refused, wait, or get the winner's answer.",
                .lacks = lacks_nothing,
                .test = test,
                .remedies = kRemedies});
}

}  // namespace squall::verify
