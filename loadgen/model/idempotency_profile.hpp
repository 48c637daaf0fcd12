// A dialect of idempotency keys: what an API says it does with them. A file of plans/profiles, or
// learnt from answers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/time.hpp"

namespace squall::model {

// Where a request carries its key.
struct KeyCarrier {
  enum class In : std::uint8_t {
    kHeader,  // a header called `name`
    kBody,    // of a JSON body, at the pointer `name` (RFC 6901)
    kQuery,   // a parameter called `name`
  };
  In in = In::kHeader;
  std::string name = "Idempotency-Key";
  bool operator==(const KeyCarrier&) const = default;
};

// What becomes of a request whose key another one is using right now.
enum class InFlightMode : std::uint8_t {
  kReject,  // an error at once
  kBlock,   // it waits for the first and gets its answer
  kReplay,  // it gets an answer of its own at once that is no error, such as "pending"
};
inline constexpr std::size_t kInFlightModeCount = 3;
[[nodiscard]] std::string_view to_string(InFlightMode value);  // "reject", "block", "replay"

// What becomes of a key that is used again with another payload.
enum class MismatchMode : std::uint8_t {
  kReject,   // an error
  kReplay,   // the first answer again: payloads are not compared
  kExecute,  // a new operation: the key says nothing by itself
};
inline constexpr std::size_t kMismatchModeCount = 3;
[[nodiscard]] std::string_view to_string(MismatchMode value);  // "reject", "replay", "execute"

// What a replay is held against.
enum class ReplayForm : std::uint8_t {
  kSame,    // the first answer, status and body, but for volatile fields
  kLatest,  // the same resource as it is now: identity only
};
inline constexpr std::size_t kReplayFormCount = 2;
[[nodiscard]] std::string_view to_string(ReplayForm value);  // "same", "latest"

// A header that stands on replays and on nothing else.
struct ReplayMarker {
  std::string header;
  std::string value;  // empty: any
  bool operator==(const ReplayMarker&) const = default;
};

// A value. What is absent is not declared: then it is observed and never judged. IDEMPOTENCY §3.2.
struct IdempotencyProfile {
  std::string name;     // "stripe-v1"
  std::string summary;  // one line, for people
  std::optional<KeyCarrier> carrier;
  std::optional<bool> quoted;    // a Structured Field String (RFC 9651): "…" with the quotes
  std::optional<bool> required;  // a request without a key is refused
  std::optional<unsigned> max_length;  // of a key, in bytes
  std::optional<Duration> window;      // how long a key is remembered, at least
  std::optional<MismatchMode> mismatch;
  std::vector<int> mismatch_status;  // of kReject; empty: any of 400 to 499
  std::optional<InFlightMode> in_flight;
  std::vector<int> in_flight_status;  // of kReject; empty: any of 400 to 499
  // Whether an answer of that class is kept and given again, or the work is done anew.
  std::optional<bool> stores_2xx;
  std::optional<bool> stores_4xx;
  std::optional<bool> stores_5xx;
  std::optional<ReplayMarker> marker;
  std::optional<ReplayForm> replay;
  // Whether the same key means another operation …
  std::optional<bool> by_caller;             // … of another caller
  std::optional<bool> by_endpoint;           // … at another path
  std::optional<bool> by_method;             // … with another method
  std::vector<std::string> volatile_fields;  // JSON pointers of answers that differ between replays
  // Where that is said and when it was looked up ("2026-11-28"); what the fields cannot say, and
  // what is said elsewhere but not there. For people.
  std::vector<std::string> sources;
  std::string checked;
  std::vector<std::string> notes;
  bool operator==(const IdempotencyProfile&) const = default;
};

}  // namespace squall::model
