// Holds on the curl engine.
#pragma once

#include "loadgen/engine/exchange.hpp"

namespace squall::engine {

// How long the script holds the exchange before libcurl is given it: the holds before connecting
// and before the first byte, which libcurl does not let come between. Zero when it does not.
[[nodiscard]] inline Duration hold_before_sending(const Exchange& exchange) {
  if (exchange.script == nullptr) {
    return {};
  }
  const auto& hold = exchange.script->hold;
  return hold[static_cast<std::size_t>(model::WirePoint::kConnect)] +
         hold[static_cast<std::size_t>(model::WirePoint::kSend)];
}

}  // namespace squall::engine
