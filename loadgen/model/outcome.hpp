// How attempts and operations ended, and what touched them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "loadgen/model/phase.hpp"

namespace squall::model {

// How one attempt (or copy) ended, as the client saw it. The classes of histograms, of `retry.on`
// and of every table.
enum class AttemptClass : std::uint8_t {
  kSuccess,      // an answer that meets the step's expectations (default: status 200..399)
  kUnexpected,   // an answer that does not, with a status below 400
  kClientError,  // 4xx that was not expected
  kServerError,  // 5xx that was not expected
  kTimeout,      // no complete answer in time, connecting included
  kReset,        // the peer reset the connection after bytes were sent
  kClosed,       // the peer closed the connection before the answer was complete
  kMalformed,    // the answer is not HTTP/1.1
  kOversized,    // the answer's header is larger than the limit
  kRefused,      // no connection: refused, unreachable, out of local ports, a TLS handshake that
                 // failed; nothing was sent
  kCut,          // squall's own fault ended it
  kDropped,      // never started; censored
  kNoData,       // a unique feeder had no row for it; never started
};
inline constexpr std::size_t kAttemptClassCount = 13;

// "success", "unexpected", "4xx", "5xx", "timeout", "reset", "closed", "malformed", "oversized",
// "refused", "cut", "dropped", "no_data".
[[nodiscard]] std::string_view to_string(AttemptClass value);
[[nodiscard]] std::optional<AttemptClass> attempt_class_from(std::string_view name);
// Whether it never began, for whatever reason: no sample of how fast anything is.
[[nodiscard]] constexpr bool never_started(AttemptClass how) {
  return how == AttemptClass::kDropped || how == AttemptClass::kNoData;
}

// What the client may believe about an operation (Jepsen's ok, fail, info).
enum class OperationOutcome : std::uint8_t {
  kAcked,     // an attempt or copy got a success
  kRejected,  // every answer was a definite 4xx and nothing is unknown
  kUnknown,   // anything else that was sent: it may or may not have happened
  kNotSent,   // no byte of any attempt left
};
inline constexpr std::size_t kOperationOutcomeCount = 4;
[[nodiscard]] std::string_view to_string(
    OperationOutcome value);  // "acked", "rejected", "unknown", "not_sent"
[[nodiscard]] std::optional<OperationOutcome> operation_outcome_from(std::string_view name);

// Folds attempts and copies into an outcome. A value.
class OutcomeFold {
 public:
  // `bytes_sent`: whether any byte of the request was handed to the kernel.
  void add(AttemptClass how, bool bytes_sent);
  [[nodiscard]] OperationOutcome outcome() const;

 private:
  bool acked_ = false;
  bool rejected_ = false;
  bool unknown_ = false;
};

enum class Exposure : std::uint8_t { kClean, kFaulted };
[[nodiscard]] std::string_view to_string(Exposure value);  // "clean", "faulted"

// What the time of an attempt is made of on the way to and from the target.
enum class TransferPhase : std::uint8_t {
  kDns,        // resolving the name
  kConnect,    // TCP, a proxy's handshake included
  kTls,        // TLS handshake
  kFirstByte,  // first byte written → first byte of the answer
  kTransfer,   // first → last byte of the answer
};
inline constexpr std::size_t kTransferPhaseCount = 5;
// "dns", "connect", "tls", "first_byte", "transfer".
[[nodiscard]] std::string_view to_string(TransferPhase value);

}  // namespace squall::model
