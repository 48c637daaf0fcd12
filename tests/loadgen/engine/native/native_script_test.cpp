#include "loadgen/engine/native_script.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/engine/native_timeouts.hpp"
#include "loadgen/engine/native_waiting.hpp"

namespace squall::engine {
namespace {

using model::CutHow;
using model::WireCut;
using model::WirePoint;
using model::WireScript;
using Kind = ScriptStep::Kind;
using std::chrono::milliseconds;

// "hold@0 deliver@9 cut@9": kinds and bytes.
std::string text_of(const Exchange& exchange) {
  constexpr std::array kNames = {"hold", "deliver", "barrier", "pause", "cut"};
  std::string text;
  const ScriptSteps script(exchange);
  for (const ScriptStep& step : script.steps()) {
    text += (text.empty() ? "" : " ");
    text += kNames.at(static_cast<std::size_t>(step.kind));
    text += "@" + std::to_string(step.at);
  }
  return text;
}

class ScriptStepsOf : public testing::Test {
 protected:
  ScriptStepsOf() {
    exchange_.request = "hhhhhhhhhhbbbbb";
    exchange_.head_bytes = 10;
    exchange_.script = &script_;
    exchange_.cut_applies = true;
  }
  void hold(WirePoint point) { script_.hold[static_cast<std::size_t>(point)] = milliseconds(1); }
  void cut(WirePoint point, std::uint64_t bytes = 0, Duration delay = {}) {
    script_.cut = WireCut{.at = point, .how = CutHow::kFin, .body_bytes = bytes, .delay = delay};
  }

  WireScript script_;
  Exchange exchange_;
};

TEST_F(ScriptStepsOf, EmptyScriptAndNone) {
  EXPECT_EQ(text_of(exchange_), "");
  exchange_.script = nullptr;
  EXPECT_EQ(text_of(exchange_), "");
  EXPECT_EQ(connect_hold(exchange_), Duration{});
}

// "0 6 12": where the pieces begin that a pause comes before; then where they end.
std::string pieces_of(const Exchange& exchange) {
  const ScriptSteps script(exchange);
  std::string text;
  std::size_t at = 0;
  while (at < exchange.request.size()) {
    text += script.pieces().pauses_at(at) ? "|" : "";
    const std::size_t end = script.pieces().end_of(at, exchange.request.size());
    text += exchange.request.substr(at, end - at);
    at = end;
  }
  return text;
}

TEST_F(ScriptStepsOf, APieceForEachPause) {
  EXPECT_EQ(pieces_of(exchange_), "hhhhhhhhhhbbbbb");
  script_.trickle = model::WireTrickle{.bytes = 4};
  EXPECT_EQ(pieces_of(exchange_), "hhhh|hhhh|hhbb|bbb");
  script_.trickle = model::WireTrickle{.bytes = 2, .body_only = true};
  EXPECT_EQ(pieces_of(exchange_), "hhhhhhhhhh|bb|bb|b");
  exchange_.head_bytes = exchange_.request.size();
  EXPECT_EQ(pieces_of(exchange_), "hhhhhhhhhhbbb|bb") << "no body: the last two bytes";
}

TEST_F(ScriptStepsOf, OnePauseAtLeastBeforeACutOrTheEnd) {
  script_.trickle = model::WireTrickle{.bytes = 1000};
  EXPECT_EQ(pieces_of(exchange_), "hhhhhhhhhhbbb|bb");
  cut(WirePoint::kHeaders);
  EXPECT_EQ(pieces_of(exchange_).substr(0, 11), "hhhhhhhh|hh");
  script_.trickle = model::WireTrickle{.bytes = 1000, .body_only = true};
  EXPECT_EQ(pieces_of(exchange_).substr(0, 11), "hhhhhhhh|hh");
}

TEST(NextRead, KeepsThePaceWhateverWasReadAtOnce) {
  using std::chrono::seconds;
  const model::WireSlowRead pace{1000, 4096};
  const TimePoint start(seconds(5));
  ReadPace next = next_read(pace, 1, {}, start);
  EXPECT_EQ(next.piece, 50u);
  EXPECT_EQ(next.due, start + milliseconds(1));
  // Read late, it is due as if it had not been; after a silence it does not catch up.
  next = next_read(pace, 50, next.due, start + milliseconds(1));
  EXPECT_EQ(next.due, start + milliseconds(51));
  next = next_read(pace, 50, next.due, start + seconds(2));
  EXPECT_EQ(next.due, start + seconds(2) + milliseconds(50));
  EXPECT_EQ(next_read({0.5, 4096}, 1, {}, start).piece, 1u);
  EXPECT_EQ(next_read({0.5, 4096}, 1, {}, start).due, start + seconds(2));
}

TEST_F(ScriptStepsOf, HoldsInTheOrderOfTime) {
  for (const WirePoint point : {WirePoint::kAfterSend, WirePoint::kBeforeLastByte,
                                WirePoint::kHeaders, WirePoint::kSend, WirePoint::kConnect}) {
    hold(point);
  }
  EXPECT_EQ(text_of(exchange_), "hold@0 hold@10 hold@14 hold@15");
  EXPECT_EQ(connect_hold(exchange_), milliseconds(1));
}

TEST_F(ScriptStepsOf, PointsWithoutAHoldIgnoreOne) {
  hold(WirePoint::kBody);
  hold(WirePoint::kDuringResponse);
  EXPECT_EQ(text_of(exchange_), "");
}

TEST_F(ScriptStepsOf, CutsAtTheirByte) {
  cut(WirePoint::kConnect);
  EXPECT_EQ(text_of(exchange_), "cut@0");
  cut(WirePoint::kHeaders);
  EXPECT_EQ(text_of(exchange_), "deliver@10 cut@10");
  cut(WirePoint::kBody, 3);
  EXPECT_EQ(text_of(exchange_), "deliver@13 cut@13");
  cut(WirePoint::kBody, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(text_of(exchange_), "deliver@15 cut@15");
  cut(WirePoint::kBeforeLastByte);
  EXPECT_EQ(text_of(exchange_), "deliver@14 cut@14");
  cut(WirePoint::kAfterSend, 0, milliseconds(2));
  EXPECT_EQ(text_of(exchange_), "deliver@15 pause@15 cut@15");
  exchange_.cut_applies = false;
  EXPECT_EQ(text_of(exchange_), "");
}

TEST_F(ScriptStepsOf, ResponseCutIsNoStep) {
  cut(WirePoint::kDuringResponse);
  EXPECT_EQ(text_of(exchange_), "");
  EXPECT_TRUE(ScriptSteps(exchange_).response_cut().has_value());
}

TEST_F(ScriptStepsOf, HoldThenCutThenBarrierAtOnePoint) {
  Barrier barrier;
  exchange_.barrier = &barrier;
  hold(WirePoint::kBeforeLastByte);
  cut(WirePoint::kBeforeLastByte);
  EXPECT_EQ(text_of(exchange_), "hold@14 deliver@14 cut@14 deliver@14 barrier@14");
  exchange_.script = nullptr;
  EXPECT_EQ(text_of(exchange_), "deliver@14 barrier@14");
}

TEST_F(ScriptStepsOf, EverythingAtOnceFits) {
  Barrier barrier;
  exchange_.barrier = &barrier;
  for (std::size_t i = 0; i < model::kWirePointCount; ++i) {
    hold(static_cast<WirePoint>(i));
  }
  cut(WirePoint::kAfterSend, 0, milliseconds(1));
  EXPECT_EQ(ScriptSteps(exchange_).steps().size(), 9U);
}

TEST_F(ScriptStepsOf, WithoutABodyTheHeaderEndsAfterTheLastByte) {
  exchange_.request = "hhhhhhhhhh";
  hold(WirePoint::kHeaders);
  hold(WirePoint::kBeforeLastByte);
  hold(WirePoint::kAfterSend);
  EXPECT_EQ(text_of(exchange_), "hold@9 hold@10 hold@10");
  EXPECT_EQ(ScriptSteps(exchange_).steps()[1].point, WirePoint::kHeaders);
}

class Timeouts : public testing::Test {
 protected:
  static constexpr TimePoint at(int ms) { return TimePoint(milliseconds(ms)); }
  std::vector<int> pop_all(TimePoint now) {
    std::vector<int> popped;
    while (const TimeoutLink* const link = lists_.pop_expired(now)) {
      popped.push_back(static_cast<int>(link - links_.data()));
    }
    return popped;
  }

  TimeoutLists lists_;
  std::array<TimeoutLink, 100> links_;
};

TEST_F(Timeouts, ExpireAtTheirDeadlineAndNotBefore) {
  lists_.add(links_[0], milliseconds(10), at(10));
  lists_.add(links_[1], milliseconds(10), at(12));
  lists_.add(links_[2], milliseconds(5), at(11));
  EXPECT_EQ(lists_.next_check(), at(10));
  EXPECT_THAT(pop_all(at(9)), testing::IsEmpty());
  EXPECT_THAT(pop_all(at(11)), testing::ElementsAre(0, 2));
  EXPECT_EQ(lists_.next_check(), at(12));
  EXPECT_THAT(pop_all(at(100)), testing::ElementsAre(1));
  EXPECT_EQ(lists_.next_check(), kNever);
}

TEST_F(Timeouts, RemovedOnesDoNotExpire) {
  lists_.add(links_[0], milliseconds(10), at(10));
  lists_.add(links_[1], milliseconds(10), at(20));
  TimeoutLists::remove(links_[0]);
  TimeoutLists::remove(links_[0]);  // harmless
  EXPECT_LE(lists_.next_check(), at(20));
  EXPECT_THAT(pop_all(at(15)), testing::IsEmpty());
  EXPECT_EQ(lists_.next_check(), at(20));  // an early check corrects itself
  EXPECT_THAT(pop_all(at(20)), testing::ElementsAre(1));
}

TEST_F(Timeouts, OutOfOrderAdditionsAreSortedIn) {
  for (const int i : {5, 1, 9, 3}) {
    lists_.add(links_.at(static_cast<std::size_t>(i)), milliseconds(10), at(i));
  }
  EXPECT_THAT(pop_all(at(100)), testing::ElementsAre(1, 3, 5, 9));
}

TEST_F(Timeouts, MoreValuesThanListsStillExpireInTime) {
  for (int i = 0; i < 100; ++i) {
    lists_.add(links_.at(static_cast<std::size_t>(i)), milliseconds(100 - i), at(100 - i));
  }
  EXPECT_EQ(pop_all(at(50)).size(), 50U);
  EXPECT_EQ(lists_.next_check(), at(51));
  EXPECT_EQ(pop_all(at(100)).size(), 50U);
}

TEST(WaitingQueueOf, FirstComeFirstServedAcrossGrowth) {
  WaitingQueue queue;
  std::array<Exchange, 500> exchanges;
  std::size_t next_in = 0;
  std::size_t next_out = 0;
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 25; ++i) {
      queue.push_back(exchanges.at(next_in++));
    }
    for (int i = 0; i < 10; ++i) {
      ASSERT_EQ(&queue.pop_front(), &exchanges.at(next_out++));
    }
    Exchange& again = queue.pop_front();
    queue.push_front(again);
  }
  EXPECT_EQ(queue.size(), 300U);
  while (!queue.empty()) {
    ASSERT_EQ(&queue.pop_front(), &exchanges.at(next_out++));
  }
  EXPECT_EQ(next_out, 500U);
}

}  // namespace
}  // namespace squall::engine
