// 2: the target answers, and the answer never arrives.
#include <array>

#include <fmt/core.h>

#include "loadgen/verify/means.hpp"
#include "loadgen/verify/property.hpp"
#include "loadgen/verify/repeat.hpp"

namespace squall::verify {
namespace {

constexpr std::array<std::string_view, 2> kRemedies = {
    "store the key with the work in one transaction, so that a retry finds it",
    "give the retry the stored answer",
};

void one_round(Lab& lab, Trial& trial) {
  Shot shot = lab.shot(lab.new_operation());
  trial.expect(shot.operation);
  shot.cut = model::WireCut{.at = model::WirePoint::kDuringResponse};
  lab.play(trial, shot);
  shot.cut.reset();
  repeat_until_done(lab, trial, shot);
}

void test(Lab& lab, PropertyTest& test) {
  test.provoked(fmt::format("reset with the first bytes of the answer, then a retry, {} times",
                            lab.few_rounds()));
  test.rounds(lab.few_rounds(), [&](Trial& trial) { one_round(lab, trial); });
}

}  // namespace

void register_property_kind_lost_response(PropertyRegistry& registry);
void register_property_kind_lost_response(PropertyRegistry& registry) {
  registry.add(
      {.name = "lost-response",
       .number = 2,
       .title = "Lost response",
       .provocation = "answer lost on the way back, retry",
       .promise =
           "An operation whose answer was lost is not done again by the retry, which succeeds.",
       .lacks = lacks_nothing,
       .test = test,
       .remedies = kRemedies});
}

}  // namespace squall::verify
