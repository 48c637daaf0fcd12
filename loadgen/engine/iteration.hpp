// One iteration of a scenario's flow while it goes on, its operations, and the pool that such
// things live in.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "loadgen/base/time.hpp"
#include "loadgen/engine/exchange.hpp"
#include "loadgen/engine/fault_decider.hpp"
#include "loadgen/engine/request_builder.hpp"
#include "loadgen/model/flow_program.hpp"
#include "loadgen/model/outcome.hpp"
#include "loadgen/model/plan.hpp"

namespace squall::engine {

// The virtual users of a closed scenario, as far as their iterations need to know: iteration i of
// user u has the index i * most + u.
struct UserPool {
  std::uint32_t most = 0;    // users; 0: the scenario is not closed
  std::uint16_t number = 0;  // the same for scenarios that share their users
};

// What the operations of one arrival share. Owned by a pool; stays where it is while it is active.
// Worker thread only.
struct Iteration {
  std::uint32_t slot = 0;
  bool active = false;

  const model::Scenario* scenario = nullptr;
  std::uint64_t arrival = 0;
  bool warms_up = false;               // it arrived before t = 0
  std::uint16_t caller = 0;            // whose turn it is, among Scenario::callers
  bool began = false;                  // an operation was begun
  TimePoint end;                       // of its operations so far
  bool stopped = false;                // a step failed: nothing new is begun
  bool ended = false;                  // its flow has, late copies are still to come
  std::uint32_t late = 0;              // operations that are open for late copies alone
  std::vector<std::string> extracted;  // by slot of Scenario::extracted
  std::vector<std::uint32_t> visits;   // operations begun, by Step::visit_slot

  UserPool users;  // whose turn it is, in a closed scenario

  // Whose cookies its requests carry: its own, or its virtual user's, who comes back. Arrivals
  // count from 0 in each scenario, users in each pool.
  [[nodiscard]] std::uint64_t user() const {
    constexpr unsigned kNumberBits = 48;
    const std::uint64_t number = users.most == 0 ? arrival : arrival % users.most;
    const std::uint16_t part = users.most == 0 ? scenario->index : users.number;
    return (std::uint64_t{part} << kNumberBits) ^ number;
  }
};

struct Operation;

// Where a sequence of steps has got to. A parallel group begins one for each child that is under
// way.
struct Walk {
  struct Loop {
    std::uint32_t pass = 0;
    std::uint32_t passes = 0;
  };
  std::uint16_t at = 0;  // the next instruction
  std::uint8_t depth = 0;
  std::array<Loop, model::kMaxFlowDepth> loops{};

  // What the next step's intended start counts from: where the last one would have ended after a
  // usual answer; and what its readiness counts from: where it did, and when that was seen.
  TimePoint usual_end;
  TimePoint end;
  TimePoint seen;

  Duration
      pause{};  // of groups that have been begun since: before the next step, on top of its own

  model::OperationOutcome last_outcome = model::OperationOutcome::kNotSent;
  int last_status = 0;
  bool has_last = false;

  // A parallel group that this sequence waits for.
  Operation* parent = nullptr;  // of a child: who waits for it
  std::uint16_t next_child = 0;
  std::uint16_t last_child = 0;  // one behind it
  std::uint16_t children_open = 0;
};

// What the `history` of a step came to for one operation.
struct HistoryTexts {
  std::string key;
  std::string value;
  std::string expected;
};

// The operations of one sequence of steps, one after the other. Owned by a pool; stays where it is
// while it is active. Worker thread only.
struct Operation {
  std::uint32_t slot = 0;
  bool active = false;

  Iteration* iteration = nullptr;
  Walk walk;

  // The operation
  const model::Step* step = nullptr;
  std::uint32_t visit = 0;
  TimePoint intended;
  TimePoint ready;
  model::Exposure exposure = model::Exposure::kClean;
  model::OutcomeFold fold;
  TimePoint success_end;  // end of the first success; zero while there is none
  TimePoint last_end;     // end of what ended last
  // Of the first success; while there is none, of what ended last.
  model::AttemptClass decided_by = model::AttemptClass::kDropped;
  int decided_status = 0;
  std::uint32_t attempts_started = 0;  // attempts and copies
  bool moved_on = false;  // its sequence goes on in another one: this is open for late copies alone
  std::string effect_key;
  HistoryTexts history;  // only of steps that have one
  char key[model::kKeyLength] = {};

  // The attempt
  std::uint32_t attempt = 0;
  TimePoint attempt_intended;
  TimePoint attempt_ready;
  AttemptFaults faults;
  std::uint32_t passed = 0;     // requests that went by while it was held back
  bool hold_cut_short = false;  // the load or the drain ended it
  Barrier barrier;
  std::string buffer;
  std::vector<expr::GeneratedRange> generated;
  RenderedRequest rendered;                                        // refers to both
  WallTime rendered_at{};                                          // its {{now}}
  unsigned copies_open = 0;                                        // submitted and not back
  unsigned copies_pending = 0;                                     // still to be submitted
  model::AttemptClass last_class = model::AttemptClass::kDropped;  // of copy 0, when it is back
  bool given_up = false;                          // something of it was, before it had ended
  std::vector<std::unique_ptr<Exchange>> copies;  // [0] is the attempt itself

  [[nodiscard]] std::string_view key_view() const { return {key, model::kKeyLength}; }
  [[nodiscard]] model::OperationIndex index() const { return {iteration->arrival, visit}; }
  // {{index}}
  [[nodiscard]] std::uint32_t pass() const {
    return walk.depth == 0 ? 0 : walk.loops[walk.depth - 1U].pass;
  }
};

// Grows as needed and reuses what is free, with its buffers. Addresses are stable.
template <class T>
class Pool {
 public:
  T& acquire() {
    if (free_.empty()) {
      all_.push_back(std::make_unique<T>());
      all_.back()->slot = static_cast<std::uint32_t>(all_.size() - 1);
      free_.push_back(all_.back()->slot);
    }
    T& taken = *all_[free_.back()];
    free_.pop_back();
    taken.active = true;
    return taken;
  }
  void release(T& given) {
    given.active = false;
    free_.push_back(given.slot);
  }
  [[nodiscard]] T& at(std::uint32_t slot) { return *all_[slot]; }
  [[nodiscard]] std::size_t active() const { return all_.size() - free_.size(); }
  [[nodiscard]] std::size_t size() const { return all_.size(); }

 private:
  std::vector<std::unique_ptr<T>> all_;
  std::vector<std::uint32_t> free_;
};

}  // namespace squall::engine
