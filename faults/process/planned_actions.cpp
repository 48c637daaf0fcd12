#include "faults/process/planned_actions.hpp"

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include "loadgen/base/clock.hpp"
#include "loadgen/model/action_slot.hpp"

namespace squall::faults {
namespace {

using model::PlannedAction;
using model::ReplicaOrder;

// How often a pause looks whether the load is over.
constexpr Duration kPauseTick = std::chrono::milliseconds(25);

class TimedServiceAction final : public model::TimelineAction {
 public:
  TimedServiceAction(const PlannedAction& action, model::ServiceControl& services)
      : TimelineAction(model::timeline_slot(action)), action_(action), services_(services) {}

  Result<void> start() override {
    // Left with the guardian before anything is done: squall may be killed half-way.
    if (action_.undo) {
      const Result<std::uint64_t> left = services_.add_undo(*action_.undo);
      if (!left) {
        return fail(left.error());
      }
      undo_ = *left;
    }
    return action_.order == ReplicaOrder::kOneAtATime ? start_in_turn()
                                                      : start_one(action_.processes);
  }

  void hurry() override { hurried_ = true; }

  Result<void> undo() override {
    Result<void> done;
    while (!started_.empty()) {
      if (Result<void> undone = undo_last(); !undone) {
        done = std::move(undone);
      }
    }
    if (const auto handle = std::exchange(undo_, std::nullopt)) {
      if (Result<void> undone = services_.run_undo(*handle); !undone) {
        done = fail(with_context(undone.error(), "undo"));
      }
    }
    return done;
  }

 private:
  struct Started {
    std::unique_ptr<model::ServiceAction> what;
    std::vector<std::string> processes;
  };

  [[nodiscard]] model::ActionContext context(const std::vector<std::string>& processes) const {
    return {services_, action_.name, processes, action_.lasts.has_value()};
  }

  [[nodiscard]] bool pause(Duration time) {
    const TimePoint deadline = monotonic_now() + time;
    while (!hurried_) {
      const Duration left = deadline - monotonic_now();
      if (left <= Duration::zero()) {
        return true;
      }
      if (!services_.pause(std::min(left, kPauseTick))) {
        return false;
      }
    }
    return false;
  }

  Result<void> start_one(const std::vector<std::string>& processes) {
    started_.push_back({action_.recipe->occurrence(), processes});
    return started_.back().what->start(context(processes));
  }

  Result<void> undo_last() {
    const Started last = std::move(started_.back());
    started_.pop_back();
    return last.what->undo(context(last.processes));
  }

  // The first replica that fails is the last that is touched; so is the one whose turn it is when
  // the load is over.
  Result<void> start_in_turn() {
    bool first = true;
    for (const std::string& process : action_.processes) {
      if (!std::exchange(first, false) && !pause(action_.between)) {
        return {};
      }
      if (Result<void> done = start_one({process}); !done) {
        return done;
      }
      if (action_.lasts && !pause(*action_.lasts)) {
        return {};
      }
      if (Result<void> undone = undo_last(); !undone) {
        return undone;
      }
    }
    return {};
  }

  const PlannedAction& action_;
  model::ServiceControl& services_;
  std::optional<std::uint64_t> undo_;
  std::vector<Started> started_;
  std::atomic<bool> hurried_{false};
};

}  // namespace

std::vector<std::shared_ptr<model::TimelineAction>> make_timeline_actions(
    const std::vector<PlannedAction>& actions, model::ServiceControl& services) {
  std::vector<std::shared_ptr<model::TimelineAction>> made;
  made.reserve(actions.size());
  for (const PlannedAction& action : actions) {
    made.push_back(std::make_shared<TimedServiceAction>(action, services));
  }
  return made;
}

}  // namespace squall::faults
