#include "loadgen/engine/native_script.hpp"

#include <algorithm>

#include "loadgen/base/check.hpp"

namespace squall::engine {
namespace {

using model::WirePoint;

std::size_t position(const Exchange& exchange, WirePoint point) {
  const std::size_t size = exchange.request.size();
  const std::size_t head = std::min(exchange.head_bytes, size);
  switch (point) {
    case WirePoint::kConnect:
    case WirePoint::kSend:
      return 0;
    case WirePoint::kHeaders:
      return head;
    case WirePoint::kBody: {
      const std::uint64_t sent =
          exchange.script->cut ? exchange.script->cut->body_offset(size - head) : 0;
      return head + static_cast<std::size_t>(sent);
    }
    case WirePoint::kBeforeLastByte:
      return size == 0 ? 0 : size - 1;
    case WirePoint::kAfterSend:
    case WirePoint::kDuringResponse:
      return size;
  }
  return size;
}

}  // namespace

Duration connect_hold(const Exchange& exchange) {
  return exchange.script == nullptr
             ? Duration{}
             : exchange.script->hold[static_cast<std::size_t>(WirePoint::kConnect)];
}

bool cuts_at(const Exchange& exchange, WirePoint point) {
  return exchange.cut_applies && exchange.script != nullptr && exchange.script->cut &&
         exchange.script->cut->at == point;
}

void ScriptSteps::add(const ScriptStep& step) {
  SQUALL_CHECK(size_ < steps_.size());
  // Points are added in the order of time, which is the order of bytes except for a request without
  // a body.
  std::size_t place = size_++;
  for (; place > 0 && steps_[place - 1].at > step.at; --place) {
    steps_[place] = steps_[place - 1];
  }
  steps_[place] = step;
}

void ScriptSteps::add_point(const Exchange& exchange, WirePoint point, std::size_t at) {
  using Kind = ScriptStep::Kind;
  const bool holds = point == WirePoint::kSend || point == WirePoint::kHeaders ||
                     point == WirePoint::kBeforeLastByte || point == WirePoint::kAfterSend;
  const Duration hold = holds ? exchange.script->hold[static_cast<std::size_t>(point)] : Duration{};
  if (hold > Duration{}) {
    add({Kind::kHold, point, at, hold});
  }
  if (!cuts_at(exchange, point)) {
    return;
  }
  if (at > 0) {
    add({Kind::kDeliver, point, at, kDeliveryLimit});
  }
  if (exchange.script->cut->delay > Duration{}) {
    add({Kind::kPause, point, at, exchange.script->cut->delay});
  }
  add({Kind::kCut, point, at, {}});
}

ScriptSteps::ScriptSteps(const Exchange& exchange) {
  constexpr std::array kPoints = {WirePoint::kConnect,        WirePoint::kSend,
                                  WirePoint::kHeaders,        WirePoint::kBody,
                                  WirePoint::kBeforeLastByte, WirePoint::kAfterSend};
  for (const WirePoint point : kPoints) {
    if (exchange.script != nullptr) {
      add_point(exchange, point, position(exchange, point));
    }
    if (point == WirePoint::kBeforeLastByte && exchange.barrier != nullptr) {
      const std::size_t at = position(exchange, point);
      add({ScriptStep::Kind::kDeliver, point, at, kDeliveryLimit});
      add({ScriptStep::Kind::kBarrier, point, at, {}});
    }
  }
  if (cuts_at(exchange, WirePoint::kDuringResponse)) {
    response_cut_ = exchange.script->cut;
  }
}

}  // namespace squall::engine
