// The seam of the timeline: something that is done to the world at an instant of a run, and undone.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"

namespace squall::model {

// When an action happens and what it is called. A value.
struct TimelineSlot {
  std::string name;         // of the plan's [[fault]] or [[action]]
  std::string kind;         // "fault" or "action": the kind of its events
  std::string description;  // "slow-psp: latency on proxy psp": for events and reports
  // After t = 0; absent: as soon as the load's threads start, warm-up included.
  std::optional<Duration> at = {};
  // After t = 0; absent: when the load is over, drain included.
  std::optional<Duration> until = {};
  // What is so while it is on, and by itself no reason to worry: "psp is down". Empty: nothing that
  // could be seen from outside.
  std::string expected_state = {};
  // start() is all of it, however late it comes; else it is on until it is undone, and is left out
  // when its end comes before its turn.
  bool ends_itself = false;
};

// Made before a run for each fault of a proxy and each [[action]]. All calls but hurry() come from
// one thread, the timeline's, one at a time; they may block, but not for traffic. start() is called
// at most once, undo() exactly once after each start(), also after one that failed and when the run
// was aborted, stopped or refused meanwhile.
class TimelineAction {
 public:
  explicit TimelineAction(TimelineSlot slot) : slot_(std::move(slot)) {}
  virtual ~TimelineAction() = default;
  TimelineAction(const TimelineAction&) = delete;
  TimelineAction& operator=(const TimelineAction&) = delete;

  [[nodiscard]] const TimelineSlot& slot() const { return slot_; }

  // Fails when it could not be done, wholly or in part; the run is invalid then.
  [[nodiscard]] virtual Result<void> start() = 0;
  // Puts everything back as it was; nothing to put back is no failure. One that fails is told and
  // does not keep the others from being undone.
  [[nodiscard]] virtual Result<void> undo() = 0;
  // The load is over or was cut short: a start() that waits for its own later steps leaves them out
  // and returns. Any thread, at any time; returns at once.
  virtual void hurry() {}

 private:
  TimelineSlot slot_;
};

}  // namespace squall::model
