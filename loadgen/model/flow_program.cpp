#include "loadgen/model/flow_program.hpp"

namespace squall::model {

std::uint32_t drawn_passes(const FlowInstruction& loop, StreamId stream, std::uint64_t arrival,
                           std::uint64_t place) {
  if (loop.high <= loop.low) {
    return loop.low;
  }
  const double span = loop.high - loop.low + 1.0;
  return loop.low + static_cast<std::uint32_t>(stream.unit_at(arrival, place) * span);
}

StreamId pass_stream(std::uint64_t seed, std::string_view scenario) {
  return {seed, scenario, "passes"};
}

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
