#include "loadgen/model/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "loadgen/base/text.hpp"

namespace squall::model {
namespace {

Plan plan_with_steps() {
  Plan plan;
  plan.seed = 7;
  plan.run_id = "run1";
  for (const char* name : {"charge", "read"}) {
    Step step;
    step.name = name;
    step.full_name = std::string("buy.") + name;
    step.index = static_cast<std::uint16_t>(plan.steps.size());
    plan.steps.push_back(step);
  }
  return plan;
}

TEST(Plan, FindsStepsByFullName) {
  const Plan plan = plan_with_steps();
  ASSERT_NE(plan.find_step("buy.read"), nullptr);
  EXPECT_EQ(plan.find_step("buy.read")->index, 1);
  EXPECT_EQ(plan.find_step("read"), nullptr);
}

TEST(Plan, CountsEffectsWhenAStepAsksForThem) {
  Plan plan = plan_with_steps();
  EXPECT_FALSE(plan.counts_effects());
  plan.steps[1].is_effect = true;
  EXPECT_TRUE(plan.counts_effects());
}

TEST(Key, IsAVersion8Uuid) {
  const Plan plan = plan_with_steps();
  const auto is_uuid =
      testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  for (std::uint64_t arrival = 0; arrival < 100; ++arrival) {
    EXPECT_THAT(make_key(plan, plan.steps[0], arrival), is_uuid);
  }
}

TEST(Key, RepeatsForTheSameSeedRunStepAndArrivalOnly) {
  const Plan plan = plan_with_steps();
  const std::string key = make_key(plan, plan.steps[0], 5);
  EXPECT_EQ(make_key(plan, plan.steps[0], 5), key);
  EXPECT_NE(make_key(plan, plan.steps[0], 6), key);
  EXPECT_NE(make_key(plan, plan.steps[1], 5), key);
  Plan other_run = plan;
  other_run.run_id = "run2";
  EXPECT_NE(make_key(other_run, plan.steps[0], 5), key);
  Plan other_seed = plan;
  other_seed.seed = 8;
  EXPECT_NE(make_key(other_seed, plan.steps[0], 5), key);
}

TEST(Key, ALaterVisitHasItsOwnAndTheFirstKeepsItsKey) {
  const Plan plan = plan_with_steps();
  EXPECT_EQ(make_key(plan, plan.steps[0], {5, 0}), make_key(plan, plan.steps[0], 5));
  std::set<std::string> keys;
  for (std::uint64_t arrival = 0; arrival < 100; ++arrival) {
    for (std::uint32_t visit = 0; visit < 100; ++visit) {
      keys.insert(make_key(plan, plan.steps[0], {arrival, visit}));
    }
  }
  EXPECT_EQ(keys.size(), 10'000U);
}

TEST(Key, DoesNotDependOnWhereTheStepStands) {
  const Plan plan = plan_with_steps();
  Step moved = plan.steps[0];
  moved.index = 9;
  moved.scenario = 3;
  EXPECT_EQ(make_key(plan, moved, 5), make_key(plan, plan.steps[0], 5));
}

TEST(Key, IsUniqueAcrossStepsAndArrivals) {
  const Plan plan = plan_with_steps();
  std::set<std::string> keys;
  constexpr std::uint64_t kArrivals = 20'000;
  for (std::uint64_t arrival = 0; arrival < kArrivals; ++arrival) {
    keys.insert(make_key(plan, plan.steps[0], arrival));
    keys.insert(make_key(plan, plan.steps[1], arrival));
  }
  EXPECT_EQ(keys.size(), 2 * kArrivals);
}

TEST(Redact, ReplacesEachSecretEverywhere) {
  EXPECT_EQ(redact("Bearer abc, abc!", {"abc"}), "Bearer ***, ***!");
  EXPECT_EQ(redact("nothing here", {"abc"}), "nothing here");
  EXPECT_EQ(redact("text", {}), "text");
  EXPECT_EQ(redact("", {"abc"}), "");
}

TEST(Redact, TakesTheLongestSecretFirst) {
  EXPECT_EQ(redact("token-2024", {"token", "token-2024"}), "***");
}

TEST(Redact, IgnoresAnEmptySecret) {
  EXPECT_EQ(redact("text", {""}), "text");
}

TEST(Redact, KnowsSecretsInsideJsonStrings) {
  EXPECT_EQ(redact(R"({"p":"a\"b\\c\nd"})", {"a\"b\\c\nd"}), R"({"p":"***"})");
}

TEST(Redact, KnowsWhatACutLeftOfASecret) {
  const std::set<std::string> secrets{"s3cr3t-token"};
  EXPECT_EQ(redact("it was s3cr3…", secrets), "it was ***…");
  EXPECT_EQ(redact(printable("0123456789 s3cr3t-token", 17), secrets), "0123456789 ***…");
  EXPECT_EQ(redact("it was s3c…", secrets), "it was s3c…") << "too little to tell anything";
  EXPECT_EQ(redact("s3cr3", secrets), "s3cr3") << "not cut: another word";
}

TEST(Redact, KnowsSecretsMadePrintable) {
  EXPECT_EQ(redact(printable("key: a\nb"), {"a\nb"}), "key: ***");
}

TEST(SafeToShow, RedactsBeforeItShortens) {
  const std::set<std::string> secrets{"s3cr3t-token"};
  EXPECT_EQ(safe_to_show("s3cr3t-token and more", secrets, 12), "*** and more");
  EXPECT_EQ(safe_to_show("0123456789 s3cr3t-token", secrets, 12), "0123456789 *…");
  EXPECT_EQ(safe_to_show("plain\x1b", {}, 200), "plain\\x1b");
  // Far larger than what is shown, a secret where the beginning of it ends.
  std::string body(4 * 20 + 6, '.');
  body += "s3cr3t-token" + std::string(100'000, '.');
  EXPECT_EQ(safe_to_show(body, secrets, 20).find("s3cr"), std::string::npos);
}

TEST(WirePoint, HasTheNamesOfPlans) {
  EXPECT_EQ(to_string(WirePoint::kConnect), "connect");
  EXPECT_EQ(to_string(WirePoint::kSend), "send");
  EXPECT_EQ(to_string(WirePoint::kHeaders), "headers");
  EXPECT_EQ(to_string(WirePoint::kBody), "body");
  EXPECT_EQ(to_string(WirePoint::kBeforeLastByte), "before_last_byte");
  EXPECT_EQ(to_string(WirePoint::kAfterSend), "after_send");
  EXPECT_EQ(to_string(WirePoint::kDuringResponse), "during_response");
}

}  // namespace
}  // namespace squall::model
