#include "loadgen/run/timeline.hpp"

#include <gtest/gtest.h>

#include <future>
#include <mutex>
#include <string>
#include <utility>

#include "loadgen/base/clock.hpp"
#include "tests/support/eventually.hpp"

namespace squall::run {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

// What was called, in order, with the instant.
class Diary {
 public:
  void note(std::string what) {
    const std::lock_guard lock(mutex_);
    entries_.push_back(std::move(what));
    instants_.push_back(monotonic_now());
  }
  [[nodiscard]] std::vector<std::string> entries() const {
    const std::lock_guard lock(mutex_);
    return entries_;
  }
  [[nodiscard]] TimePoint instant(std::size_t entry) const {
    const std::lock_guard lock(mutex_);
    return instants_.at(entry);
  }
  [[nodiscard]] bool reaches(std::size_t count) const {
    return test::eventually([&] { return entries().size() >= count; });
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> entries_;
  std::vector<TimePoint> instants_;
};

class Noted final : public model::TimelineAction {
 public:
  Noted(Diary& diary, model::TimelineSlot slot) : TimelineAction(std::move(slot)), diary_(diary) {}
  Result<void> start() override {
    diary_.note("start " + slot().name);
    return start_result;
  }
  Result<void> undo() override {
    diary_.note("undo " + slot().name);
    return undo_result;
  }

  Result<void> start_result = {};
  Result<void> undo_result = {};

 private:
  Diary& diary_;
};

// A start() with steps of its own to wait for.
class Lengthy final : public model::TimelineAction {
 public:
  using TimelineAction::TimelineAction;
  Result<void> start() override {
    begun.set_value();
    return hurried_.get_future().wait_for(seconds(30)) == std::future_status::ready
               ? Result<void>()
               : fail(ErrorCode::kUnavailable, "nobody told");
  }
  Result<void> undo() override { return {}; }
  void hurry() override {
    if (!std::exchange(told_, true)) {
      hurried_.set_value();
    }
  }

  std::promise<void> begun;

 private:
  std::promise<void> hurried_;
  bool told_ = false;
};

// Has something to do for 20ms.
class Busy final : public model::TimelineAction {
 public:
  using TimelineAction::TimelineAction;
  Result<void> start() override {
    const TimePoint begun = monotonic_now();
    while (monotonic_now() < begun + milliseconds(20)) {
    }
    return {};
  }
  Result<void> undo() override {
    undone.set_value();
    return {};
  }

  std::promise<void> undone;
};

class TimelineTest : public ::testing::Test {
 protected:
  TimelineTest() {
    load_.warmup = seconds(2);
    load_.duration = seconds(30);
    load_.drain = seconds(5);
  }
  Noted& add(const std::string& name, std::optional<Duration> at, std::optional<Duration> until) {
    auto action = std::make_shared<Noted>(
        diary_,
        model::TimelineSlot{
            .name = name, .kind = "fault", .description = name + ": x", .at = at, .until = until});
    actions_.push_back(action);
    return *action;
  }

  Diary diary_;
  TimelineActions actions_;
  model::Load load_;
};

TEST_F(TimelineTest, BeginsAndEndsAtTheInstantsAndInTheirOrder) {
  add("late", milliseconds(20), milliseconds(40));
  add("first", Duration::zero(), milliseconds(20));
  add("always", std::nullopt, std::nullopt);
  Timeline timeline(actions_, load_);
  const TimePoint zero = monotonic_now() + milliseconds(5);
  timeline.start(zero);
  ASSERT_TRUE(diary_.reaches(5));
  timeline.stop();
  const std::vector<std::string> expected = {"start always", "start first", "undo first",
                                             "start late",   "undo late",   "undo always"};
  EXPECT_EQ(diary_.entries(), expected) << "what ends at an instant ends before another begins";
  EXPECT_GE(diary_.instant(1), zero);
  EXPECT_GE(diary_.instant(2), zero + milliseconds(20));
  EXPECT_GE(diary_.instant(4), zero + milliseconds(40));

  const std::vector<model::RunEvent> events = timeline.take_events();
  ASSERT_EQ(events.size(), 6U);
  EXPECT_EQ(events[0].text, "on: always: x");
  EXPECT_EQ(events[5].text, "off: always: x");
  EXPECT_EQ(events[1].kind, "fault");
  EXPECT_TRUE(timeline.take_events().empty());

  const std::vector<model::RecordedAction> record = timeline.record();
  ASSERT_EQ(record.size(), 3U);
  EXPECT_EQ(record[0].name, "late");
  EXPECT_TRUE(record[0].started && record[0].undone);
  EXPECT_GE(record[0].at, milliseconds(20));
  EXPECT_GE(record[0].late_at, Duration::zero());
  EXPECT_EQ(record[2].planned_at, -seconds(2));
  EXPECT_EQ(record[2].planned_until, seconds(35));
}

TEST_F(TimelineTest, AnEarlyEndUndoesWhatIsOnTheYoungestFirstAndBeginsNothingMore) {
  add("a", Duration::zero(), hours(1));
  add("b", milliseconds(1), hours(1));
  add("never", hours(1), hours(2));
  Timeline timeline(actions_, load_);
  timeline.start(monotonic_now());
  ASSERT_TRUE(diary_.reaches(2));
  timeline.request_stop();
  timeline.stop();
  const std::vector<std::string> expected = {"start a", "start b", "undo b", "undo a"};
  EXPECT_EQ(diary_.entries(), expected);
  EXPECT_FALSE(timeline.record()[2].started);
}

TEST_F(TimelineTest, WhatCouldNotBeginIsUndoneTooAndAFailedUndoKeepsNoOther) {
  add("half", Duration::zero(), hours(1)).start_result =
      fail(ErrorCode::kUnavailable, "nobody there");
  add("stuck", milliseconds(1), hours(1)).undo_result = fail(ErrorCode::kIo, "disk full");
  Timeline timeline(actions_, load_);
  timeline.start(monotonic_now());
  ASSERT_TRUE(diary_.reaches(2));
  timeline.stop();
  const std::vector<std::string> expected = {"start half", "start stuck", "undo stuck",
                                             "undo half"};
  EXPECT_EQ(diary_.entries(), expected);
  const std::vector<model::RecordedAction> record = timeline.record();
  EXPECT_EQ(record[0].problem, "nobody there");
  EXPECT_TRUE(record[0].undone);
  EXPECT_EQ(record[1].problem, "disk full");
  EXPECT_FALSE(record[1].undone);
  const std::vector<model::RunEvent> events = timeline.take_events();
  EXPECT_EQ(events[0].text, "failed: half: x: nobody there");
  EXPECT_EQ(events[2].text, "could not be undone: stuck: x: disk full");
}

TEST_F(TimelineTest, OneThatTakesItsTimeHearsThatTheLoadIsOver) {
  const auto lengthy = std::make_shared<Lengthy>(model::TimelineSlot{
      .name = "turns", .kind = "action", .description = "x", .at = Duration::zero()});
  Timeline timeline({lengthy}, load_);
  timeline.start(monotonic_now());
  lengthy->begun.get_future().wait();
  timeline.stop();
  EXPECT_EQ(timeline.record()[0].problem, "");
  EXPECT_TRUE(timeline.record()[0].undone);
}

// A restart ends an instant after it began, by the plan, and takes as long as it takes.
TEST_F(TimelineTest, WhatTakesItsTimeIsNotLateForIt) {
  const auto restart = std::make_shared<Busy>(model::TimelineSlot{.name = "restart",
                                                                  .kind = "action",
                                                                  .description = "x",
                                                                  .at = Duration::zero(),
                                                                  .until = Duration(1)});
  Timeline timeline({restart}, load_);
  timeline.start(monotonic_now());
  restart->undone.get_future().wait();
  timeline.stop();
  const model::RecordedAction recorded = timeline.record()[0];
  EXPECT_GE(recorded.until - recorded.late_until, recorded.at) << "late from when it was done on";
}

TEST_F(TimelineTest, WhatAnotherHeldUpBeyondItsEndIsLeftOutAndSaysSo) {
  const auto exec = std::make_shared<Busy>(model::TimelineSlot{.name = "slow-hook",
                                                               .kind = "action",
                                                               .description = "x",
                                                               .at = Duration::zero(),
                                                               .until = Duration(1),
                                                               .ends_itself = true});
  actions_.push_back(exec);
  add("pause", milliseconds(1), milliseconds(10));
  const auto restart =
      std::make_shared<Noted>(diary_, model::TimelineSlot{.name = "restart",
                                                          .kind = "action",
                                                          .description = "x",
                                                          .at = milliseconds(2),
                                                          .until = milliseconds(10),
                                                          .ends_itself = true});
  actions_.push_back(restart);
  Timeline timeline(actions_, load_);
  timeline.start(monotonic_now());
  ASSERT_TRUE(diary_.reaches(2));
  timeline.stop();
  const std::vector<std::string> expected = {"start restart", "undo restart"};
  EXPECT_EQ(diary_.entries(), expected) << "what ends by itself is done, however late";
  const model::RecordedAction pause = timeline.record()[1];
  EXPECT_FALSE(pause.started || pause.undone);
  EXPECT_EQ(pause.problem.rfind("left out: slow-hook was being done until ", 0), 0U)
      << pause.problem;
}

TEST_F(TimelineTest, OneThatWasNeverStartedDoesNothing) {
  add("a", Duration::zero(), std::nullopt);
  { Timeline timeline(actions_, load_); }
  EXPECT_TRUE(diary_.entries().empty());
}

}  // namespace
}  // namespace squall::run
