#include "loadgen/net/alarm_queue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace squall::net {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;

TimePoint at(int ms) {
  return TimePoint(milliseconds(ms));
}

struct Sleeper final : AlarmEvents {
  Sleeper(AlarmQueue& queue, std::function<void()> then)
      : alarm(queue, *this), act(std::move(then)) {}
  void on_alarm() override { act(); }
  Alarm alarm;
  std::function<void()> act;
};

TEST(AlarmQueue, calls_in_the_order_of_time_and_once) {
  AlarmQueue queue;
  std::vector<int> woken;
  Sleeper late(queue, [&] { woken.push_back(3); });
  Sleeper early(queue, [&] { woken.push_back(1); });
  Sleeper middle(queue, [&] { woken.push_back(2); });
  late.alarm.set(at(30));
  early.alarm.set(at(10));
  middle.alarm.set(at(20));
  EXPECT_EQ(queue.next(), at(10));
  queue.fire(at(9));
  EXPECT_TRUE(woken.empty());
  queue.fire(at(20));
  EXPECT_THAT(woken, ElementsAre(1, 2));
  queue.fire(at(100));
  queue.fire(at(200));
  EXPECT_THAT(woken, ElementsAre(1, 2, 3));
  EXPECT_EQ(queue.next(), std::nullopt);
}

TEST(AlarmQueue, setting_replaces_and_cancelling_forgets) {
  AlarmQueue queue;
  int woken = 0;
  Sleeper one(queue, [&] { ++woken; });
  one.alarm.set(at(10));
  one.alarm.set(at(50));
  queue.fire(at(40));
  EXPECT_EQ(woken, 0);
  one.alarm.cancel();
  one.alarm.cancel();
  queue.fire(at(100));
  EXPECT_EQ(woken, 0);
}

TEST(AlarmQueue, tells_its_timer_only_of_what_is_earlier) {
  std::vector<TimePoint> armed;
  AlarmQueue queue([&](TimePoint t) { armed.push_back(t); });
  Sleeper a(queue, [] {});
  Sleeper b(queue, [] {});
  a.alarm.set(at(20));
  a.alarm.set(at(20));
  b.alarm.set(at(30));
  b.alarm.set(at(10));
  EXPECT_THAT(armed, ElementsAre(at(20), at(10)));
}

TEST(AlarmQueue, an_alarm_may_be_set_again_or_destroyed_when_it_fires) {
  AlarmQueue queue;
  std::vector<int> woken;
  std::unique_ptr<Sleeper> other;
  std::unique_ptr<Sleeper> self;
  Sleeper again(queue, [&] {
    woken.push_back(1);
    if (woken.size() < 3) {
      again.alarm.set(at(10 + static_cast<int>(woken.size())));
    }
  });
  self = std::make_unique<Sleeper>(queue, [&] {
    woken.push_back(2);
    other.reset();
    const std::unique_ptr<Sleeper> gone = std::move(self);
  });
  other = std::make_unique<Sleeper>(queue, [&] { woken.push_back(9); });
  again.alarm.set(at(10));
  self->alarm.set(at(11));
  other->alarm.set(at(12));
  queue.fire(at(12));
  EXPECT_THAT(woken, ElementsAre(1, 2, 1));
}

}  // namespace
}  // namespace squall::net
