// The detectors of failures that spread: the broken target is named, the mended one passes, too
// little is inconclusive, and chance alone accuses nobody.
#include <gtest/gtest.h>

#include "tests/reports/detectors/phase_record.hpp"

namespace squall::reports {
namespace {

using namespace std::chrono_literals;
using model::AttemptClass;
using model::Phase;
using model::Verdict;

constexpr double kNone = 0;
constexpr double kAll = 1;

TEST(Detectors, SpeakOnlyWhenAsked) {
  PhaseRecord run("no-timeout");
  run.seconds(0, 0, 30, 50, kNone, 5000000);
  EXPECT_EQ(run.findings().size(), 1U);
  run.record.detector_settings.clear();
  EXPECT_TRUE(run.findings().empty());
}

TEST(Detectors, SayNothingOfLatencyWhenTheGeneratorWasLate) {
  PhaseRecord run("no-timeout");
  run.seconds(0, 0, 30, 50, kNone, 5000000);
  run.record.breaches.push_back({"lag p99 was 14ms", 3, false});
  EXPECT_EQ(run.verdict(), Verdict::kInvalid);
}

TEST(Cascade, UnrelatedStepsMustNotSuffer) {
  PhaseRecord errors("cascade");
  errors.set("unrelated", "look.page");
  errors.seconds(1, 0, 10, 50, kNone, 10000).seconds(1, 10, 20, 50, 0.1, 10000);
  EXPECT_EQ(errors.verdict(), Verdict::kFail);
  PhaseRecord slow("cascade");
  slow.set("unrelated", "look");
  slow.seconds(1, 0, 10, 50, kNone, 10000).seconds(1, 10, 20, 50, kNone, 200000);
  EXPECT_EQ(slow.verdict(), Verdict::kFail);
  PhaseRecord fixed("cascade");
  fixed.set("unrelated", "look.page");
  fixed.seconds(1, 0, 20, 50, kNone, 10000).seconds(0, 10, 20, 50, kAll, 10000);
  EXPECT_EQ(fixed.verdict(), Verdict::kPass);
  PhaseRecord few("cascade");
  few.set("unrelated", "look.page");
  few.seconds(1, 0, 20, 5, kNone, 10000);
  EXPECT_EQ(few.verdict(), Verdict::kInconclusive);
}

TEST(Cascade, ChanceAccusesNobody) {
  int accused = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Rng rng(StreamId(seed, "cascade", "noise"));
    PhaseRecord run("cascade");
    run.set("unrelated", "look.page");
    for (const Phase phase : {Phase::kBaseline, Phase::kFault}) {
      for (int i = 0; i < 400; ++i) {
        const bool fails = rng.next_unit() < 0.01;
        run.operations(1, phase, 1, static_cast<std::int64_t>(10000 * rng.next_exponential()),
                       fails ? AttemptClass::kServerError : AttemptClass::kSuccess);
      }
    }
    accused += run.verdict() == Verdict::kFail ? 1 : 0;
  }
  EXPECT_LE(accused, 4);
}

PhaseRecord breaker_run(std::uint64_t calls_while_broken) {
  PhaseRecord run("no-breaker");
  run.set("within", "2s");
  run.seconds(0, 0, 30, 50, kNone, 10000);
  run.calls(0, 10, 50, kNone).calls(10, 12, 50, kAll).calls(12, 20, calls_while_broken, kAll);
  return run;
}

TEST(NoBreaker, CallsMustStop) {
  EXPECT_EQ(breaker_run(50).verdict(), Verdict::kFail);
  EXPECT_EQ(breaker_run(3).verdict(), Verdict::kPass);
  EXPECT_EQ(breaker_run(10).verdict(), Verdict::kInconclusive) << "20% of them, just at the limit";
  PhaseRecord few = breaker_run(50);
  few.set("within", "9900ms");
  EXPECT_EQ(few.verdict(), Verdict::kInconclusive);
  PhaseRecord healthy("no-breaker");
  healthy.set("within", "2s");
  healthy.seconds(0, 0, 30, 50, kNone, 10000).calls(0, 30, 50, kNone);
  EXPECT_EQ(healthy.verdict(), Verdict::kInconclusive) << "nothing was broken";
}

TEST(BreakerStuck, ErrorsMustGoWithTheFault) {
  const auto run = [](std::int64_t bad_until) {
    PhaseRecord made("breaker-stuck");
    made.set("reset", "1s");
    made.seconds(0, 0, 10, 50, kNone, 10000).seconds(0, 10, bad_until, 50, kAll, 10000);
    made.seconds(0, bad_until, 30, 50, kNone, 10000);
    return made.verdict();
  };
  EXPECT_EQ(run(21), Verdict::kPass);
  EXPECT_EQ(run(26), Verdict::kFail);
  EXPECT_EQ(run(30), Verdict::kFail);
  PhaseRecord harmless("breaker-stuck");
  harmless.seconds(0, 0, 30, 50, kNone, 10000);
  EXPECT_EQ(harmless.verdict(), Verdict::kInconclusive);
}

TEST(NoTimeout, AnswersComeWithinTheDeadline) {
  const auto run = [](std::int64_t microseconds, std::uint64_t per_second) {
    PhaseRecord made("no-timeout");
    made.set("deadline", "500ms");
    made.seconds(0, 0, 10, per_second, kNone, 10000);
    made.seconds(0, 10, 20, per_second, kAll, microseconds);
    return made.verdict();
  };
  EXPECT_EQ(run(3000000, 20), Verdict::kFail);
  EXPECT_EQ(run(510000, 20), Verdict::kPass);
  EXPECT_EQ(run(3000000, 1), Verdict::kInconclusive);
}

TEST(Partition, NeedsAnswersInTimeAndAWayBack) {
  const auto run = [](std::int64_t microseconds, std::int64_t bad_until) {
    PhaseRecord made("partition");
    made.set("deadline", "500ms").set("recovery", "3s");
    made.seconds(0, 0, 10, 20, kNone, 10000).seconds(0, 10, bad_until, 20, kAll, microseconds);
    made.seconds(0, bad_until, 30, 20, kNone, 10000);
    return made.verdict();
  };
  EXPECT_EQ(run(400000, 21), Verdict::kPass);
  EXPECT_EQ(run(3000000, 21), Verdict::kFail);
  EXPECT_EQ(run(400000, 28), Verdict::kFail);
}

TEST(Partition, EveryStepHasToFindBack) {
  PhaseRecord made("partition");
  made.set("deadline", "500ms").set("recovery", "3s").set("on", "buy.charge,look.page");
  made.seconds(0, 0, 10, 20, kNone, 10000).seconds(0, 10, 20, 20, kAll, 10000);
  made.seconds(0, 20, 30, 20, kNone, 10000);
  made.seconds(1, 0, 10, 20, kNone, 10000).seconds(1, 10, 30, 20, kAll, 10000);
  EXPECT_EQ(made.verdict(), Verdict::kFail) << "look.page never did";
}

PhaseRecord retrying(std::uint64_t while_broken, std::uint64_t after) {
  PhaseRecord run("retry-storm");
  run.set("least", "100").set("settle", "2s");
  run.seconds(0, 0, 30, 50, kNone, 10000);
  run.calls(0, 10, 50, kNone).calls(10, 20, while_broken, kAll).calls(20, 30, after, kNone);
  return run;
}

TEST(RetryStorm, CallsMustNotMultiply) {
  EXPECT_EQ(retrying(250, 50).verdict(), Verdict::kFail);
  EXPECT_EQ(retrying(52, 50).verdict(), Verdict::kPass);
  EXPECT_EQ(retrying(52, 150).verdict(), Verdict::kFail) << "it lingers after the fault";
  PhaseRecord few = retrying(250, 50);
  few.set("least", "1000");
  EXPECT_EQ(few.verdict(), Verdict::kInconclusive);
}

TEST(RetryStorm, ChanceAccusesNobody) {
  int accused = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Rng rng(StreamId(seed, "retry", "noise"));
    const auto noisy = [&] {
      return static_cast<std::uint64_t>(std::max(1.0, 50 + 7 * rng.next_normal()));
    };
    PhaseRecord run("retry-storm");
    run.set("settle", "2s");
    for (std::int64_t second = 0; second < 30; ++second) {
      run.seconds(0, second, second + 1, noisy(), kNone, 10000);
      run.calls(second, second + 1, noisy(), second >= 10 && second < 20 ? kAll : kNone);
    }
    accused += run.verdict() == Verdict::kFail ? 1 : 0;
  }
  EXPECT_LE(accused, 8);
}

PhaseRecord pooled(std::int64_t shared_us, std::int64_t static_us) {
  PhaseRecord run("pool-exhaustion");
  run.set("shared", "look.page").set("static", "look.logo");
  run.seconds(1, 0, 10, 20, kNone, 20000).seconds(1, 10, 20, 20, kNone, shared_us);
  run.seconds(2, 0, 10, 20, kNone, 15000).seconds(2, 10, 20, 20, kNone, static_us);
  return run;
}

TEST(PoolExhaustion, IsASharedPathThatSlowsAloneDown) {
  EXPECT_EQ(pooled(400000, 15000).verdict(), Verdict::kFail);
  EXPECT_EQ(pooled(22000, 15000).verdict(), Verdict::kPass);
  EXPECT_EQ(pooled(400000, 60000).verdict(), Verdict::kInconclusive) << "the CPU, not the pool";
  PhaseRecord few = pooled(400000, 15000);
  few.set("least", "1000");
  EXPECT_EQ(few.verdict(), Verdict::kInconclusive);
}

TEST(SerialCalls, GrowByTheAddedDelayTimesTheCalls) {
  const auto run = [](std::int64_t microseconds) {
    PhaseRecord made("serial-calls");
    made.set("added", "50ms");
    made.seconds(0, 0, 10, 20, kNone, 20000).seconds(0, 10, 20, 20, kNone, microseconds);
    return made.verdict();
  };
  EXPECT_EQ(run(20000 + 4 * 50000), Verdict::kFail);
  EXPECT_EQ(run(20000 + 50000), Verdict::kPass);
  PhaseRecord measured("serial-calls");
  measured.seconds(0, 0, 10, 20, kNone, 20000).seconds(0, 10, 20, 20, kNone, 170000);
  EXPECT_EQ(measured.verdict(), Verdict::kInconclusive) << "nobody knows the delay";
  measured.calls(0, 10, 20, kNone, 10000).calls(10, 20, 20, kNone, 60000);
  EXPECT_EQ(measured.verdict(), Verdict::kFail) << "the proxy measured 50ms";
}

TEST(SerialCalls, ChanceAccusesNobody) {
  int accused = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Rng rng(StreamId(seed, "serial", "noise"));
    PhaseRecord run("serial-calls");
    run.set("added", "50ms");
    for (int i = 0; i < 100; ++i) {
      const double spread = 10000 * rng.next_exponential();
      run.operations(0, Phase::kBaseline, 1, static_cast<std::int64_t>(20000 + spread));
      run.operations(0, Phase::kFault, 1,
                     static_cast<std::int64_t>(70000 + 10000 * rng.next_exponential()));
    }
    accused += run.verdict() == Verdict::kPass ? 0 : 1;
  }
  EXPECT_EQ(accused, 0);
}

}  // namespace
}  // namespace squall::reports
