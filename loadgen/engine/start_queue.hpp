// Everything that one worker has to start: arrivals of the open scenarios and starts of the users
// of the closed ones, merged by time.
#pragma once

#include <vector>

#include "loadgen/engine/arrival_schedule.hpp"
#include "loadgen/engine/closed_driver.hpp"

namespace squall::engine {

// Borrows the plan and the budgets. One thread.
class StartQueue {
 public:
  StartQueue(const model::Plan& plan, unsigned worker, unsigned workers, IterationBudgets& budgets)
      : schedule_(plan, worker, workers), users_(plan, worker, workers, budgets) {}

  // The start that is due first; nullptr when there is none now. Valid until the next call of
  // anything.
  [[nodiscard]] const Arrival* peek() {
    const Arrival* arrival = schedule_.peek();
    const Arrival* user = users_.peek();
    from_users_ = user != nullptr && (arrival == nullptr || user->offset < arrival->offset);
    return from_users_ ? user : arrival;
  }
  // Takes what the last peek() gave. False when it is not to be started after all.
  [[nodiscard]] bool take() {
    if (from_users_) {
      return users_.take();
    }
    schedule_.pop();
    return true;
  }
  // Iterations of closed scenarios that are over.
  void absorb(const std::vector<EndedIteration>& ended, TimePoint zero) {
    for (const EndedIteration& one : ended) {
      users_.ended(one.scenario, one.index, one.end - zero);
    }
  }
  // How many starts are due before `offset` and not taken yet.
  [[nodiscard]] std::uint64_t overdue(Duration offset) {
    return schedule_.overdue(offset) + users_.overdue(offset);
  }

 private:
  ArrivalSchedule schedule_;
  ClosedDriver users_;
  bool from_users_ = false;
};

}  // namespace squall::engine
