// What a wire script means for one request: where the sender stops and what it does there.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "loadgen/base/time.hpp"
#include "loadgen/engine/exchange.hpp"

namespace squall::engine {

// One stop of the sender. A value.
struct ScriptStep {
  enum class Kind : std::uint8_t {
    kHold,     // waits `wait`, as the plan asked for
    kDeliver,  // waits until the peer's kernel has everything that was sent (before a barrier:
               // until it has left), `wait` at most
    kBarrier,  // waits for the other copies
    kPause,    // waits `wait` before a cut; what the peer says meanwhile is thrown away
    kCut,      // ends the connection
  };
  Kind kind = Kind::kHold;
  model::WirePoint point = model::WirePoint::kSend;
  std::size_t at = 0;  // bytes of the request that are sent before this step
  Duration wait{};
};

// How the sender's way to a stop is divided into pieces. A value; a default one is not divided.
class TricklePieces {
 public:
  TricklePieces() = default;
  // `limit`: bytes of the request that are sent in any case, before a cut or all.
  TricklePieces(const Exchange& exchange, std::size_t limit);

  // Where the piece ends that begins at `offered`; at most `stop`.
  [[nodiscard]] std::size_t end_of(std::size_t offered, std::size_t stop) const;
  // A pause comes before the piece that begins at `offered`.
  [[nodiscard]] bool pauses_at(std::size_t offered) const {
    return bytes_ > 0 && offered > 0 && offered >= from_;
  }

 private:
  std::size_t bytes_ = 0;  // of a piece; 0: no trickle
  std::size_t from_ = 0;   // what is before it leaves at once
};

// The steps of one exchange in the order in which they are done: by byte, then by wire point; at
// one point a hold comes first, then the cut, then the barrier. Not in it: a hold at kConnect,
// which happens before there is a connection, and a cut at kDuringResponse, which the answer
// triggers. A value without allocations.
class ScriptSteps {
 public:
  ScriptSteps() = default;
  // Reads script, cut_applies, barrier, head_bytes and the length of the request. The cut at a byte
  // of the body is limited to the request's length. For a request without a body kHeaders and kBody
  // mean the end of the request.
  explicit ScriptSteps(const Exchange& exchange);

  [[nodiscard]] std::span<const ScriptStep> steps() const { return {steps_.data(), size_}; }
  [[nodiscard]] const TricklePieces& pieces() const { return pieces_; }
  [[nodiscard]] const std::optional<model::WireCut>& response_cut() const { return response_cut_; }

 private:
  // Four holds, a barrier (deliver, barrier), a cut (deliver, pause, cut).
  static constexpr std::size_t kMaxSteps = 9;

  void add(const ScriptStep& step);
  void add_point(const Exchange& exchange, model::WirePoint point, std::size_t at);

  std::array<ScriptStep, kMaxSteps> steps_{};
  std::size_t size_ = 0;
  TricklePieces pieces_;
  std::optional<model::WireCut> response_cut_;
};

// How long kDeliver waits: a peer that has not taken the bytes by then is not going to see the cut
// as planned.
inline constexpr Duration kDeliveryLimit = std::chrono::seconds(1);

// How a slow reader goes on: `bytes` were read at `now`, the one before was due at `due`.
struct ReadPace {
  std::size_t piece = 0;  // bytes of the next read at most
  TimePoint due{};        // when it comes
};
[[nodiscard]] ReadPace next_read(const model::WireSlowRead& pace, std::size_t bytes, TimePoint due,
                                 TimePoint now);

// The script holds the exchange before it asks for a connection; zero when it does not.
[[nodiscard]] Duration connect_hold(const Exchange& exchange);
// The cut that applies to this exchange is at `point`.
[[nodiscard]] bool cuts_at(const Exchange& exchange, model::WirePoint point);

}  // namespace squall::engine
