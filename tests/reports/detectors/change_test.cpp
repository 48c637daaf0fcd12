// The detectors of changes and of health: the broken target is named, the mended one passes, too
// little is inconclusive.
#include <gtest/gtest.h>

#include "tests/reports/detectors/phase_record.hpp"

namespace squall::reports {
namespace {

using namespace std::chrono_literals;
using model::AttemptClass;
using model::EffectVerdict;
using model::OperationOutcome;
using model::Phase;
using model::Verdict;

constexpr double kNone = 0;
constexpr double kAll = 1;

TEST(RollingDeploy, HasNoErrorsOfItsOwn) {
  PhaseRecord drains("rolling-deploy");
  drains.seconds(0, 0, 30, 50, kNone, 10000);
  EXPECT_EQ(drains.verdict(), Verdict::kPass);
  PhaseRecord kills("rolling-deploy");
  kills.seconds(0, 0, 30, 50, kNone, 10000);
  kills.operations(0, Phase::kFault, 3, 10000, AttemptClass::kReset);
  EXPECT_EQ(kills.verdict(), Verdict::kFail);
  kills.set("allowed", "3");
  EXPECT_EQ(kills.verdict(), Verdict::kPass);
  PhaseRecord few("rolling-deploy");
  few.seconds(0, 0, 30, 2, kNone, 10000);
  EXPECT_EQ(few.verdict(), Verdict::kInconclusive);
}

// What a replica takes with it was due before the action that ends it.
TEST(RollingDeploy, WhatWasUnderWayCountsAgainstIt) {
  PhaseRecord kills("rolling-deploy");
  kills.seconds(0, 0, 30, 50, kNone, 10000);
  kills.operations(0, Phase::kBaseline, 5, 200000, AttemptClass::kServerError);
  EXPECT_EQ(kills.verdict(), Verdict::kPass) << "when they ended is not known";
  kills.record.seconds[10].steps.push_back({0, Phase::kBaseline, 0, 5, 200000, 200000});
  EXPECT_EQ(kills.verdict(), Verdict::kFail);
  kills.record.seconds[9].steps.back().not_acked = 5;
  kills.record.seconds[10].steps.pop_back();
  EXPECT_EQ(kills.verdict(), Verdict::kFail) << "the action was early in its second";
  kills.record.phase_bounds.fault_from = 10500ms;
  EXPECT_EQ(kills.verdict(), Verdict::kPass);
  kills.set("on", "look");
  EXPECT_EQ(kills.verdict(), Verdict::kInconclusive);
  PhaseRecord hostile("rolling-deploy");
  hostile.seconds(0, 0, 30, 50, kNone, 10000);
  hostile.record.seconds[10].steps.push_back({0, Phase::kBaseline, 1U << 30U, 1U << 30U, 1, 1});
  hostile.record.seconds[10].steps.push_back({900, Phase::kBaseline, 0, 5, 1, 1});
  EXPECT_EQ(hostile.verdict(), Verdict::kInconclusive) << "no baseline is left";
}

TEST(RollingDeploy, ErrorsOfTheBaselineAreNoneOfItsOwn) {
  int accused = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Rng rng(StreamId(seed, "deploy", "noise"));
    PhaseRecord run("rolling-deploy");
    for (const Phase phase : {Phase::kBaseline, Phase::kFault}) {
      for (int i = 0; i < 2000; ++i) {
        run.operations(
            0, phase, 1, 10000,
            rng.next_unit() < 0.02 ? AttemptClass::kServerError : AttemptClass::kSuccess);
      }
    }
    accused += run.verdict() == Verdict::kFail ? 1 : 0;
  }
  EXPECT_LE(accused, 16) << "1% of 200 and what a noisy baseline adds";
}

TEST(DependencyRestart, SessionsSurvive) {
  PhaseRecord survives("dependency-restart");
  survives.seconds(0, 0, 11, 50, kNone, 10000).seconds(0, 11, 12, 50, 0.4, 10000);
  survives.seconds(0, 12, 30, 50, kNone, 10000);
  EXPECT_EQ(survives.verdict(), Verdict::kPass);
  PhaseRecord forgets("dependency-restart");
  forgets.seconds(0, 0, 11, 50, kNone, 10000);
  forgets.seconds(0, 11, 30, 50, 0.5, 10000, AttemptClass::kClientError);
  EXPECT_EQ(forgets.verdict(), Verdict::kFail);
  PhaseRecord stays("dependency-restart");
  stays.seconds(0, 0, 11, 50, kNone, 10000).seconds(0, 11, 30, 50, 0.5, 10000);
  EXPECT_EQ(stays.verdict(), Verdict::kFail);
  PhaseRecord few("dependency-restart");
  few.seconds(0, 0, 30, 1, kNone, 10000);
  EXPECT_EQ(few.verdict(), Verdict::kInconclusive);
  PhaseRecord always("dependency-restart");
  always.seconds(0, 0, 30, 50, kAll, 10000, AttemptClass::kClientError);
  EXPECT_EQ(always.verdict(), Verdict::kInconclusive) << "nobody was logged in before, either";
}

PhaseRecord with_clock_moved() {
  PhaseRecord run("clock-skewed-replica");
  run.record.timeline.push_back({.name = "wrong-clock",
                                 .kind = "action",
                                 .description = "wrong-clock: clock of api-2",
                                 .started = true});
  return run;
}

TEST(ClockSkewedReplica, WhatMustHoldDoes) {
  PhaseRecord tolerant = with_clock_moved();
  tolerant.seconds(0, 0, 30, 50, kNone, 10000);
  EXPECT_EQ(tolerant.verdict(), Verdict::kPass);
  PhaseRecord breaks = with_clock_moved();
  breaks.seconds(0, 0, 10, 50, kNone, 10000);
  breaks.seconds(0, 10, 20, 50, 0.5, 10000, AttemptClass::kUnexpected);
  ASSERT_EQ(breaks.verdict(), Verdict::kFail);
  EXPECT_EQ(breaks.findings()[0].evidence[1], "done: wrong-clock: clock of api-2");
  breaks.set("on", "look");
  EXPECT_EQ(breaks.verdict(), Verdict::kInconclusive) << "of what was not asked for";
}

TEST(ClockSkewedReplica, SaysNothingOfWhatItCannotKnow) {
  PhaseRecord unmoved("clock-skewed-replica");
  unmoved.seconds(0, 0, 10, 50, kNone, 10000);
  unmoved.seconds(0, 10, 20, 50, 0.5, 10000, AttemptClass::kUnexpected);
  EXPECT_EQ(unmoved.verdict(), Verdict::kInconclusive) << "no clock was moved";
  PhaseRecord failed = with_clock_moved();
  failed.seconds(0, 0, 20, 50, kNone, 10000);
  failed.record.timeline[0].problem = "api-2 is statically linked";
  EXPECT_EQ(failed.verdict(), Verdict::kInconclusive);
  PhaseRecord always = with_clock_moved();
  always.seconds(0, 0, 20, 50, kAll, 10000, AttemptClass::kUnexpected);
  EXPECT_EQ(always.verdict(), Verdict::kInconclusive) << "nothing held before, either";
  PhaseRecord few = with_clock_moved();
  few.seconds(0, 0, 20, 2, kNone, 10000);
  EXPECT_EQ(few.verdict(), Verdict::kInconclusive);
}

PhaseRecord changed(double error_share, int status) {
  PhaseRecord run("upstream-changed");
  run.seconds(0, 0, 10, 20, kNone, 10000).seconds(0, 10, 20, 20, error_share, 10000);
  run.seconds(0, 20, 30, 20, kNone, 10000);
  run.calls(0, 10, 20, kNone).calls(10, 20, 20, kAll).calls(20, 30, 20, kNone);
  run.record.endings.push_back(
      {"buy.charge", AttemptClass::kServerError, status, status == 0 ? 0U : 200U, {}});
  return run;
}

TEST(UpstreamChanged, IsRefusedClearly) {
  EXPECT_EQ(changed(kAll, 502).verdict(), Verdict::kPass);
  EXPECT_EQ(changed(kAll, 500).verdict(), Verdict::kFail) << "an error that tells nothing";
  EXPECT_EQ(changed(kNone, 0).verdict(), Verdict::kFail) << "taken for a success";
  PhaseRecord fallback = changed(kNone, 0);
  fallback.set("fallback", "true");
  EXPECT_EQ(fallback.verdict(), Verdict::kPass);
  PhaseRecord crash = changed(kAll, 502);
  crash.record.events.push_back({12s, "service", "shop ended: signal 11"});
  EXPECT_EQ(crash.verdict(), Verdict::kFail);
  PhaseRecord few = changed(kAll, 502);
  few.set("least", "1000");
  EXPECT_EQ(few.verdict(), Verdict::kInconclusive);
}

// squall's own checks are no refusal by the target.
TEST(UpstreamChanged, WhatOnlyThePlanRefusesIsNoClearError) {
  const auto answered = [](AttemptClass how, int status) {
    PhaseRecord run("upstream-changed");
    run.seconds(0, 0, 10, 20, kNone, 10000).seconds(0, 10, 20, 20, kAll, 10000, how);
    run.calls(0, 10, 20, kNone).calls(10, 20, 20, kAll);
    run.record.endings.push_back({"buy.charge", how, status, 200, {}});
    return run;
  };
  EXPECT_EQ(answered(AttemptClass::kUnexpected, 201).verdict(), Verdict::kFail);
  EXPECT_EQ(answered(AttemptClass::kUnexpected, 502).verdict(), Verdict::kPass);
  EXPECT_EQ(answered(AttemptClass::kClientError, 422).verdict(), Verdict::kPass);
  PhaseRecord before = answered(AttemptClass::kServerError, 502);
  before.record.endings.push_back({"buy.charge", AttemptClass::kUnexpected, 201, 200, {}});
  EXPECT_EQ(before.verdict(), Verdict::kPass) << "none of them while the fault lasted";
}

// While the fault lasts: operations, those that fail, calls to the dependency, those of them whose
// answer was changed.
PhaseRecord partly_changed(std::uint64_t operations, std::uint64_t errors, std::uint64_t calls,
                           std::uint64_t changed) {
  PhaseRecord run("upstream-changed");
  run.operations(0, Phase::kBaseline, 200, 10000);
  run.operations(0, Phase::kFault, operations - errors, 10000);
  run.operations(0, Phase::kFault, errors, 10000, AttemptClass::kServerError);
  model::DependencyProxy& proxy = run.record.dependencies.proxies.emplace_back();
  proxy.name = "psp";
  proxy.phases[Phase::kFault].calls = calls;
  proxy.phases[Phase::kFault].faulted = changed;
  return run;
}

// A fault comes and goes between two calls, or touches only some: what was left as it was explains
// as many successes and no more.
TEST(UpstreamChanged, SuccessesNeedAnswersThatWereLeftAsTheyWere) {
  EXPECT_EQ(partly_changed(200, 0, 200, 198).verdict(), Verdict::kFail) << "two slipped through";
  EXPECT_EQ(partly_changed(200, 0, 200, 100).verdict(), Verdict::kFail) << "half were changed";
  EXPECT_EQ(partly_changed(200, 100, 200, 100).verdict(), Verdict::kPass) << "and half refused";
  EXPECT_EQ(partly_changed(200, 5, 590, 395).verdict(), Verdict::kPass) << "tried again, thrice";
  EXPECT_EQ(partly_changed(200, 190, 190, 190).verdict(), Verdict::kPass)
      << "ten asked when the fault was over";
}

model::EffectCounts effects_of(std::uint64_t acked, std::uint64_t effects) {
  model::EffectCounts counts;
  counts.step = "buy.charge";
  counts.operations = acked + 100;
  counts.outcomes[static_cast<std::size_t>(OperationOutcome::kAcked)] = acked;
  counts.outcomes[static_cast<std::size_t>(OperationOutcome::kUnknown)] = 100;
  counts.verdicts[static_cast<std::size_t>(EffectVerdict::kOk)] = counts.operations;
  counts.effects = effects;
  return counts;
}

TEST(TimeoutMismatch, NothingIsDoneOfWhatWasRefused) {
  PhaseRecord run("timeout-mismatch");
  run.record.effects.counted = true;
  run.operations(0, Phase::kBaseline, 200, 10000);
  run.operations(0, Phase::kFault, 100, 10000, AttemptClass::kServerError);
  run.record.effects.steps = {effects_of(200, 200)};
  EXPECT_EQ(run.verdict(), Verdict::kPass);
  run.record.effects.steps = {effects_of(200, 280)};
  EXPECT_EQ(run.verdict(), Verdict::kFail);
  // What squall gave up itself may have been done.
  run.operations(0, Phase::kFault, 90, 10000, AttemptClass::kTimeout);
  EXPECT_EQ(run.verdict(), Verdict::kPass);
  run.set("least", "1000");
  EXPECT_EQ(run.verdict(), Verdict::kInconclusive);
  run.record.effects.steps[0].verdicts[static_cast<std::size_t>(EffectVerdict::kUndecided)] = 1;
  EXPECT_EQ(run.verdict(), Verdict::kInvalid);
}

PhaseRecord probed(int status_while_failing, Duration took) {
  PhaseRecord run("lying-health");
  run.seconds(0, 0, 10, 20, kNone, 10000).seconds(0, 10, 20, 20, kAll, 10000);
  run.seconds(0, 20, 30, 20, kNone, 10000);
  model::RecordedProbe probe{"health", "GET /healthz", 500ms, 2s, {}};
  for (int i = 0; i < 60; ++i) {
    const bool failing = i >= 20 && i < 40;
    probe.answers.push_back({i * 500ms, failing ? status_while_failing : 200, took, ""});
  }
  run.record.probes = {probe};
  return run;
}

TEST(LyingHealth, TellsWhatUsersSee) {
  EXPECT_EQ(probed(200, 1ms).verdict(), Verdict::kFail);
  EXPECT_EQ(probed(503, 1ms).verdict(), Verdict::kPass);
  EXPECT_EQ(probed(503, 1500ms).verdict(), Verdict::kFail) << "slow";
  PhaseRecord panics = probed(503, 1ms);
  for (model::ProbeAnswer& answer : panics.record.probes[0].answers) {
    answer.status = 503;
  }
  EXPECT_EQ(panics.verdict(), Verdict::kFail) << "bad while users are well";
  PhaseRecord quiet("lying-health");
  quiet.seconds(0, 0, 30, 20, kNone, 10000);
  quiet.record.probes = probed(200, 1ms).record.probes;
  EXPECT_EQ(quiet.verdict(), Verdict::kInconclusive) << "users never failed";
}

TEST(CrashLoop, ServicesLiveOn) {
  PhaseRecord run("crash-loop");
  run.seconds(0, 0, 30, 50, kNone, 10000);
  EXPECT_EQ(run.verdict(), Verdict::kInconclusive) << "nothing bad was sent";
  run.record.faults.push_back({"bad", "malformed", {"buy.charge"}, "", {100, 50, 50, 0}, {}});
  EXPECT_EQ(run.verdict(), Verdict::kPass);
  run.operations(0, Phase::kFault, 50, 10000, AttemptClass::kRefused);
  EXPECT_EQ(run.verdict(), Verdict::kFail) << "good requests fail";
  PhaseRecord dies("crash-loop");
  dies.seconds(0, 0, 30, 50, kNone, 10000);
  dies.record.events.push_back({11s, "service", "shop ended: signal 6"});
  EXPECT_EQ(dies.verdict(), Verdict::kFail);
}

}  // namespace
}  // namespace squall::reports
