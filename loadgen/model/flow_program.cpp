#include "loadgen/model/flow_program.hpp"

namespace squall::model {

FlowProgram straight_program(const std::vector<std::uint16_t>& steps) {
  FlowProgram program;
  program.code.reserve(steps.size() + 1);
  for (const std::uint16_t step : steps) {
    program.code.push_back({.kind = FlowInstruction::Kind::kStep, .index = step});
  }
  program.code.push_back({});
  return program;
}

}  // namespace squall::model
