#include "loadgen/model/flow_program.hpp"

#include "loadgen/base/hash.hpp"

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

Duration drawn_pause(const expr::Distribution& pause, StreamId stream, std::uint64_t arrival,
                     std::uint64_t place) {
  // A constant needs no draw; the others' two must not be those of a loop at the same place.
  return pause.kind == expr::DistributionKind::kConstant
             ? pause.center
             : pause.at(stream.unit_at(arrival, hash_combine(place, 1)),
                        stream.unit_at(arrival, hash_combine(place, 2)));
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
