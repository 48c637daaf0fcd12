// 8: the same key for something else, before the first is done.
#include <array>

#include <fmt/core.h>

#include "loadgen/verify/in_flight.hpp"
#include "loadgen/verify/means.hpp"
#include "loadgen/verify/property.hpp"
#include "loadgen/verify/repeat.hpp"

namespace squall::verify {
namespace {

constexpr std::array<std::string_view, 2> kRemedies = {
    "claim the key with the fingerprint of the payload, before the work",
    "409 and 422 are both right answers; a second effect is none",
};

void test(Lab& lab, PropertyTest& test) {
  InFlight in_flight(lab, test);
  unsigned round = 0;
  test.rounds(in_flight.rounds(), [&](Trial& trial) {
    const Shot shot = lab.shot(lab.new_operation());
    Shot other = shot;
    other.edit.change = &*lab.idempotency().mutate;
    trial.expect(shot.operation);
    const Overlap overlap = in_flight.play(trial, shot, other, round++);
    // A success without an effect of its own is property 7's.
    if (!overlap.second.succeeded() && !Lab::is_refusal(overlap.second.status, {})) {
      trial.warns(fmt::format("the other payload ends with status {} ({})", overlap.second.status,
                              model::to_string(overlap.second.how)));
    }
  });
  in_flight.conclude();
}

}  // namespace

void register_property_kind_mismatch_in_flight(PropertyRegistry& registry);
void register_property_kind_mismatch_in_flight(PropertyRegistry& registry) {
  registry.add({.name = "mismatch-in-flight",
                .number = 8,
                .title = "Mismatch in flight",
                .provocation = "same key, other payload, while the first is running",
                .promise = "A key that is used with another payload while the first request is "
                           "running has one effect: the first one's.",
                .lacks = lacks_mutation,
                .test = test,
                .remedies = kRemedies});
}

}  // namespace squall::verify
