// 1: the same request again, when the first one is done.
#include <array>

#include <fmt/core.h>

#include "loadgen/verify/means.hpp"
#include "loadgen/verify/property.hpp"
#include "loadgen/verify/repeat.hpp"

namespace squall::verify {
namespace {

constexpr std::array<std::string_view, 2> kRemedies = {
    "look the key up before the work and give the stored answer, status and body, again",
    "store the answer in the transaction that does the work",
};

void one_round(Lab& lab, Trial& trial) {
  const Shot shot = lab.shot(lab.new_operation());
  trial.expect(shot.operation);
  const auto first = first_success(lab, trial, shot);
  if (!first) {
    return;
  }
  const Answer replay = lab.play(trial, shot);
  judge_replay(lab, trial, *first, replay);
  const bool same_resource = first->id && replay.id && *first->id == *replay.id;
  lab.observed().stores_2xx =
      replay.succeeded() && (same_resource || lab.differs_from_first(*first, replay).empty());
}

void test(Lab& lab, PropertyTest& test) {
  test.provoked(fmt::format("same key, same bytes, {} times", lab.few_rounds()));
  test.rounds(lab.few_rounds(), [&](Trial& trial) { one_round(lab, trial); });
}

}  // namespace

void register_property_kind_replay_after_completion(PropertyRegistry& registry);
void register_property_kind_replay_after_completion(PropertyRegistry& registry) {
  registry.add({.name = "replay-after-completion",
                .number = 1,
                .title = "Replay after completion",
                .provocation = "same key, same bytes",
                .promise = "A request that is sent again after its answer has no second effect, "
                           "and gets the first answer again.",
                .lacks = lacks_nothing,
                .test = test,
                .remedies = kRemedies});
}

}  // namespace squall::verify
