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
#include <string>
#include <string_view>

#include "loadgen/base/time.hpp"
#include "loadgen/expr/distribution.hpp"

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
  kLate,      // as kDelayed, and the flow goes on once the copies so far have their answers
  kAfterResponse,  // copy n starts when copy n-1 has its answer (or its end)
};

enum class CopyConnection : std::uint8_t {
  kAny,    // any pooled connection
  kFresh,  // a new connection
  kSame,   // the connection that carried the first copy (only with kAfterResponse: HTTP/1.1 answers
           // in order)
};

// A value of a JSON body that is replaced, all other bytes left as they are.
struct BodyChange {
  std::string pointer;  // RFC 6901: "/amount"
  std::string json;     // the new value
};

struct WireCopies {
  unsigned count = 1;  // requests on the wire for the attempt, the first included
  CopySpacing spacing = CopySpacing::kTogether;
  Duration delay{};
  CopyConnection connection = CopyConnection::kAny;
  bool other_replica = false;          // copies after the first go to other replicas
  const BodyChange* change = nullptr;  // of copies after the first; lives as long as the plan
  bool operator==(const WireCopies&) const = default;
};

// The request leaves in pieces with pauses between them, from its first byte or that of its body
// on. At least one pause is waited: pieces are shorter when one would be the whole.
struct WireTrickle {
  std::uint64_t bytes = 0;  // of a piece
  bool body_only = false;   // the head leaves at once
  // Between two pieces, drawn anew for each; lives as long as the plan.
  const expr::Distribution* every = nullptr;
  std::uint64_t chance = 0;  // what the pauses are drawn from
  [[nodiscard]] bool operator==(const WireTrickle& other) const;

  // The pause before piece `piece` of copy `copy`; at least 1 ns. REQUIRES: `every` is set.
  [[nodiscard]] Duration pause(std::uint64_t piece, std::uint32_t copy) const;
};

// The answer is read at a pace, over a new connection whose kernel buffer is small, so that the
// peer feels it.
struct WireSlowRead {
  double bytes_per_s = 0;
  std::uint32_t window = 0;  // bytes of the kernel's receive buffer asked for
  bool operator==(const WireSlowRead&) const = default;
};

// What is wrong with a request on purpose.
enum class Malformation : std::uint8_t {
  kBadChunk,         // chunked instead of Content-Length, the second chunk's size is no number
  kBadRequestLine,   // "HTTP/x.y"
  kDuplicateHeader,  // one header twice
  kInvalidUtf8,      // bytes in the body that are no UTF-8; the length is right
  kOversizeHeader,   // one header more, a large one
  kTruncatedJson,    // half of the body; the length is right
  kWrongLength,      // Content-Length is not the body's length
};
[[nodiscard]] std::string_view to_string(Malformation value);  // as in plans: "bad_chunk"
// What is wrong stands in the body, not in the head.
[[nodiscard]] bool is_in_body(Malformation value);

struct WireMalformed {
  Malformation what = Malformation::kBadRequestLine;
  std::int64_t amount =
      0;  // kOversizeHeader: bytes of its value; kWrongLength: added to the length
  // kDuplicateHeader: which one, and the second one's value (null: the same again). They live as
  // long as the plan.
  const std::string* header = nullptr;
  const std::string* value = nullptr;
  bool all_copies = false;  // else the first only
  bool operator==(const WireMalformed&) const = default;

  [[nodiscard]] bool applies(unsigned copy) const { return all_copies || copy == 0; }
};

// The request is held until later ones of its step have left.
struct WireReorder {
  unsigned passed_by = 0;  // later requests
  Duration wait{};         // at most
  bool operator==(const WireReorder&) const = default;
};

// Everything that was decided for one attempt. Default: a plain request. Trivially copyable; no
// ownership.
struct WireScript {
  static constexpr std::size_t kMaxFaults = 8;

  std::array<Duration, kWirePointCount> hold{};  // by WirePoint; delays of several faults add up
  std::optional<WireCut> cut;
  unsigned cut_copy = 0;  // the copy that the cut applies to, from 0; see cuts()
  WireCopies copies;
  std::optional<WireTrickle> trickle;
  std::optional<WireSlowRead> slow_read;
  std::optional<WireMalformed> malformed;
  std::optional<WireReorder> reorder;
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
