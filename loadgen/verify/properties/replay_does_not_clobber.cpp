// 23: an old write that comes again after a newer one.
#include <array>

#include <fmt/core.h>

#include "loadgen/verify/means.hpp"
#include "loadgen/verify/property.hpp"
#include "loadgen/verify/repeat.hpp"
#include "loadgen/verify/resource.hpp"

namespace squall::verify {
namespace {

constexpr std::array<std::string_view, 2> kRemedies = {
    "answer a known key from what is stored, without writing again",
    "write under a condition (If-Match, a version in the row), so that an old write is refused",
};

void one_round(Lab& lab, Trial& trial) {
  Operation operation = lab.new_operation();
  trial.expect(operation);
  if (!make_resource(lab, trial, operation)) {
    return;
  }
  const Shot read = lab.shot(*lab.idempotency().read, operation);
  const Shot first = new_update(lab, operation);
  const Shot second = new_update(lab, operation);
  if (!first_success(lab, trial, first)) {
    return;
  }
  const Answer with_first = lab.play(trial, read);
  if (!first_success(lab, trial, second)) {
    return;
  }
  const Answer with_second = lab.play(trial, read);
  if (shows_the_same(lab, with_first, with_second)) {
    trial.spoil("reading the resource does not show its update");
    return;
  }
  lab.play(trial, first);
  judge_state(lab, trial, with_second, lab.play(trial, read),
              "the replay of an old update changed the newer one");
}

void test(Lab& lab, PropertyTest& test) {
  test.provoked(fmt::format("update A, update B, A again, {} times", lab.few_rounds()));
  test.rounds(lab.few_rounds(), [&](Trial& trial) { one_round(lab, trial); });
}

std::string lacks(const model::Plan& plan) {
  return first_of(first_of(lacks_read(plan), lacks_update(plan)), lacks_id(plan));
}

}  // namespace

void register_property_kind_replay_does_not_clobber(PropertyRegistry& registry);
void register_property_kind_replay_does_not_clobber(PropertyRegistry& registry) {
  registry.add({.name = "replay-does-not-clobber",
                .number = 23,
                .title = "Replay does not clobber",
                .provocation = "update A, update B, A again",
                .promise = "A write that comes again does not undo a newer one.",
                .lacks = lacks,
                .test = test,
                .remedies = kRemedies});
}

}  // namespace squall::verify
