#include "loadgen/engine/native_script.hpp"

#include <algorithm>

#include "loadgen/base/check.hpp"

namespace squall::engine {
namespace {

using model::WirePoint;

std::size_t position(const Exchange& exchange, WirePoint point) {
  const std::size_t size = exchange.request_bytes();
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

TricklePieces::TricklePieces(const Exchange& exchange, std::size_t limit) {
  if (exchange.script == nullptr || !exchange.script->trickle || limit < 2) {
    return;
  }
  const model::WireTrickle& trickle = *exchange.script->trickle;
  // A whole that fits into one piece is sent in two: a fault that was decided must happen. Not at
  // the last byte, which copies hold back to send it together, without a pause.
  const std::size_t last = std::max<std::size_t>(1, limit - 2);
  from_ = trickle.body_only ? std::min(exchange.head_bytes, last) : 0;
  const std::size_t longest = from_ > 0 ? limit - from_ : last;
  bytes_ = static_cast<std::size_t>(std::min<std::uint64_t>(trickle.bytes, longest));
}

std::size_t TricklePieces::end_of(std::size_t offered, std::size_t stop) const {
  if (bytes_ == 0) {
    return stop;
  }
  return std::min(stop, offered < from_ ? from_ : offered + bytes_);
}

ReadPace next_read(const model::WireSlowRead& pace, std::size_t bytes, TimePoint due,
                   TimePoint now) {
  // Often enough to be a pace, seldom enough to cost nothing.
  constexpr double kReadsPerSecond = 20;
  const auto piece = static_cast<std::size_t>(
      std::clamp(pace.bytes_per_s / kReadsPerSecond, 1.0, double{1UL << 20U}));
  const Duration wait = from_seconds(static_cast<double>(bytes) / pace.bytes_per_s);
  return {piece, std::max(due, now) + std::max(wait, Duration(1))};
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
  const auto cut =
      std::find_if(steps_.begin(), steps_.begin() + static_cast<std::ptrdiff_t>(size_),
                   [](const ScriptStep& step) { return step.kind == ScriptStep::Kind::kCut; });
  const bool ends_early = cut != steps_.begin() + static_cast<std::ptrdiff_t>(size_);
  pieces_ = TricklePieces(exchange, ends_early ? cut->at : exchange.request_bytes());
  if (cuts_at(exchange, WirePoint::kDuringResponse)) {
    response_cut_ = exchange.script->cut;
  }
}

}  // namespace squall::engine
