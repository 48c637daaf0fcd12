// A cut that could not be made as planned is told as such, also when the attempt then ends early.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/loadgen/engine/flow_rig.hpp"
#include "tests/loadgen/engine/native/raw_peer.hpp"
#include "tests/loadgen/engine/plan_fixture.hpp"

namespace squall::engine::test {
namespace {

using squall::test::one_step_plan;
using squall::test::run_flow;
using squall::test::text;
using std::chrono::milliseconds;

class CutAfterSend final : public model::ClientFault {
 public:
  Result<void> apply(model::WireScript& script, const model::FaultContext& /*context*/,
                     model::FaultDraw& /*draw*/) const override {
    script.cut = model::WireCut{.at = model::WirePoint::kAfterSend, .how = model::CutHow::kRst};
    return {};
  }
};

// One POST of 200 kB, which is more than the peer's buffer and less than the kernel's own, cut
// after it was sent.
model::Plan plan_with_cut(std::uint16_t port, Duration timeout) {
  static const model::ClientFaultKind kind = [] {
    model::ClientFaultKind made{};
    made.name = "cut";
    return made;
  }();
  model::Plan plan = one_step_plan(port);
  plan.steps[0].request.method = "POST";
  plan.steps[0].request.body = text(std::string(200'000, 'b'));
  plan.steps[0].timeout = timeout;
  model::PlannedFault fault;
  fault.name = "lost-ack";
  fault.kind = &kind;
  fault.selection.stream = StreamId(plan.seed, "", "lost-ack");
  fault.selection.steps = {0};
  fault.fault = std::make_shared<CutAfterSend>();
  plan.faults.push_back(std::move(fault));
  return plan;
}

TEST(NativeMissedCut, OfAPeerThatNeverTakesTheRequestDidNotFire) {
  const RawPeer peer;
  const auto slice = run_flow(plan_with_cut(peer.port(), milliseconds(1500)));
  ASSERT_EQ(slice->attempts.size(), 1U);
  EXPECT_EQ(slice->attempts.begin()->first.how, model::AttemptClass::kTimeout);
  EXPECT_EQ(slice->faults[0].planned, 1U);
  EXPECT_EQ(slice->faults[0].fired, 0U);
  EXPECT_EQ(slice->faults[0].preempted, 0U);
  ASSERT_EQ(slice->unfired.size(), 1U);
  EXPECT_THAT(slice->unfired[0].reason,
              ::testing::HasSubstr("no cut: the peer did not take the whole request"));
}

TEST(NativeMissedCut, IsPreemptedByATimeoutBeforeItWasGivenUp) {
  const RawPeer peer;
  const auto slice = run_flow(plan_with_cut(peer.port(), milliseconds(100)));
  EXPECT_EQ(slice->faults[0].preempted, 1U);
  EXPECT_TRUE(slice->unfired.empty());
}

}  // namespace
}  // namespace squall::engine::test
