// What the client faults of one attempt amount to on the wire: a value that an engine executes.
//
//   time ─► [hold before connect] connect [hold before send] headers [hold] body … [hold] last byte
//   … [hold] read answer
//                                        │                            │                       │
//   cut points:   connect            headers          body (byte n)   before_last_byte   after_send
//   during_response
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "loadgen/base/time.hpp"

namespace squall::model {

// Where a hold or a cut happens, in the order of time.
enum class WirePoint : std::uint8_t {
  kConnect,  // hold: before connecting; cut: right after the connection is there, nothing sent
  kSend,     // hold only: connected, before the first byte
  kHeaders,  // after the last byte of the header, before the first of the body
  kBody,     // after `body_bytes` bytes of the body (cut only)
  kBeforeLastByte,  // all but the last byte of the request are sent
  kAfterSend,  // cut: the kernel has delivered every byte (SIOCOUTQ = 0); hold: before the answer
               // is read
  kDuringResponse,  // cut only: the first bytes of the answer have been read
};
inline constexpr std::size_t kWirePointCount = 7;
[[nodiscard]] std::string_view to_string(
    WirePoint value);  // names as in plans: "connect", "send", "headers", "body", …

enum class CutHow : std::uint8_t { kFin, kRst };

struct WireCut {
  WirePoint at = WirePoint::kAfterSend;
  CutHow how = CutHow::kRst;
  std::uint64_t body_bytes = 0;  // for kBody: bytes of the body that are sent …
  double body_fraction = -1;     // … unless this is 0 to 1: that share of the body, rounded down
  Duration delay{};              // waited at the point before the cut
  bool operator==(const WireCut&) const = default;

  // For kBody: bytes of a body of `length` bytes that are sent before the cut; never more than
  // there are.
  [[nodiscard]] std::uint64_t body_offset(std::uint64_t length) const {
    const double share = std::min(body_fraction, 1.0) * static_cast<double>(length);
    return std::min(body_fraction < 0 ? body_bytes : static_cast<std::uint64_t>(share), length);
  }
};

enum class CopySpacing : std::uint8_t {
  kTogether,  // all copies wait before their last byte on warm connections and are released in one
              // loop turn
  kDelayed,   // copy n starts n * `delay` after the first started
  kAfterResponse,  // copy n starts when copy n-1 has its answer (or its end)
};

enum class CopyConnection : std::uint8_t {
  kAny,    // any pooled connection
  kFresh,  // a new connection
  kSame,   // the connection that carried the first copy (only with kAfterResponse: HTTP/1.1 answers
           // in order)
};

struct WireCopies {
  unsigned count = 1;  // requests on the wire for the attempt, the first included
  CopySpacing spacing = CopySpacing::kTogether;
  Duration delay{};
  CopyConnection connection = CopyConnection::kAny;
  bool operator==(const WireCopies&) const = default;
};

// Everything that was decided for one attempt. Default: a plain request. Trivially copyable; no
// ownership.
struct WireScript {
  static constexpr std::size_t kMaxFaults = 8;

  std::array<Duration, kWirePointCount> hold{};  // by WirePoint; delays of several faults add up
  std::optional<WireCut> cut;
  unsigned cut_copy = 0;  // the copy that the cut applies to, from 0; see cuts()
  WireCopies copies;
  // Clock skew: {{now}} and Date of this request are (the instant of rendering, or t = 0 when
  // frozen) + wall_offset.
  Duration wall_offset{};
  bool wall_frozen = false;
  std::array<std::uint16_t, kMaxFaults>
      faults{};  // indices into Plan::faults of those that decided, in plan order
  std::uint8_t fault_count = 0;

  bool operator==(const WireScript&) const = default;
  [[nodiscard]] bool plain() const { return fault_count == 0; }
  // Whether the cut is for copy `copy` (from 0): the named one, or the last when there are not so
  // many.
  [[nodiscard]] bool cuts(unsigned copy) const {
    return cut.has_value() && copy == std::min(cut_copy, copies.count - 1);
  }
};

}  // namespace squall::model
