// 16: what the target depends on fails once, or does its work and cannot say so.
#include <array>
#include <string>

#include <fmt/core.h>

#include "loadgen/verify/after_failure.hpp"
#include "loadgen/verify/means.hpp"
#include "loadgen/verify/property.hpp"

namespace squall::verify {
namespace {

constexpr std::array<std::string_view, 3> kRemedies = {
    "keep the operation and its key when a call fails, and let the retry go on with it under the "
    "same key downstream",
    "treat a call whose answer is lost as one that may have been done: ask before repeating it",
    "store a failure only when it is final",
};

bool one_round(Lab& lab, Trial& trial, const std::string& proxy, Breakage how) {
  const Shot shot = lab.shot(lab.new_operation());
  trial.expect(shot.operation, 0, 1);
  if (!break_dependency(lab, trial, proxy, how)) {
    return true;
  }
  const Answer first = lab.play(trial, shot);
  const bool called = heal_dependency(lab, trial, proxy);
  if (!trial.spoiled()) {
    retry_after_failure(lab, trial, shot, first);
  }
  return called;
}

void test(Lab& lab, PropertyTest& test) {
  test.provoked(fmt::format(
      "a dependency fails, or its answers are lost, during the first request; a retry when it is "
      "well again; {} times",
      lab.few_rounds()));
  CalledDependencies called(lab, test, [&](Trial& trial, const std::string& proxy, Breakage how) {
    return one_round(lab, trial, proxy, how);
  });
  called.rounds(lab.few_rounds());
}

}  // namespace

void register_property_kind_dependency_fails(PropertyRegistry& registry);
void register_property_kind_dependency_fails(PropertyRegistry& registry) {
  registry.add({.name = "dependency-fails",
                .number = 16,
                .title = "Failure, then retry",
                .provocation = "a dependency fails once, then a retry",
                .promise = "An operation that failed on the way is completed by the retry, or its "
                           "failure is given again: never are there two effects.",
                .lacks = lacks_dependencies,
                .test = test,
                .remedies = kRemedies});
}

}  // namespace squall::verify
