// 22: a request that comes again when what it made has been deleted since.
#include <array>

#include <fmt/core.h>

#include "loadgen/verify/means.hpp"
#include "loadgen/verify/property.hpp"
#include "loadgen/verify/repeat.hpp"
#include "loadgen/verify/resource.hpp"

namespace squall::verify {
namespace {

constexpr std::array<std::string_view, 2> kRemedies = {
    "answer a known key from what is stored, whatever became of the resource since",
    "let a resource that was deleted keep its key until the window is over",
};

void one_round(Lab& lab, Trial& trial) {
  Operation operation = lab.new_operation();
  // An oracle may count what was deleted, or not.
  trial.expect(operation, 0, 1);
  if (!make_resource(lab, trial, operation)) {
    return;
  }
  if (!first_success(lab, trial, lab.shot(*lab.idempotency().remove, operation))) {
    return;
  }
  const Answer before = lab.play(trial, lab.shot(*lab.idempotency().read, operation));
  lab.play(trial, lab.shot(operation));
  const Answer after = lab.play(trial, lab.shot(*lab.idempotency().read, operation));
  judge_state(lab, trial, before, after, "the replay changed what had been deleted");
}

void test(Lab& lab, PropertyTest& test) {
  test.provoked(fmt::format("made, deleted, the first request again, {} times", lab.few_rounds()));
  test.rounds(lab.few_rounds(), [&](Trial& trial) { one_round(lab, trial); });
}

std::string lacks(const model::Plan& plan) {
  return first_of(first_of(lacks_read(plan), lacks_remove(plan)), lacks_id(plan));
}

}  // namespace

void register_property_kind_late_duplicate(PropertyRegistry& registry);
void register_property_kind_late_duplicate(PropertyRegistry& registry) {
  registry.add({.name = "late-duplicate",
                .number = 22,
                .title = "Late duplicate",
                .provocation = "a replay after the resource was deleted",
                .promise = "A request that comes again late does not bring back what was deleted "
                           "meanwhile.",
                .lacks = lacks,
                .test = test,
                .remedies = kRemedies});
}

}  // namespace squall::verify
