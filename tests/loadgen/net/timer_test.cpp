#include <gtest/gtest.h>
#include <uv.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "loadgen/base/clock.hpp"
#include "loadgen/net/loop.hpp"
#include "loadgen/net/notifier.hpp"
#include "loadgen/net/precise_timer.hpp"
#include "tests/support/run_loop.hpp"

namespace squall::net {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(PreciseTimer, never_early_and_within_a_millisecond_of_a_quiet_host) {
  Loop loop;
  Duration best = seconds(1);
  for (int i = 0; i < 20; ++i) {
    const TimePoint at = monotonic_now() + microseconds(1300 + 37 * i);
    TimePoint woken{};
    PreciseTimer timer(loop, [&] { woken = monotonic_now(); });
    timer.arm(at);
    ASSERT_TRUE(test::run_until(loop, [&] { return woken != TimePoint{}; }));
    ASSERT_GE(woken, at);
    best = std::min<Duration>(best, woken - at);
  }
  // uv_timer would be up to a millisecond off each time; a busy host only spoils some.
  EXPECT_LT(best, milliseconds(1));
}

TEST(PreciseTimer, wakes_once_per_arm) {
  Loop loop;
  int wakes = 0;
  PreciseTimer timer(loop, [&] { ++wakes; });
  timer.arm(monotonic_now() - seconds(1));
  ASSERT_TRUE(test::run_until(loop, [&] { return wakes == 1; }));
  for (int i = 0; i < 10; ++i) {
    loop.turn();
  }
  EXPECT_EQ(wakes, 1);
  // The same instant again is a new arm once it has woken.
  timer.arm(TimePoint{});
  ASSERT_TRUE(test::run_until(loop, [&] { return wakes == 2; }));
}

TEST(PreciseTimer, arming_replaces_and_disarming_cancels) {
  Loop loop;
  int wakes = 0;
  PreciseTimer timer(loop, [&] { ++wakes; });
  timer.arm(monotonic_now() - seconds(1));  // due already, not yet delivered
  timer.arm(monotonic_now() + seconds(1000));
  for (int i = 0; i < 10; ++i) {
    loop.turn();
  }
  EXPECT_EQ(wakes, 0);
  timer.arm(monotonic_now());
  timer.disarm();
  for (int i = 0; i < 10; ++i) {
    loop.turn();
  }
  EXPECT_EQ(wakes, 0);
  timer.arm(monotonic_now());
  EXPECT_TRUE(test::run_until(loop, [&] { return wakes == 1; }));
}

TEST(PreciseTimer, may_arm_itself_again) {
  Loop loop;
  int wakes = 0;
  PreciseTimer* self = nullptr;
  PreciseTimer timer(loop, [&] {
    if (++wakes < 50) {
      self->arm(monotonic_now() + microseconds(50));
    }
  });
  self = &timer;
  timer.arm(monotonic_now());
  EXPECT_TRUE(test::run_until(loop, [&] { return wakes == 50; }));
}

TEST(PreciseTimer, destroyed_while_it_is_due) {
  Loop loop;
  int wakes = 0;
  auto timer = std::make_unique<PreciseTimer>(loop, [&] { ++wakes; });
  timer->arm(monotonic_now() - seconds(1));
  // Another timer of the same turn destroys it before or after its own wake-up.
  PreciseTimer killer(loop, [&] { timer.reset(); });
  killer.arm(monotonic_now() - seconds(1));
  ASSERT_TRUE(test::run_until(loop, [&] { return timer == nullptr; }));
  const int at_death = wakes;
  for (int i = 0; i < 10; ++i) {
    loop.turn();
  }
  EXPECT_EQ(wakes, at_death);
}

TEST(PreciseTimer, destroyed_by_another_timer_of_the_same_turn_for_many_orders) {
  Loop loop;
  std::vector<std::unique_ptr<PreciseTimer>> timers(16);
  int wakes = 0;
  for (std::size_t i = 0; i < timers.size(); ++i) {
    timers[i] = std::make_unique<PreciseTimer>(loop, [&timers, &wakes, i] {
      ++wakes;
      for (std::size_t other = 0; other < timers.size(); ++other) {
        if (other != i) {
          timers[other].reset();
        }
      }
    });
    timers[i]->arm(monotonic_now());
  }
  ASSERT_TRUE(test::run_until(loop, [&] { return wakes > 0; }));
  for (int i = 0; i < 10; ++i) {
    loop.turn();
  }
  EXPECT_EQ(wakes, 1);
}

TEST(Notifier, wakes_from_other_threads_at_least_once_after_each) {
  Loop loop;
  std::atomic<int> wanted{0};
  int seen = 0;
  int calls = 0;
  Notifier notifier(loop, [&] {
    seen = wanted.load();
    ++calls;
  });
  constexpr int kThreads = 4;
  constexpr int kEach = 500;
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < kEach; ++n) {
        ++wanted;
        notifier.notify();
      }
    });
  }
  EXPECT_TRUE(test::run_until(loop, [&] { return seen == kThreads * kEach; }));
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_LE(calls, kThreads * kEach);
}

TEST(Notifier, destroyed_with_a_notification_under_way) {
  Loop loop;
  int calls = 0;
  {
    Notifier notifier(loop, [&] { ++calls; });
    notifier.notify();
  }
  for (int i = 0; i < 10; ++i) {
    loop.turn();
  }
  EXPECT_EQ(calls, 0);
}

TEST(Loop, counts_the_time_it_sleeps) {
  Loop loop;
  bool woken = false;
  PreciseTimer timer(loop, [&] { woken = true; });
  timer.arm(monotonic_now() + milliseconds(20));
  while (!woken) {
    loop.wait();
  }
  EXPECT_GT(loop.idle_ns(), 10'000'000U);
  EXPECT_LT(loop.idle_ns(), 10'000'000'000U);
}

TEST(Loop, stop_ends_run) {
  Loop loop;
  PreciseTimer timer(loop, [&] { loop.stop(); });
  timer.arm(monotonic_now());
  loop.run();  // hangs when it does not
  SUCCEED();
}

TEST(Loop, closes_handles_that_nobody_closed) {
  auto handle = std::make_unique<uv_timer_t>();
  {
    Loop loop;
    ASSERT_EQ(uv_timer_init(loop.raw(), handle.get()), 0);
  }
  EXPECT_NE(uv_is_closing(reinterpret_cast<uv_handle_t*>(handle.get())), 0);
}

}  // namespace
}  // namespace squall::net
