// Webhooks that the target sent, as the sink saw them: whether they arrived, under which ids,
// signed when.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "loadgen/base/time.hpp"
#include "loadgen/effects/scripted_sink.hpp"
#include "loadgen/verify/trial.hpp"

namespace squall::verify {

// What calls of one operation are held against. A value.
struct DeliveryRules {
  std::string sink;        // by name, for people
  Duration within{};       // how long was waited for them, after the sink had healed
  bool tells_ids = true;   // the sink knows where calls carry their ids
  std::size_t events = 1;  // webhooks of one operation: ids; 0: not the same for all
  std::string signed_at;   // the header with the time of the signature; empty: not known
};

// How many different events were told of.
[[nodiscard]] std::size_t events_of(std::span<const effects::SinkCall> calls);

// Whether so many events, and each that was told of, were taken by the sink at least once.
[[nodiscard]] bool are_delivered(std::span<const effects::SinkCall> calls, std::size_t events);

// When the value of a header says that something was signed, in seconds since 1970: "1700000000",
// "1700000000000" (milliseconds) or "t=1700000000,v1=…"; nothing when it does not.
[[nodiscard]] std::optional<std::int64_t> signed_time(std::string_view value);

// Whether redeliveries of one event bear a new time, as far as it can be told.
enum class Signing : std::uint8_t {
  kUnknown,  // no redelivery came late enough to differ, to the second
  kFresh,
  kStale,
  kMissing,  // some call says nothing about it
};
[[nodiscard]] Signing signing_of(std::span<const effects::SinkCall> calls, std::string_view header);

// Tells the trial of what is wrong with the calls of its operation, which was acknowledged, and
// what came and went as acts. Repetitions of what was delivered are not: at least once is promised.
void judge_deliveries(std::span<const effects::SinkCall> calls, const DeliveryRules& rules,
                      Trial& trial);

}  // namespace squall::verify
