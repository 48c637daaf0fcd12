// 15: a mistake, and the same key for the corrected request.
#include <array>

#include <fmt/core.h>

#include "loadgen/verify/means.hpp"
#include "loadgen/verify/property.hpp"
#include "loadgen/verify/repeat.hpp"

namespace squall::verify {
namespace {

constexpr std::array<std::string_view, 1> kRemedies = {
    "document whether refusals are stored; validate before the key is claimed when they are not",
};

void one_round(Lab& lab, Trial& trial) {
  Shot shot = lab.shot(lab.new_operation());
  shot.edit.change = &*lab.idempotency().invalid;
  const Answer refused = lab.play(trial, shot);
  if (!Lab::is_refusal(refused.status, {})) {
    trial.spoil(
        fmt::format("the payload that should be refused ends with status {}", refused.status));
    return;
  }
  shot.edit.change = nullptr;
  const Answer corrected = lab.play(trial, shot);
  if (leaves_open(corrected)) {
    trial.expect(shot.operation, 0, 1);
    trial.warns(fmt::format("the corrected request ends with status {}", corrected.status));
    return;
  }
  const bool stored = !corrected.succeeded();
  trial.expect(shot.operation, stored ? 0 : 1, stored ? 0 : 1);
  lab.observed().stores_4xx = stored;
  const auto& declared = lab.profile().stores_4xx;
  if (declared && *declared != stored) {
    trial.answers_otherwise(
        true, stored ? fmt::format("the corrected request ends with status {}", corrected.status)
                     : "the corrected request is taken");
  }
}

void test(Lab& lab, PropertyTest& test) {
  test.provoked(fmt::format("{} set to {}, then as it should be, {} times",
                            lab.idempotency().invalid->pointer, lab.idempotency().invalid->json,
                            lab.few_rounds()));
  test.rounds(lab.few_rounds(), [&](Trial& trial) { one_round(lab, trial); });
  if (const auto& stored = lab.observed().stores_4xx) {
    test.note(*stored ? "a refusal stays" : "the corrected request is taken");
  }
}

}  // namespace

void register_property_kind_corrected_after_4xx(PropertyRegistry& registry);
void register_property_kind_corrected_after_4xx(PropertyRegistry& registry) {
  registry.add({.name = "corrected-after-4xx",
                .number = 15,
                .title = "4xx, then corrected",
                .provocation = "a payload that is refused, then a right one under the same key",
                .promise = "What a key means after a refusal is what the profile says: the refusal "
                           "again, or the corrected request.",
                .lacks = lacks_invalid,
                .test = test,
                .remedies = kRemedies});
}

}  // namespace squall::verify
