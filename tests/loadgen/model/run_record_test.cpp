#include "loadgen/model/run_record.hpp"

#include <gtest/gtest.h>

namespace squall::model {
namespace {

TEST(Digest, IsThirtyTwoHexDigits) {
  EXPECT_EQ(digest_text({0, 0}), "00000000000000000000000000000000");
  EXPECT_EQ(digest_text({0x0123456789abcdef, 0xf}), "0123456789abcdef000000000000000f");
}

TEST(Counters, AddUp) {
  const Counters one{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21};
  Counters sum = one;
  sum.add(one);
  sum.add(Counters{});
  EXPECT_EQ(sum.due, 2U);
  EXPECT_EQ(sum.started, 4U);
  EXPECT_EQ(sum.dropped, 6U);
  EXPECT_EQ(sum.completed, 8U);
  EXPECT_EQ(sum.attempts, 10U);
  EXPECT_EQ(sum.retries, 12U);
  EXPECT_EQ(sum.retries_denied, 14U);
  EXPECT_EQ(sum.bytes_sent, 16U);
  EXPECT_EQ(sum.bytes_received, 18U);
  EXPECT_EQ(sum.connections_opened, 20U);
  EXPECT_EQ(sum.closed_before_send, 22U);
  EXPECT_EQ(sum.unsolicited_bytes, 24U);
  EXPECT_EQ(sum.decoded_bytes, 26U);
  EXPECT_EQ(sum.follow_ups, 28U);
  EXPECT_EQ(sum.resends, 30U);
  EXPECT_EQ(sum.resends_prevented, 32U);
  EXPECT_EQ(sum.loop_busy_ns, 34U);
  EXPECT_EQ(sum.loop_idle_ns, 36U);
  EXPECT_EQ(sum.loop_spin_ns, 38U);
  EXPECT_EQ(sum.out_of_descriptors, 40U);
  EXPECT_EQ(sum.out_of_ports, 42U);
}

TEST(Counters, AddUpWhatThisHostCouldNotOpen) {
  Counters sum;
  sum.out_of_descriptors = 1;
  sum.out_of_ports = 2;
  sum.add(sum);
  EXPECT_EQ(sum.out_of_descriptors, 2U);
  EXPECT_EQ(sum.out_of_ports, 4U);
}

TEST(FaultCounts, AddUp) {
  FaultCounts sum{1, 2, 3, 4};
  sum.add({10, 20, 30, 40});
  EXPECT_EQ(sum.eligible, 11U);
  EXPECT_EQ(sum.planned, 22U);
  EXPECT_EQ(sum.fired, 33U);
  EXPECT_EQ(sum.preempted, 44U);
}

TEST(Merge, AddsSlicesToTheTotalsOfTheirKeys) {
  const AttemptKey success{1, Phase::kMeasured, Exposure::kClean, AttemptClass::kSuccess};
  const AttemptKey timeout{1, Phase::kMeasured, Exposure::kFaulted, AttemptClass::kTimeout};
  const OperationKey acked{1, Phase::kMeasured, Exposure::kClean, OperationOutcome::kAcked};
  std::map<AttemptKey, AttemptSpans<stats::Histogram>> attempts;
  std::map<OperationKey, stats::Histogram> operations;
  for (int second = 0; second < 3; ++second) {
    WorkerSlice slice;
    auto spans = std::make_unique<AttemptSpans<stats::IntervalHistogram>>();
    spans->response.record(100);
    spans->queue.record(20);
    spans->service.record(80);
    spans->lag.record(4'000'000'000'000);
    slice.attempts[success] = std::move(spans);
    slice.attempts[timeout] = nullptr;
    slice.operations[acked] = std::make_unique<stats::IntervalHistogram>();
    slice.operations[acked]->record(100);
    merge_attempts(attempts, slice);
    merge_operations(operations, slice);
  }
  ASSERT_EQ(attempts.size(), 1U);
  EXPECT_EQ(attempts.at(success).response.count(), 3U);
  EXPECT_EQ(attempts.at(success).queue.max(), 20);
  EXPECT_EQ(attempts.at(success).service.count(), 3U);
  EXPECT_EQ(attempts.at(success).lag.overflow(), 3U);
  ASSERT_EQ(operations.size(), 1U);
  EXPECT_EQ(operations.at(acked).count(), 3U);
}

}  // namespace
}  // namespace squall::model
