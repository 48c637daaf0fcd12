#include "loadgen/expr/condition.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace squall::expr {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

Condition parsed(std::string_view text) {
  auto result = parse_condition(text);
  EXPECT_TRUE(result) << text << ": " << (result ? "" : to_string(result.error()));
  return result ? *result : Condition{};
}

TEST(ParseCondition, ReadsEverySelector) {
  const Condition full = parsed("buy.charge clean warmup queue p99.9 <= 1.5ms for 5s");
  EXPECT_EQ(full.step, "buy.charge");
  EXPECT_EQ(full.exposure, ExposureSelector::kClean);
  EXPECT_EQ(full.phase, PhaseSelector::kWarmup);
  EXPECT_EQ(full.span, SpanName::kQueue);
  EXPECT_EQ(full.metric, Metric::kPercentile);
  EXPECT_DOUBLE_EQ(full.percentile, 99.9);
  EXPECT_EQ(full.comparison, Comparison::kLessOrEqual);
  EXPECT_DOUBLE_EQ(full.bound, 1.5e6);
  EXPECT_EQ(full.sustained, Duration(5s));
  EXPECT_EQ(full.source, "buy.charge clean warmup queue p99.9 <= 1.5ms for 5s");
}

TEST(ParseCondition, HasTheDefaultsOfTheDesign) {
  const Condition bare = parsed("p99<250ms");
  EXPECT_EQ(bare.step, "");
  EXPECT_EQ(bare.exposure, ExposureSelector::kAny);
  EXPECT_EQ(bare.phase, PhaseSelector::kMeasured);
  EXPECT_EQ(bare.span, SpanName::kResponse);
  EXPECT_EQ(bare.sustained, std::nullopt);
}

TEST(ParseCondition, ReadsEveryWord) {
  EXPECT_EQ(parsed("faulted lag max < 1s").exposure, ExposureSelector::kFaulted);
  EXPECT_EQ(parsed("measured p50 < 1s").phase, PhaseSelector::kMeasured);
  EXPECT_EQ(parsed("all p50 < 1s").phase, PhaseSelector::kAll);
  EXPECT_EQ(parsed("baseline p50 < 1s").phase, PhaseSelector::kBaseline);
  EXPECT_EQ(parsed("fault error_rate < 1%").phase, PhaseSelector::kFault);
  EXPECT_EQ(parsed("buy.charge recovery response p99 < 250ms").phase, PhaseSelector::kRecovery);
  EXPECT_EQ(parsed("response mean < 1s").span, SpanName::kResponse);
  EXPECT_EQ(parsed("lag mean < 1s").span, SpanName::kLag);
  EXPECT_EQ(parsed("service mean < 1s").span, SpanName::kService);
  EXPECT_EQ(parsed("buy-2_x p100 > 0").step, "buy-2_x");
  EXPECT_EQ(parsed("p-1 p50 < 1s").step, "p-1") << "not a percentile";
}

TEST(ParseCondition, ReadsEveryMetricInItsUnit) {
  struct Case {
    std::string_view text;
    Metric metric;
    MetricUnit unit;
    double bound;
  };
  const Case cases[]{
      {"mean < 2s", Metric::kMean, MetricUnit::kDuration, 2e9},
      {"max > 0", Metric::kMax, MetricUnit::kDuration, 0},
      {"error_rate < 1%", Metric::kErrorRate, MetricUnit::kShare, 0.01},
      {"error_rate == 0", Metric::kErrorRate, MetricUnit::kShare, 0},
      {"rate >= 20k/s", Metric::kRate, MetricUnit::kRate, 20000},
      {"operations > 1000", Metric::kOperations, MetricUnit::kCount, 1000},
      {"attempt_error_rate <= 0.5%", Metric::kAttemptErrorRate, MetricUnit::kShare, 0.005},
      {"attempts != 7", Metric::kAttempts, MetricUnit::kCount, 7},
      {"dropped == 0", Metric::kDropped, MetricUnit::kCount, 0},
      {"time_to_recover < 10s", Metric::kTimeToRecover, MetricUnit::kDuration, 10e9},
      {"duplicate_effects == 0", Metric::kDuplicateEffects, MetricUnit::kCount, 0},
      {"buy.charge lost_effects == 0", Metric::kLostEffects, MetricUnit::kCount, 0},
      {"phantom_effects == 0", Metric::kPhantomEffects, MetricUnit::kCount, 0},
      {"unattributed_effects == 0", Metric::kUnattributedEffects, MetricUnit::kCount, 0},
      {"undecided_effects == 0", Metric::kUndecidedEffects, MetricUnit::kCount, 0},
  };
  for (const Case& one : cases) {
    const Condition condition = parsed(one.text);
    EXPECT_EQ(condition.metric, one.metric) << one.text;
    EXPECT_EQ(unit_of(condition.metric), one.unit) << one.text;
    EXPECT_DOUBLE_EQ(condition.bound, one.bound) << one.text;
    EXPECT_EQ(is_effect_metric(condition.metric),
              one.text.find("effects") != std::string_view::npos)
        << one.text;
  }
  EXPECT_EQ(unit_of(Metric::kPercentile), MetricUnit::kDuration);
  EXPECT_FALSE(is_effect_metric(Metric::kPercentile));
}

TEST(ParseCondition, SaysWhatIsWrongAndWhere) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases{
      {"eror_rate < 1%", "column 1: \"eror_rate\" is not a metric; did you mean \"error_rate\"?"},
      {"buy.charge respnse p99 < 1ms",
       "column 12: \"respnse\" is not a selector or a metric; did you mean \"response\"?"},
      {"buy.charge response p99.9.9 < 1ms",
       "column 21: \"p99.9.9\" is not a percentile; write for example p99.9 (above 0, at most "
       "100)"},
      {"response clean p99 < 1ms",
       "column 10: \"clean\" stands in the wrong place; the order is: step, clean or faulted, "
       "a phase (measured, baseline, fault, recovery, warmup or all), span, "
       "metric"},
      {"clean faulted p99 < 1ms",
       "column 7: \"faulted\" stands in the wrong place; the order is: step, clean or faulted, "
       "a phase (measured, baseline, fault, recovery, warmup or all), span, "
       "metric"},
      {"buy p99", "column 8: a comparison is missing at the end; write ==, !=, <, <=, > or >="},
      {"buy p99 <", "column 10: a duration such as 250ms is missing at the end"},
      {"p99 = 5ms", "column 5: \"=\" is not a comparison; write =="},
      {"p99 is 5ms", "column 5: \"is\" is not a comparison; write ==, !=, <, <=, > or >="},
      {"p99 < 5", "column 7: \"5\" is not a duration such as 250ms"},
      {"p99 < -5ms", "column 7: \"-5ms\" is not a duration such as 250ms"},
      {"p99 < \"5ms\"", "column 7: \"5ms\" is not a duration such as 250ms"},
      {"p0 < 5ms",
       "column 1: \"p0\" is not a percentile; write for example p99.9 (above 0, at most 100)"},
      {"p101 < 5ms",
       "column 1: \"p101\" is not a percentile; write for example p99.9 (above 0, at most 100)"},
      {"error_rate < 1", "column 14: \"1\" is not a share such as 1% (0% to 100%)"},
      {"error_rate < 0.01", "column 14: \"0.01\" is not a share such as 1% (0% to 100%)"},
      {"error_rate < 101%", "column 14: \"101%\" is not a share such as 1% (0% to 100%)"},
      {"rate > 100", "column 8: \"100\" is not a rate such as 200/s"},
      {"operations > 1.5", "column 14: \"1.5\" is not a whole number such as 0"},
      {"operations > 99999999999999999999",
       "column 14: \"99999999999999999999\" is not a whole number such as 0"},
      {"clean duplicate_effects == 0",
       "column 1: duplicate_effects counts clean and faulted operations together"},
      {"warmup lost_effects == 0",
       "column 1: lost_effects covers everything that was ever sent, in all phases"},
      {"buy lag error_rate < 1%",
       "column 5: error_rate has no span: only percentiles, mean and max have one"},
      {"buy unattributed_effects == 0", "column 1: unattributed_effects belong to no step"},
      {"faulted dropped == 0", "column 1: dropped counts clean and faulted operations together"},
      {"lost_effects == 0 for 5s",
       "column 19: lost_effects is known at the end only and takes no \"for\""},
      {"p99 < 5ms 6ms",
       "column 11: \"6ms\" stands where only \"for\" or the end can be; a number and its unit are "
       "one word, as in 100ms"},
      {"p99 < 5ms for", "column 14: a number of whole seconds such as 5s is missing at the end"},
      {"p99 < 5ms for 500ms", "column 15: \"500ms\" is not a number of whole seconds such as 5s"},
      {"p99 < 5ms for 1.5s", "column 15: \"1.5s\" is not a number of whole seconds such as 5s"},
      {"p99 < 5ms for 0", "column 15: \"0\" is not a number of whole seconds such as 5s"},
      {"p99 < 5ms for 5s now", "column 18: \"now\" is more than an expression takes"},
  };
  for (const auto& [text, expected] : cases) {
    const auto result = parse_condition(text);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(to_string(result.error()), expected);
  }
}

TEST(ParseCondition, NamesWhatCouldStandThere) {
  const auto error = [](std::string_view text) { return to_string(parse_condition(text).error()); };
  EXPECT_THAT(
      error(""),
      HasSubstr(
          "column 1: a selector or a metric is missing at the end; write clean, faulted, warmup"));
  EXPECT_THAT(error("buy"),
              HasSubstr("column 1: \"buy\" is not a metric; write p99, mean, max, error_rate"));
  EXPECT_THAT(error("buy zzzzzzzz < 1"),
              HasSubstr("column 5: \"zzzzzzzz\" is not a selector or a metric; write clean"));
  EXPECT_THAT(error("lag < 1"), HasSubstr("column 5: \"<\" is not a metric; write p99, mean"));
  EXPECT_THAT(error("a.b.c p99 < 5ms"), HasSubstr("column 1: \"a.b.c\" is not a metric"));
  EXPECT_THAT(error("\x1b[31m p99 < 5ms"), HasSubstr("column 1: \"\\x1b[31m\" is not"));
}

TEST(Condition, HoldsAsItsComparisonSays) {
  struct Case {
    std::string_view comparison;
    bool below;
    bool equal;
    bool above;
  };
  for (const Case& one : {Case{"==", false, true, false}, Case{"!=", true, false, true},
                          Case{"<", true, false, false}, Case{"<=", true, true, false},
                          Case{">", false, false, true}, Case{">=", false, true, true}}) {
    const Condition condition = parsed("operations " + std::string(one.comparison) + " 10");
    EXPECT_EQ(condition.holds(9), one.below) << one.comparison;
    EXPECT_EQ(condition.holds(10), one.equal) << one.comparison;
    EXPECT_EQ(condition.holds(11), one.above) << one.comparison;
  }
}

TEST(ConditionWords, AreReserved) {
  for (const std::string_view word :
       {"clean", "faulted", "warmup", "measured", "all", "response", "lag", "queue", "service",
        "p99", "p99.9", "p0", "mean", "error_rate", "duplicate_effects"}) {
    EXPECT_TRUE(is_condition_word(word)) << word;
  }
  for (const std::string_view word : {"", "buy", "p", "pay", "p99x", "Clean"}) {
    EXPECT_FALSE(is_condition_word(word)) << word;
  }
}

TEST(ConditionGrammar, NamesEveryWordThatTheParserKnows) {
  for (const std::string_view word : {"\"clean\"",
                                      "\"faulted\"",
                                      "\"warmup\"",
                                      "\"measured\"",
                                      "\"all\"",
                                      "\"response\"",
                                      "\"lag\"",
                                      "\"queue\"",
                                      "\"service\"",
                                      "\"mean\"",
                                      "\"max\"",
                                      "\"error_rate\"",
                                      "\"rate\"",
                                      "\"operations\"",
                                      "\"attempt_error_rate\"",
                                      "\"attempts\"",
                                      "\"dropped\"",
                                      "\"duplicate_effects\"",
                                      "\"lost_effects\"",
                                      "\"phantom_effects\"",
                                      "\"unattributed_effects\"",
                                      "\"undecided_effects\"",
                                      "\"for\"",
                                      "\"status\"",
                                      "\"in\"",
                                      "\"json\"",
                                      "\"exists\"",
                                      "\"body\"",
                                      "\"contains\""}) {
    EXPECT_THAT(std::string(condition_grammar()), HasSubstr(std::string(word)));
  }
}

}  // namespace
}  // namespace squall::expr
