#include "loadgen/run/timeline.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/check.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/base/units.hpp"

namespace squall::run {
namespace {

std::vector<model::TimelineSlot> slots_of(const TimelineActions& actions) {
  std::vector<model::TimelineSlot> slots;
  slots.reserve(actions.size());
  for (const auto& action : actions) {
    slots.push_back(action->slot());
  }
  return slots;
}

}  // namespace

std::vector<model::RecordedAction> planned_timeline(const std::vector<model::TimelineSlot>& slots,
                                                    const model::Load& load) {
  std::vector<model::RecordedAction> planned;
  planned.reserve(slots.size());
  for (const model::TimelineSlot& slot : slots) {
    model::RecordedAction action;
    action.name = slot.name;
    action.kind = slot.kind;
    action.description = slot.description;
    action.planned_at = slot.at.value_or(-load.warmup);
    action.planned_until = slot.until.value_or(load.duration + load.drain);
    planned.push_back(std::move(action));
  }
  return planned;
}

Timeline::Timeline(TimelineActions actions, const model::Load& load)
    : actions_(std::move(actions)), recorded_(planned_timeline(slots_of(actions_), load)) {
  for (std::size_t i = 0; i < actions_.size(); ++i) {
    const model::TimelineSlot& slot = actions_[i]->slot();
    // Before everything else, in the plan's order.
    schedule_.push_back({slot.at.value_or(Duration::min()), false, i});
    if (slot.until) {
      schedule_.push_back({*slot.until, true, i});
    }
  }
  // What ends at an instant ends before something else begins at it.
  std::stable_sort(schedule_.begin(), schedule_.end(), [](const Due& a, const Due& b) {
    return a.at != b.at ? a.at < b.at : a.is_undo && !b.is_undo;
  });
}

Timeline::~Timeline() {
  stop();
}

void Timeline::start(TimePoint zero) {
  SQUALL_CHECK(!thread_.joinable());
  zero_ = zero;
  if (!actions_.empty()) {
    thread_ = std::thread([this] { run(); });
  }
}

void Timeline::request_stop() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  changed_.notify_all();
  for (const auto& action : actions_) {
    action->hurry();
  }
}

void Timeline::stop() {
  request_stop();
  if (thread_.joinable()) {
    thread_.join();
  }
}

// Whether the instant has come, and not the end.
bool Timeline::wait_until(TimePoint instant) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, instant - monotonic_now(), [this] { return stopping_; });
}

void Timeline::run() {
  for (const Due& due : schedule_) {
    const bool at_once = due.at == Duration::min();
    if (!wait_until(at_once ? monotonic_now() : zero_ + due.at)) {
      break;
    }
    const Duration planned = at_once ? monotonic_now() - zero_ : due.at;
    const TimePoint since = monotonic_now();
    if (due.is_undo) {
      undo(due.action, planned);
    } else if (is_over_already(actions_[due.action]->slot())) {
      leave_out(due.action);
      continue;
    } else {
      begin(due.action, planned);
    }
    count_as_busy(due.action, planned, since);
  }
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_; });
  }
  undo_all();
}

void Timeline::count_as_busy(std::size_t action, Duration due, TimePoint since) {
  busy_until_ = std::max(busy_until_, due) + (monotonic_now() - since);
  busy_with_ = action;
}

// Whether what other actions took leaves it no time to be on.
bool Timeline::is_over_already(const model::TimelineSlot& slot) const {
  return !slot.ends_itself && slot.until && busy_until_ >= *slot.until;
}

// To begin it and undo it at once would look like something that had happened.
void Timeline::leave_out(std::size_t action) {
  const model::TimelineSlot& slot = actions_[action]->slot();
  const std::string why = fmt::format(
      "left out: {} was being done until {:+.1f}s, and this was to be over at {:+.1f}s",
      actions_[busy_with_]->slot().name, to_seconds(busy_until_), to_seconds(*slot.until));
  {
    const std::lock_guard lock(mutex_);
    recorded_[action].problem = why;
  }
  report(slot, monotonic_now() - zero_, fmt::format("{}: {}", slot.description, why));
}

void Timeline::begin(std::size_t action, Duration due) {
  const model::TimelineSlot& slot = actions_[action]->slot();
  const Duration late = monotonic_now() - zero_ - due;
  on_.push_back(action);
  const Result<void> started = actions_[action]->start();
  const Duration now = monotonic_now() - zero_;
  {
    const std::lock_guard lock(mutex_);
    model::RecordedAction& recorded = recorded_[action];
    recorded.started = true;
    recorded.at = now;
    recorded.late_at = late;
    if (!started) {
      recorded.problem = to_string(started.error());
    }
  }
  report(slot, now,
         started ? fmt::format("on: {}", slot.description)
                 : fmt::format("failed: {}: {}", slot.description, to_string(started.error())));
}

void Timeline::undo(std::size_t action, Duration due) {
  const auto found = std::find(on_.begin(), on_.end(), action);
  if (found == on_.end()) {
    return;
  }
  on_.erase(found);
  const model::TimelineSlot& slot = actions_[action]->slot();
  // What is over once it is done is due right after its beginning, and not late while it is done.
  const Duration late = monotonic_now() - zero_ - std::max(due, recorded_[action].at);
  const Result<void> undone = actions_[action]->undo();
  const Duration now = monotonic_now() - zero_;
  {
    const std::lock_guard lock(mutex_);
    model::RecordedAction& recorded = recorded_[action];
    recorded.undone = undone.has_value();
    recorded.until = now;
    recorded.late_until = late;
    if (!undone) {
      recorded.problem += (recorded.problem.empty() ? "" : "; ") + to_string(undone.error());
    }
  }
  report(slot, now,
         undone ? fmt::format("off: {}", slot.description)
                : fmt::format("could not be undone: {}: {}", slot.description,
                              to_string(undone.error())));
}

void Timeline::undo_all() {
  while (!on_.empty()) {
    undo(on_.back(), monotonic_now() - zero_);
  }
}

void Timeline::report(const model::TimelineSlot& slot, Duration at, std::string text) {
  const std::lock_guard lock(mutex_);
  events_.push_back({at, slot.kind, std::move(text)});
}

std::vector<model::RunEvent> Timeline::take_events() {
  const std::lock_guard lock(mutex_);
  return std::exchange(events_, {});
}

std::vector<model::RecordedAction> Timeline::record() const {
  const std::lock_guard lock(mutex_);
  return recorded_;
}

}  // namespace squall::run
