// What the iterations of a scenario do, compiled: instructions that are walked one after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "loadgen/base/rng.hpp"
#include "loadgen/expr/distribution.hpp"
#include "loadgen/expr/flow_condition.hpp"

namespace squall::model {

// How deep groups may stand in one another.
inline constexpr std::size_t kMaxFlowDepth = 8;

// One instruction. After it the flow goes on at the next one unless it says otherwise.
struct FlowInstruction {
  enum class Kind : std::uint8_t {
    kStep,      // does step `index`
    kUnless,    // goes on at `target` when condition `index` does not hold
    kLoop,      // begins `low` to `high` passes; when there are none it goes on at `target`
    kWhile,     // ends the passes and goes on at `target` when condition `index` does not hold
    kAgain,     // begins the next pass at `target`, when one is left
    kPause,     // draws from `pauses` [`index`]: what comes next waits that long, on top of its own
    kParallel,  // does `low` children, `high` of them at once, and goes on at `target` after them
    kEnd,       // the end of a child, or of the flow
  };
  Kind kind = Kind::kEnd;
  std::uint16_t index = 0;  // kStep: into Plan::steps; kUnless, kWhile: into `conditions`; kPause:
                            // into `pauses`; kParallel: of its first child in `children`
  std::uint16_t target = 0;
  std::uint32_t low = 0;
  std::uint32_t high = 0;
};

// A value. Passes of kLoop nest at most kMaxFlowDepth deep.
//
//   step a                      0 step a
//   while "c" at_most 9:        1 loop 9..9 → 5    2 while c → 5
//     parallel: b, d            3 parallel 2 → 4   4 again → 2   5 end   6 step b  7 end  8 step d
//                               9 end
//   children {6, 8}
struct FlowProgram {
  std::vector<FlowInstruction> code;    // begins at 0
  std::vector<std::uint16_t> children;  // where each child of a parallel group begins
  std::vector<expr::FlowCondition> conditions;
  std::vector<expr::Distribution> pauses;

  // Whether the flow does one thing: then nothing depends on how its step went.
  [[nodiscard]] bool single_step() const { return code.size() <= 2; }
};

// How many passes a kLoop has for that arrival. `place` tells its beginnings within one iteration
// apart.
[[nodiscard]] std::uint32_t drawn_passes(const FlowInstruction& loop, StreamId stream,
                                         std::uint64_t arrival, std::uint64_t place);
// The stream that it draws from.
[[nodiscard]] StreamId pass_stream(std::uint64_t seed, std::string_view scenario);

// How long a kPause is for that arrival; `place` as above. Draws from the stream of the passes,
// too, beside them.
[[nodiscard]] Duration drawn_pause(const expr::Distribution& pause, StreamId stream,
                                   std::uint64_t arrival, std::uint64_t place);

// The steps one after the other.
[[nodiscard]] FlowProgram straight_program(const std::vector<std::uint16_t>& steps);

}  // namespace squall::model
