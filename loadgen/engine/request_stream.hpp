// The bytes of a request of which a part is made while it is sent.
#pragma once

#include <cstddef>
#include <span>

#include "loadgen/engine/exchange.hpp"

namespace squall::engine {

// So much of such a request is in memory at a time.
inline constexpr std::size_t kStreamChunk = std::size_t{64} * 1024;

// Bytes [from, from + out.size()) of the exchange's request. REQUIRES: it has them.
void copy_request(const Exchange& exchange, std::size_t from, std::span<char> out);

}  // namespace squall::engine
