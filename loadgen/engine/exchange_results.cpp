#include "loadgen/engine/exchange_results.hpp"

#include <algorithm>

namespace squall::engine {
namespace {

constexpr std::size_t kMaxRawAnswer = 1024UL * 1024;

}  // namespace

void clear_results(Exchange& exchange, TimePoint taken_up) {
  exchange.how = model::AttemptClass::kDropped;
  exchange.status = 0;
  exchange.taken_up = taken_up;
  exchange.first_byte_sent = {};
  exchange.request_sent = {};
  exchange.end = {};
  exchange.bytes_sent = 0;
  exchange.bytes_received = 0;
  exchange.phases = {};
  exchange.body.clear();
  exchange.body_bytes = 0;
  exchange.body_truncated = false;
  exchange.head.clear();
  exchange.detail.clear();
  exchange.hold_fired = false;
  exchange.trickle_fired = false;
  exchange.slow_read_fired = false;
  exchange.cut_fired = false;
  exchange.cut_missed = false;
  exchange.copy_fired = false;
  exchange.connection_id = 0;
  exchange.engine_state = nullptr;
  exchange.deadline = {};
}

void add_detail(Exchange& exchange, std::string_view text) {
  if (text.empty()) {
    return;
  }
  if (exchange.detail.empty()) {
    exchange.detail.assign(text);
    return;
  }
  exchange.detail.insert(0, "; ");
  exchange.detail.insert(0, text);
}

void keep_raw(std::string& raw, std::string_view bytes) {
  raw.append(bytes.substr(0, kMaxRawAnswer - std::min(raw.size(), kMaxRawAnswer)));
}

}  // namespace squall::engine
