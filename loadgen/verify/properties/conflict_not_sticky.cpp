// 6: a refusal that must not last.
#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "loadgen/verify/in_flight.hpp"
#include "loadgen/verify/means.hpp"
#include "loadgen/verify/property.hpp"
#include "loadgen/verify/repeat.hpp"

namespace squall::verify {
namespace {

constexpr std::array<std::string_view, 2> kRemedies = {
    "release the claim, or store the answer, on every way out of the work, failures included",
    "give claims a time after which they count as abandoned",
};

void test(Lab& lab, PropertyTest& test) {
  InFlight in_flight(lab, test);
  const unsigned rounds = std::min(in_flight.rounds(), lab.few_rounds());
  unsigned refused = 0;
  unsigned round = 0;
  test.rounds(rounds, [&](Trial& trial) {
    Shot shot = lab.shot(lab.new_operation());
    trial.expect(shot.operation);
    const Overlap overlap = in_flight.play(trial, shot, shot, round++);
    refused += says_in_flight(overlap.second, lab.profile()) ? 1U : 0U;
    const Answer last = repeat_until_done(lab, trial, shot);
    if (last.succeeded() && overlap.first.succeeded()) {
      judge_replay(lab, trial, overlap.first, last);
    }
  });
  in_flight.conclude();
  test.note(fmt::format("{} of {} retries were told that the key is in use", refused, rounds));
}

}  // namespace

void register_property_kind_conflict_not_sticky(PropertyRegistry& registry);
void register_property_kind_conflict_not_sticky(PropertyRegistry& registry) {
  registry.add(
      {.name = "conflict-not-sticky",
       .number = 6,
       .title = "Conflict is not sticky",
       .provocation = "a refused retry, repeated until done",
       .promise = "Whoever is told that a key is in use gets the answer later, under the same key.",
       .lacks = lacks_nothing,
       .test = test,
       .remedies = kRemedies});
}

}  // namespace squall::verify
