// 18: one of several steps fails, and the retry goes on from there.
#include <array>
#include <optional>
#include <string>

#include <fmt/core.h>

#include "loadgen/verify/after_failure.hpp"
#include "loadgen/verify/dependency_calls.hpp"
#include "loadgen/verify/means.hpp"
#include "loadgen/verify/property.hpp"
#include "loadgen/verify/repeat.hpp"

namespace squall::verify {
namespace {

constexpr std::array<std::string_view, 3> kRemedies = {
    "derive the key of each call to others from the operation, and store it before the call",
    "store which steps are done (a recovery point after each), and let a retry go on behind the "
    "last one",
    "give every call that changes something a key, also inside the company",
};

constexpr unsigned kLooks = 20;
constexpr Duration kBetweenLooks = std::chrono::milliseconds(2);

// A proxy notes an exchange when it is over, which may be a moment after the target's answer.
void take_calls(Lab& lab, DependencyCalls& calls, const DependencyCalls& at_least) {
  calls.add(lab.world().take_exchanges());
  for (unsigned look = 0; look < kLooks && !calls.covers(at_least); ++look) {
    if (!lab.wait(kBetweenLooks)) {
      return;
    }
    calls.add(lab.world().take_exchanges());
  }
}

class MultiStep {
 public:
  explicit MultiStep(Lab& lab) : lab_(lab) {}

  // How an operation calls others when nothing is wrong.
  void learn(Trial& trial) {
    const Shot shot = lab_.shot(lab_.new_operation());
    trial.expect(shot.operation);
    static_cast<void>(lab_.world().take_exchanges());
    if (first_success(lab_, trial, shot)) {
      (void)lab_.wait(kBetweenLooks * 5);
      undisturbed_ = DependencyCalls();
      undisturbed_.add(lab_.world().take_exchanges());
    }
  }
  [[nodiscard]] bool sees_calls() const { return !undisturbed_.is_empty(); }

  bool round(Trial& trial, const std::string& proxy, Breakage how) {
    const Shot shot = lab_.shot(lab_.new_operation());
    trial.expect(shot.operation, 0, 1);
    static_cast<void>(lab_.world().take_exchanges());
    if (!break_dependency(lab_, trial, proxy, how)) {
      return true;
    }
    const Answer first = lab_.play(trial, shot);
    const bool called = heal_dependency(lab_, trial, proxy);
    if (trial.spoiled()) {
      return called;
    }
    const RetryEnd end = retry_after_failure(lab_, trial, shot, first);
    // Whoever was refused in the end may have asked whether another operation is done: its calls
    // are among these.
    if (sees_calls() && end != RetryEnd::kOther) {
      DependencyCalls calls;
      take_calls(lab_, calls, end == RetryEnd::kDone ? undisturbed_ : DependencyCalls());
      calls.judge_against(undisturbed_, trial);
    }
    return called;
  }

 private:
  Lab& lab_;
  DependencyCalls undisturbed_;
};

void test(Lab& lab, PropertyTest& test) {
  const std::size_t count = lab.idempotency().dependencies.size();
  test.provoked(
      fmt::format("each of {} dependenc{} in turn fails, or its answers are lost; a "
                  "retry; {} times; the calls to all of them compared",
                  count, count == 1 ? "y" : "ies", lab.few_rounds()));
  MultiStep steps(lab);
  test.rounds(1, [&](Trial& trial) { steps.learn(trial); });
  if (!steps.sees_calls()) {
    test.note(
        "no proxy of a dependency saw a call in HTTP (mode = \"http\"): keys and numbers of calls "
        "were not compared, only effects");
  }
  CalledDependencies called(lab, test, [&](Trial& trial, const std::string& proxy, Breakage how) {
    return steps.round(trial, proxy, how);
  });
  called.rounds(lab.few_rounds());
}

}  // namespace

void register_property_kind_multi_step_recovery(PropertyRegistry& registry);
void register_property_kind_multi_step_recovery(PropertyRegistry& registry) {
  registry.add({.name = "multi-step-recovery",
                .number = 18,
                .title = "Multi-step recovery",
                .provocation = "dependency i of n fails, then a retry",
                .promise = "Each dependency does its part once, whichever of them failed on the "
                           "way, and all tries call it under the same key.",
                .lacks = lacks_dependencies,
                .test = test,
                .remedies = kRemedies});
}

}  // namespace squall::verify
