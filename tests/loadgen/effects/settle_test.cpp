#include "loadgen/effects/settle.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace squall::effects {
namespace {

using model::OracleReading;
using namespace std::chrono_literals;

OracleReading reading_of(std::uint64_t effects) {
  OracleReading reading;
  reading.counts["key"] = effects;
  return reading;
}

// Answers what its script says, the last entry again and again. Each reading takes time.
class ScriptedOracle final : public model::Oracle {
 public:
  ScriptedOracle(ManualClock& clock, std::vector<Result<OracleReading>> answers)
      : clock_(clock), answers_(std::move(answers)) {}

  Result<void> start(const model::OracleContext&) override { return {}; }
  Result<OracleReading> read(std::span<const std::string>, Duration) override {
    starts.push_back(clock_.now());
    clock_.advance(read_time);
    ends.push_back(clock_.now());
    return answers_[std::min(starts.size(), answers_.size()) - 1];
  }

  Duration read_time = 100ms;
  std::vector<TimePoint> starts;
  std::vector<TimePoint> ends;

 private:
  ManualClock& clock_;
  std::vector<Result<OracleReading>> answers_;
};

struct Settling {
  ManualClock clock;
  std::vector<std::string> said;

  Settled run(model::Oracle& oracle, Duration apart, Duration timeout) {
    return run(oracle, {.apart = apart, .timeout = timeout});
  }

  Settled run(model::Oracle& oracle, const SettleOptions& options) {
    const Wait wait = [this](Duration pause) {
      EXPECT_GT(pause, Duration::zero());
      clock.advance(pause);
      return true;
    };
    return settle(oracle, {}, options, clock, wait,
                  [this](std::string_view text) { said.emplace_back(text); });
  }
};

tl::unexpected<Error> not_there() {
  return fail(ErrorCode::kNotFound, "no such program");
}

tl::unexpected<Error> unreachable() {
  return fail(ErrorCode::kUnavailable, "nobody answers");
}

TEST(Settle, TakesTwoEqualReadingsApart) {
  Settling settling;
  ScriptedOracle oracle(settling.clock, {reading_of(1), reading_of(3), reading_of(4)});
  const Settled settled = settling.run(oracle, 1s, 30s);
  EXPECT_TRUE(settled.stable);
  EXPECT_EQ(settled.reading, reading_of(4));
  EXPECT_EQ(settled.problem, "");
  ASSERT_EQ(oracle.starts.size(), 4u);
  EXPECT_GE(oracle.starts[3] - oracle.ends[2], 1s);
  EXPECT_EQ(settled.took, oracle.ends[3] - oracle.starts[0]);
  ASSERT_EQ(settling.said.size(), 4u);
  EXPECT_EQ(settling.said[3].substr(0, 9), "4 effects");
}

TEST(Settle, TheLastReadingCountsWhenItNeverComesToRest) {
  Settling settling;
  std::vector<Result<OracleReading>> growing;
  for (std::uint64_t effects = 0; effects < 100; ++effects) {
    growing.emplace_back(reading_of(effects));
  }
  ScriptedOracle oracle(settling.clock, growing);
  const Settled settled = settling.run(oracle, 1s, 5s);
  EXPECT_FALSE(settled.stable);
  EXPECT_EQ(settled.problem, "");
  EXPECT_EQ(settled.reading, reading_of(oracle.starts.size() - 1));
  EXPECT_LE(settled.took, 5s + oracle.read_time);
}

TEST(Settle, TwoReadingsTooNearToEachOtherProveNothing) {
  Settling settling;
  ScriptedOracle oracle(settling.clock, {reading_of(2)});
  const Settled settled = settling.run(oracle, 10s, 3s);
  EXPECT_EQ(oracle.starts.size(), 2u);
  EXPECT_FALSE(settled.stable);
  EXPECT_EQ(settled.reading, reading_of(2));
}

TEST(Settle, GoesOnWhenAReadingFails) {
  Settling settling;
  ScriptedOracle oracle(settling.clock,
                        {reading_of(2), unreachable(), reading_of(2), reading_of(2)});
  const Settled settled = settling.run(oracle, 1s, 30s);
  EXPECT_TRUE(settled.stable);
  EXPECT_EQ(oracle.starts.size(), 4u) << "readings around a failed one are not two in a row";
}

TEST(Settle, AnOracleThatEndsUnreachableHasNoReading) {
  Settling settling;
  ScriptedOracle oracle(settling.clock, {reading_of(2), unreachable()});
  const Settled settled = settling.run(oracle, 1s, 3s);
  EXPECT_FALSE(settled.stable);
  EXPECT_EQ(settled.problem, "nobody answers");
  EXPECT_EQ(settled.reading, OracleReading());
}

TEST(Settle, AReadingThatFailsWithoutHopeIsTheLast) {
  Settling settling;
  bool dead = false;
  ScriptedOracle oracle(settling.clock, {reading_of(2), unreachable(), unreachable()});
  SettleOptions options;
  options.apart = 1s;
  options.timeout = 30s;
  options.hopeless = [&] { return std::exchange(dead, true); };
  const Settled settled = settling.run(oracle, options);
  EXPECT_EQ(oracle.starts.size(), 3u) << "the first failure had hope";
  EXPECT_EQ(settled.problem, "nobody answers");
}

TEST(Settle, HopeIsNotAskedForWhereAReadingSucceeds) {
  Settling settling;
  ScriptedOracle oracle(settling.clock, {reading_of(1), reading_of(2), reading_of(2)});
  SettleOptions options;
  options.apart = 1s;
  options.timeout = 30s;
  options.hopeless = [] { return true; };
  EXPECT_TRUE(settling.run(oracle, options).stable);
}

TEST(Settle, UndecidedKeysWithoutHopeStayUndecided) {
  Settling settling;
  OracleReading undecided = reading_of(1);
  undecided.undecided.insert("other");
  ScriptedOracle oracle(settling.clock, {undecided});
  SettleOptions options;
  options.apart = 1s;
  options.timeout = 30s;
  options.hopeless = [] { return true; };
  EXPECT_FALSE(settling.run(oracle, options).stable);
  EXPECT_EQ(oracle.starts.size(), 1u);
}

TEST(Settle, AnAnswerThatMakesNoSenseEndsABaseline) {
  for (const bool final : {false, true}) {
    Settling settling;
    ScriptedOracle oracle(settling.clock, {fail(ErrorCode::kMalformed, "no list at \"/efects\"")});
    SettleOptions options;
    options.timeout = 1s;
    options.malformed_is_final = final;
    EXPECT_EQ(settling.run(oracle, options).problem, "no list at \"/efects\"");
    EXPECT_EQ(oracle.starts.size() == 1, final);
  }
}

TEST(Settle, UndecidedKeysAreNoRest) {
  Settling settling;
  OracleReading undecided = reading_of(1);
  undecided.undecided.insert("other");
  ScriptedOracle healing(settling.clock, {undecided, undecided, reading_of(2), reading_of(2)});
  EXPECT_TRUE(settling.run(healing, 1s, 30s).stable);
  ScriptedOracle stuck(settling.clock, {undecided});
  const Settled settled = settling.run(stuck, 1s, 5s);
  EXPECT_FALSE(settled.stable);
  EXPECT_TRUE(settled.reading.undecided.contains("other"));
}

TEST(Settle, ABaselineIsTheFirstReadingThatSucceeds) {
  Settling settling;
  ScriptedOracle oracle(settling.clock, {unreachable(), unreachable(), reading_of(7)});
  const Settled settled = settling.run(oracle, 0s, 10s);
  EXPECT_TRUE(settled.stable);
  EXPECT_EQ(settled.reading, reading_of(7));
  EXPECT_EQ(oracle.starts.size(), 3u);
}

TEST(Settle, StopsWhenWaitingIsInterrupted) {
  ManualClock clock;
  ScriptedOracle oracle(clock, {reading_of(1)});
  const Settled settled = settle(
      oracle, {}, {.apart = 1s, .timeout = 10s}, clock, [](Duration) { return false; }, nullptr);
  EXPECT_EQ(oracle.starts.size(), 1u);
  EXPECT_FALSE(settled.stable);
  EXPECT_EQ(settled.reading, reading_of(1));
}

TEST(Settle, AnOracleThatIsNotThereIsNotAskedAgain) {
  Settling settling;
  ScriptedOracle oracle(settling.clock, {not_there(), reading_of(1)});
  const Settled settled = settling.run(oracle, 1s, 30s);
  EXPECT_EQ(oracle.starts.size(), 1U);
  EXPECT_FALSE(settled.stable);
  EXPECT_EQ(settled.problem, "no such program");
}

}  // namespace
}  // namespace squall::effects
