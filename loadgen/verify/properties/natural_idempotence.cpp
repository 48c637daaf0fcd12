// 25: methods that are idempotent by themselves, without any key.
#include <array>
#include <string>

#include <fmt/core.h>

#include "loadgen/verify/means.hpp"
#include "loadgen/verify/property.hpp"
#include "loadgen/verify/repeat.hpp"
#include "loadgen/verify/resource.hpp"

namespace squall::verify {
namespace {

constexpr std::array<std::string_view, 2> kRemedies = {
    "let PUT and DELETE say what shall be, not what shall be changed by how much",
    "let a second DELETE end with 204 or 404, and change nothing",
};

constexpr int kNotFound = 404;
constexpr int kGone = 410;

// The same request twice without a key, and a reading after each. False when the first one is not
// taken without a key.
bool twice(Lab& lab, Trial& trial, const Operation& operation, Shot shot, std::string_view what) {
  shot.edit.key = RequestEdit::KeyUse::kNone;
  const Shot read = lab.shot(*lab.idempotency().read, operation);
  const Answer first = lab.play(trial, shot);
  if (Lab::is_refusal(first.status, {})) {
    return false;
  }
  if (!first.succeeded()) {
    trial.spoil(fmt::format("the {} was not taken: status {}", what, first.status));
    return true;
  }
  const Answer before = lab.play(trial, read);
  const Answer second = lab.play(trial, shot);
  judge_state(lab, trial, before, lab.play(trial, read),
              fmt::format("the second {} changed the resource", what));
  const auto& remove = lab.idempotency().remove;
  const bool gone =
      remove && shot.request == &*remove && (second.status == kNotFound || second.status == kGone);
  if (!second.succeeded() && !gone) {
    trial.warns(fmt::format("the second {} ends with status {} ({})", what, second.status,
                            model::to_string(second.how)));
  }
  return true;
}

void test(Lab& lab, PropertyTest& test) {
  const model::IdempotencyPlan& idempotency = lab.idempotency();
  const std::string parts = idempotency.update && idempotency.remove
                                ? "updated twice, deleted twice"
                            : idempotency.update ? "updated twice"
                                                 : "deleted twice";
  test.provoked(fmt::format("{}, without a key, {} times", parts, lab.few_rounds()));
  bool takes_updates = idempotency.update.has_value();
  bool takes_removals = idempotency.remove.has_value();
  test.rounds(lab.few_rounds(), [&](Trial& trial) {
    Operation operation = lab.new_operation();
    trial.expect(operation, 0, 1);
    if (!make_resource(lab, trial, operation)) {
      return;
    }
    if (takes_updates && !twice(lab, trial, operation, new_update(lab, operation), "update")) {
      takes_updates = false;
      test.note("updates are not taken without a key");
    }
    if (takes_removals && !trial.spoiled() &&
        !twice(lab, trial, operation, lab.shot(*idempotency.remove, operation), "deletion")) {
      takes_removals = false;
      test.note("deletions are not taken");
    }
    if (!takes_updates && !takes_removals) {
      test.not_tested("neither updates nor deletions are taken without a key");
      test.enough();
    }
  });
}

std::string lacks(const model::Plan& plan) {
  const std::string neither =
      plan.idempotency->update || plan.idempotency->remove
          ? ""
          : "[idempotency.update] or [idempotency.remove]: a request that writes the resource, or "
            "deletes it";
  return first_of(first_of(lacks_read(plan), neither), lacks_id(plan));
}

}  // namespace

void register_property_kind_natural_idempotence(PropertyRegistry& registry);
void register_property_kind_natural_idempotence(PropertyRegistry& registry) {
  registry.add({.name = "natural-idempotence",
                .number = 25,
                .title = "Natural idempotence",
                .provocation = "the same update, the same deletion twice, without a key",
                .promise = "An update or a deletion that is sent twice leaves the same state as "
                           "once, without any key.",
                .lacks = lacks,
                .test = test,
                .remedies = kRemedies});
}

}  // namespace squall::verify
