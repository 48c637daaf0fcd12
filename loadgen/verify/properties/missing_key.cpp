// 11: nothing to recognise a repetition by.
#include <array>
#include <optional>

#include <fmt/core.h>

#include "loadgen/verify/means.hpp"
#include "loadgen/verify/property.hpp"
#include "loadgen/verify/repeat.hpp"

namespace squall::verify {
namespace {

constexpr std::array<std::string_view, 1> kRemedies = {
    "refuse requests without a key with 400, or document that they are not protected",
};

void one_round(Lab& lab, Trial& trial) {
  Shot shot = lab.shot(lab.new_operation());
  shot.edit.key = RequestEdit::KeyUse::kNone;
  const Answer answer = lab.play(trial, shot);
  const std::optional<bool>& required = lab.profile().required;
  if (answer.succeeded()) {
    lab.observed().required = false;
    trial.expect(shot.operation);
    if (required.value_or(false)) {
      trial.answers_otherwise(true, fmt::format("taken without a key (status {})", answer.status));
    }
    return;
  }
  trial.expect(shot.operation, 0, leaves_open(answer) ? 1 : 0);
  if (Lab::is_refusal(answer.status, {})) {
    lab.observed().required = true;
    if (!required.value_or(true)) {
      trial.answers_otherwise(true,
                              fmt::format("refused without a key (status {})", answer.status));
    }
  } else {
    trial.warns(fmt::format("ends with status {}", answer.status));
  }
}

void test(Lab& lab, PropertyTest& test) {
  test.rounds(lab.few_rounds(), [&](Trial& trial) { one_round(lab, trial); });
  const auto& required = lab.observed().required;
  if (required) {
    test.note(*required ? "keys are required" : "requests without a key are taken, unprotected");
  }
}

}  // namespace

void register_property_kind_missing_key(PropertyRegistry& registry);
void register_property_kind_missing_key(PropertyRegistry& registry) {
  registry.add({.name = "missing-key",
                .number = 11,
                .title = "Missing key",
                .provocation = "no key at all",
                .promise = "A request without a key is refused where keys are required, and is an "
                           "operation of its own elsewhere.",
                .lacks = lacks_nothing,
                .test = test,
                .remedies = kRemedies});
}

}  // namespace squall::verify
