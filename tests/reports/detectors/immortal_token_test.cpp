#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/model/detector.hpp"

namespace squall::reports {
namespace {

using model::Finding;
using model::RunRecord;
using model::SkewEdgeKind;
using model::SkewSweep;
using model::Verdict;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<Finding> detect(const SkewSweep& sweep) {
  model::DetectorRegistry registry;
  register_detectors(registry);
  RunRecord record;
  record.skew = sweep;
  return registry.find("immortal-token")->detect(record);
}

// Refuses exactly at the promise: five minutes old, nothing ahead.
SkewSweep exact_sweep() {
  SkewSweep sweep;
  sweep.step = "api.who";
  sweep.to = hours(24);
  sweep.resolution = seconds(1);
  sweep.declares_window = true;
  sweep.window = minutes(5);
  sweep.leeway = seconds(5);
  sweep.past = {SkewEdgeKind::kFound, minutes(5), minutes(5) + seconds(1)};
  sweep.future = {SkewEdgeKind::kFound, seconds(0), seconds(1)};
  sweep.clock_known = true;
  sweep.clock_least = -std::chrono::milliseconds(5);
  sweep.clock_most = std::chrono::milliseconds(5);
  sweep.clock_text = "the same (±0.01s)";
  sweep.requests = 120;
  sweep.points = {{seconds(-301), 0, 3}, {seconds(-300), 3, 0}, {seconds(0), 5, 0}};
  return sweep;
}

TEST(ImmortalToken, ARunWithoutSweepHasNothingToJudge) {
  EXPECT_THAT(detect({}), IsEmpty());
}

TEST(ImmortalToken, EdgesAtThePromisePass) {
  const Finding finding = detect(exact_sweep()).front();
  EXPECT_EQ(finding.verdict, Verdict::kPass);
  EXPECT_EQ(finding.id, "immortal-token:api.who");
  EXPECT_EQ(finding.summary, "accepted up to 5m old, refused from 5m1s");
  EXPECT_THAT(finding.evidence, Contains(HasSubstr("120 requests at 3 offsets")));
}

TEST(ImmortalToken, TheLeewayMayBeGivenAndNoMore) {
  SkewSweep sweep = exact_sweep();
  sweep.past = {SkewEdgeKind::kFound, minutes(5) + seconds(5), minutes(5) + seconds(6)};
  EXPECT_EQ(detect(sweep).front().verdict, Verdict::kPass);
  sweep.past = {SkewEdgeKind::kFound, minutes(5) + seconds(9), minutes(5) + seconds(10)};
  EXPECT_EQ(detect(sweep).front().verdict, Verdict::kFail);
}

TEST(ImmortalToken, NoEdgeAtAllFailsWhateverIsDeclared) {
  SkewSweep sweep = exact_sweep();
  sweep.past = {SkewEdgeKind::kNone, hours(24), {}};
  EXPECT_EQ(detect(sweep).front().summary,
            "5m with a leeway of 5s old is promised, but no edge: still accepted 1d old");
  sweep.declares_window = false;
  const Finding finding = detect(sweep).front();
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_EQ(finding.reproducer,
            "squall skew PLAN --step api.who --to 86400s --resolution 1s --leeway 5s");
  EXPECT_FALSE(finding.remedies.empty());
}

TEST(ImmortalToken, TheReproducerHoldsTheSamePromises) {
  model::DetectorRegistry registry;
  register_detectors(registry);
  RunRecord record;
  record.plan_file = "my plans/token.toml";
  record.skew = exact_sweep();
  record.skew.declares_ahead = true;
  record.skew.resolution = std::chrono::milliseconds(500);
  record.skew.past = {SkewEdgeKind::kNone, hours(24), {}};
  EXPECT_EQ(registry.find("immortal-token")->detect(record).front().reproducer,
            "squall skew 'my plans/token.toml' --step api.who --to 86400s --resolution 500000000ns "
            "--window 300s --ahead 0s --leeway 5s");
}

TEST(ImmortalToken, RefusedBeforeThePromiseEndsFails) {
  SkewSweep sweep = exact_sweep();
  sweep.past = {SkewEdgeKind::kFound, minutes(4), minutes(4) + seconds(1)};
  EXPECT_EQ(detect(sweep).front().verdict, Verdict::kFail);
}

TEST(ImmortalToken, TheTargetsClockIsTakenOff) {
  SkewSweep sweep = exact_sweep();
  // It is a minute ahead: what we send is a minute older there.
  sweep.clock_least = sweep.clock_most = minutes(1);
  sweep.past = {SkewEdgeKind::kFound, minutes(4), minutes(4) + seconds(1)};
  EXPECT_EQ(detect(sweep).front().verdict, Verdict::kPass);
  sweep.declares_ahead = true;
  sweep.future = {SkewEdgeKind::kFound, minutes(1), minutes(1) + seconds(1)};
  EXPECT_EQ(detect(sweep).front().verdict, Verdict::kPass);
  sweep.future = {SkewEdgeKind::kFound, minutes(2), minutes(2) + seconds(1)};
  EXPECT_EQ(detect(sweep).front().verdict, Verdict::kFail);
}

TEST(ImmortalToken, AnUnknownClockDecidesNothingThatWasPromised) {
  SkewSweep sweep = exact_sweep();
  sweep.clock_known = false;
  EXPECT_EQ(detect(sweep).front().verdict, Verdict::kInconclusive);
  sweep.declares_window = false;
  EXPECT_EQ(detect(sweep).front().verdict, Verdict::kPass);
}

TEST(ImmortalToken, FlappingFails) {
  SkewSweep sweep = exact_sweep();
  sweep.declares_window = false;
  sweep.future = {SkewEdgeKind::kFlapping, seconds(0), seconds(40)};
  const Finding finding = detect(sweep).front();
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_THAT(finding.summary, HasSubstr("now accepted, now refused"));
}

TEST(ImmortalToken, FreshRequestsThatAreSometimesRefusedFail) {
  SkewSweep sweep = exact_sweep();
  sweep.past = {.kind = SkewEdgeKind::kFlapping};
  sweep.future = sweep.past;
  sweep.points = {{seconds(0), 3, 2}};
  sweep.requests = 5;
  EXPECT_EQ(detect(sweep).front().summary, "of 5 requests with the true time 2 were refused");
}

TEST(ImmortalToken, ASweepThatCouldNotBeDoneIsInvalid) {
  SkewSweep sweep = exact_sweep();
  sweep.problem = "requests with the true time are refused: api.who 4xx, status 401";
  EXPECT_EQ(detect(sweep).front().verdict, Verdict::kInvalid);
}

TEST(ImmortalToken, AWideWindowThatNobodyDeclaredIsTold) {
  SkewSweep sweep = exact_sweep();
  sweep.declares_window = false;
  sweep.past = {SkewEdgeKind::kFound, hours(2), hours(2) + seconds(1)};
  const Finding finding = detect(sweep).front();
  EXPECT_EQ(finding.verdict, Verdict::kPass);
  EXPECT_THAT(finding.evidence, Contains(HasSubstr("more than the usual 5m")));
  EXPECT_THAT(finding.evidence, Contains("the two edges lie at different distances"));
}

}  // namespace
}  // namespace squall::reports
