// One iteration of a scenario's flow while it goes on, and the pool that such things live in.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "loadgen/base/time.hpp"
#include "loadgen/engine/exchange.hpp"
#include "loadgen/engine/fault_decider.hpp"
#include "loadgen/engine/request_builder.hpp"
#include "loadgen/model/outcome.hpp"
#include "loadgen/model/plan.hpp"

namespace squall::engine {

// An operation is one step of an iteration; an iteration does one after the other, so both share
// this. Owned by the pool; stays where it is while it is active. Worker thread only.
struct Flow {
  std::uint32_t slot = 0;
  bool active = false;

  // The iteration
  const model::Scenario* scenario = nullptr;
  std::uint64_t arrival = 0;
  model::Phase phase = model::Phase::kMeasured;
  std::size_t step_at = 0;  // position in Scenario::steps
  std::vector<std::string> extracted;

  // The operation
  const model::Step* step = nullptr;
  TimePoint intended;
  TimePoint ready;
  model::Exposure exposure = model::Exposure::kClean;
  model::OutcomeFold fold;
  TimePoint success_end;               // end of the first success; zero while there is none
  TimePoint last_end;                  // end of what ended last
  std::uint32_t attempts_started = 0;  // attempts and copies
  std::string effect_key;
  char key[model::kKeyLength] = {};

  // The attempt
  std::uint32_t attempt = 0;
  TimePoint attempt_intended;
  TimePoint attempt_ready;
  AttemptFaults faults;
  Barrier barrier;
  std::string buffer;
  RenderedRequest rendered;
  unsigned copies_open = 0;                                        // submitted and not back
  unsigned copies_pending = 0;                                     // still to be submitted
  model::AttemptClass last_class = model::AttemptClass::kDropped;  // of copy 0, when it is back
  std::vector<std::unique_ptr<Exchange>> copies;                   // [0] is the attempt itself

  [[nodiscard]] std::string_view key_view() const { return {key, model::kKeyLength}; }
};

// Grows as needed and reuses what is free, with its buffers. Addresses are stable.
class FlowPool {
 public:
  Flow& acquire() {
    if (free_.empty()) {
      flows_.push_back(std::make_unique<Flow>());
      flows_.back()->slot = static_cast<std::uint32_t>(flows_.size() - 1);
      flows_.back()->copies.push_back(std::make_unique<Exchange>());
      free_.push_back(flows_.back()->slot);
    }
    Flow& flow = *flows_[free_.back()];
    free_.pop_back();
    flow.active = true;
    return flow;
  }
  void release(Flow& flow) {
    flow.active = false;
    free_.push_back(flow.slot);
  }
  [[nodiscard]] Flow& at(std::uint32_t slot) { return *flows_[slot]; }
  [[nodiscard]] std::size_t active() const { return flows_.size() - free_.size(); }
  [[nodiscard]] std::size_t size() const { return flows_.size(); }

 private:
  std::vector<std::unique_ptr<Flow>> flows_;
  std::vector<std::uint32_t> free_;
};

}  // namespace squall::engine
