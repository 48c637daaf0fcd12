// 7: the same key for something else.
#include <array>
#include <optional>

#include <fmt/core.h>

#include "loadgen/verify/in_flight.hpp"
#include "loadgen/verify/means.hpp"
#include "loadgen/verify/property.hpp"
#include "loadgen/verify/repeat.hpp"
#include "loadgen/verify/resource.hpp"

namespace squall::verify {
namespace {

constexpr std::array<std::string_view, 1> kRemedies = {
    "store a fingerprint of the payload with the key and refuse another one with 422",
};

// Nothing when the plan has no means to read it.
std::optional<Answer> state_of(Lab& lab, Trial& trial, Operation operation, const Answer& first) {
  if (!lab.idempotency().read || !first.id) {
    return std::nullopt;
  }
  operation.id = *first.id;
  return lab.play(trial, lab.shot(*lab.idempotency().read, operation));
}

void one_round(Lab& lab, Trial& trial) {
  Shot shot = lab.shot(lab.new_operation());
  trial.expect(shot.operation);
  const auto first = first_success(lab, trial, shot);
  if (!first) {
    return;
  }
  const std::size_t first_sent = trial.sent().size() - 1;
  const auto before = state_of(lab, trial, shot.operation, *first);
  if (before && !shows_what_was_made(lab, trial, *before)) {
    return;
  }
  shot.edit.change = &*lab.idempotency().mutate;
  const std::size_t second_sent = trial.sent().size();
  const Answer answer = lab.play(trial, shot);
  if (before) {
    judge_state(lab, trial, *before, *state_of(lab, trial, shot.operation, *first),
                "the other payload changed the resource");
  }
  judge_mismatch(
      lab, trial, answer,
      {.sign = Telltale::Sign::kBothSucceed, .first = first_sent, .second = second_sent});
}

void test(Lab& lab, PropertyTest& test) {
  test.provoked(fmt::format("{} set to {}, {} times", lab.idempotency().mutate->pointer,
                            lab.idempotency().mutate->json, lab.few_rounds()));
  test.rounds(lab.few_rounds(), [&](Trial& trial) { one_round(lab, trial); });
}

}  // namespace

void register_property_kind_mismatch_after_completion(PropertyRegistry& registry);
void register_property_kind_mismatch_after_completion(PropertyRegistry& registry) {
  registry.add(
      {.name = "mismatch-after-completion",
       .number = 7,
       .title = "Mismatch after completion",
       .provocation = "same key, other payload, after the answer",
       .promise = "A key that is used again with another payload is refused, and nothing changes.",
       .lacks = lacks_mutation,
       .test = test,
       .remedies = kRemedies});
}

}  // namespace squall::verify
