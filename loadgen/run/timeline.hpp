// Faults on and off, actions done and undone, at the instants that the plan says.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "loadgen/base/time.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/model/proxy_record.hpp"
#include "loadgen/model/run_record.hpp"
#include "loadgen/model/timeline_action.hpp"

namespace squall::run {

using TimelineActions = std::vector<std::shared_ptr<model::TimelineAction>>;

// The timeline as planned, nothing done yet: for the record and for people.
[[nodiscard]] std::vector<model::RecordedAction> planned_timeline(
    const std::vector<model::TimelineSlot>& slots, const model::Load& load);

// Owns a thread of its own, so that an action that takes time delays no traffic and no reading of
// measurements; and shares the actions, which nobody else calls meanwhile. Instants are absolute,
// counted from t = 0: lateness does not add up.
//
//   start() ── due ► action.start() … due ► action.undo() ──┐
//                                                            ├─► all that is on is undone, the
//   request_stop(), stop(), destructor ─────────────────────┘    youngest first; the thread ends
class Timeline {
 public:
  Timeline(TimelineActions actions, const model::Load& load);
  // As stop().
  ~Timeline();
  Timeline(const Timeline&) = delete;
  Timeline& operator=(const Timeline&) = delete;

  // `zero`: t = 0, monotonic. REQUIRES: called once.
  void start(TimePoint zero);
  // Nothing more is begun, and what is on is undone at once, without waiting for that. Any thread.
  void request_stop();
  // The same, and waits until all is undone. Idempotent; nothing happens before start().
  void stop();

  // What happened since the last call: "fault" and "action" events, in order. Any thread.
  [[nodiscard]] std::vector<model::RunEvent> take_events();
  // How it went so far, in the order of the actions. Any thread.
  [[nodiscard]] std::vector<model::RecordedAction> record() const;

 private:
  // One instant at which something is due.
  struct Due {
    Duration at{};  // after t = 0
    bool is_undo = false;
    std::size_t action = 0;
  };

  void run();
  [[nodiscard]] bool wait_until(TimePoint instant);
  void begin(std::size_t action, Duration due);
  [[nodiscard]] bool is_over_already(const model::TimelineSlot& slot) const;
  void leave_out(std::size_t action);
  void count_as_busy(std::size_t action, Duration due, TimePoint since);
  void undo(std::size_t action, Duration due);
  void undo_all();
  void report(const model::TimelineSlot& slot, Duration at, std::string text);

  const TimelineActions actions_;
  std::vector<Due> schedule_;  // in order
  TimePoint zero_{};
  // The timeline's thread only.
  std::vector<std::size_t> on_;            // begun and not undone, oldest first
  Duration busy_until_ = Duration::min();  // by what actions took, whatever the machine added
  std::size_t busy_with_ = 0;              // the last of them

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;                        // guarded by mutex_
  std::vector<model::RecordedAction> recorded_;  // guarded by mutex_
  std::vector<model::RunEvent> events_;          // guarded by mutex_
  std::thread thread_;
};

}  // namespace squall::run
