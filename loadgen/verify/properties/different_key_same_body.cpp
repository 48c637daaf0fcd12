// 10: the control: what keys tell apart.
#include <array>

#include <fmt/core.h>

#include "loadgen/verify/means.hpp"
#include "loadgen/verify/property.hpp"
#include "loadgen/verify/repeat.hpp"

namespace squall::verify {
namespace {

constexpr std::array<std::string_view, 1> kRemedies = {
    "tell operations apart by their keys, not by a hash of their content",
};

void one_round(Lab& lab, Trial& trial) {
  const Operation first = lab.new_operation();
  Operation second = first;
  second.key = lab.new_key();
  trial.expect(first, 2, 2);
  trial.last_expectation().below = Severity::kWarn;
  if (!first_success(lab, trial, lab.shot(first))) {
    return;
  }
  const Answer answer = lab.play(trial, lab.shot(second));
  if (!answer.succeeded()) {
    trial.warns(fmt::format("the second one ends with status {}", answer.status));
  }
}

void test(Lab& lab, PropertyTest& test) {
  test.provoked(fmt::format("two keys, one payload, {} times", lab.few_rounds()));
  test.rounds(lab.few_rounds(), [&](Trial& trial) { one_round(lab, trial); });
}

}  // namespace

void register_property_kind_different_key_same_body(PropertyRegistry& registry);
void register_property_kind_different_key_same_body(PropertyRegistry& registry) {
  registry.add(
      {.name = "different-key-same-body",
       .number = 10,
       .title = "Different key, same body",
       .provocation = "two keys, one payload",
       .promise =
           "Two operations with keys of their own are two operations, however alike they are.",
       .lacks = lacks_nothing,
       .test = test,
       .remedies = kRemedies});
}

}  // namespace squall::verify
