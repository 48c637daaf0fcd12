// A server that stands still for a second: what the users saw of it is not forgiven by the
// generator, and not charged to the server's service time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>

#include "loadgen/base/clock.hpp"
#include "loadgen/engine/closed_driver.hpp"
#include "loadgen/engine/worker.hpp"
#include "tests/loadgen/engine/plan_fixture.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/nginx.hpp"

namespace squall::engine::test {
namespace {

using squall::test::eventually;
using squall::test::Nginx;
using std::chrono::milliseconds;
using std::chrono::seconds;

class Kept final : public model::SliceSink {
 public:
  void take(std::unique_ptr<model::WorkerSlice> slice) override {
    const std::lock_guard lock(mutex_);
    slices_.push_back(std::move(slice));
  }
  // Whether that second after t = 0 is over.
  bool is_over(std::int64_t second) {
    const std::lock_guard lock(mutex_);
    return !slices_.empty() && slices_.back()->second >= second;
  }
  // REQUIRES: the worker has ended.
  [[nodiscard]] const std::vector<std::unique_ptr<model::WorkerSlice>>& all() const {
    return slices_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<model::WorkerSlice>> slices_;
};

TEST(CurlFreeze, ShowsInTheResponseAndNotInTheService) {
  Nginx nginx(Nginx::Speaks::kHttp1);
  model::Plan plan = squall::test::one_step_plan(nginx.port());
  plan.scenarios[0].arrivals = squall::test::arrivals("constant", "100/s");
  plan.load.duration = seconds(3);
  plan.load.drain = seconds(10);
  plan.steps[0].timeout = seconds(10);
  plan.targets[0].engine = model::EngineKind::kCurl;
  const WorkerControl control;
  Kept kept;
  IterationBudgets iterations(plan);
  Worker worker(plan, {.connections = 4, .max_waiting = 1000, .iterations = &iterations}, control,
                kept);
  worker.start(monotonic_now() + milliseconds(50));
  ASSERT_TRUE(eventually([&] { return kept.is_over(0); }));
  nginx.freeze();
  ASSERT_TRUE(eventually([&] { return kept.is_over(1); }));
  nginx.thaw();
  worker.join();

  stats::Histogram response{stats::kSpanLayout};
  stats::Histogram service{stats::kSpanLayout};
  std::uint64_t dropped = 0;
  for (const auto& slice : kept.all()) {
    dropped += slice->counters.dropped;
    for (const auto& [key, spans] : slice->attempts) {
      EXPECT_EQ(key.how, model::AttemptClass::kSuccess);
      response.merge(spans->response);
      service.merge(spans->service);
    }
  }
  EXPECT_EQ(response.count(), 300U);
  EXPECT_EQ(dropped, 0U);
  // A third of the arrivals came while it stood still, the last of them hardly waited.
  EXPECT_GT(response.value_at_percentile(90), 400'000);
  EXPECT_LT(service.value_at_percentile(50), 100'000);
  EXPECT_GT(service.max(), 900'000);  // of the four that were under way
}

}  // namespace
}  // namespace squall::engine::test
