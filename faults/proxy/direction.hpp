// The two directions of a link.
#pragma once

#include <cstdint>
#include <string_view>

namespace squall::faults {

enum class Direction : std::uint8_t {
  kUpstream,    // client to server
  kDownstream,  // server to client
};

constexpr Direction opposite(Direction direction) {
  return direction == Direction::kUpstream ? Direction::kDownstream : Direction::kUpstream;
}

constexpr std::string_view to_string(Direction direction) {
  return direction == Direction::kUpstream ? "upstream" : "downstream";
}

}  // namespace squall::faults
