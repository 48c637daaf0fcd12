// What each engine can do, and how a plan's targets are divided between them.
#pragma once

#include <cstdint>
#include <string>

#include "loadgen/model/curl_settings.hpp"
#include "loadgen/model/wire_script.hpp"

namespace squall::model {

struct Plan;

// Why the engine cannot do the script, as the end of a sentence ("cuts are …"); empty when it can.
// The one rule: plans are held against it, and the table in faults/README.md is made from it. Parts
// of a script that it does not know are refused. `body`: whether the request has one.
enum class RequestBody : std::uint8_t { kNone, kSome };
[[nodiscard]] std::string why_not_on(EngineKind engine, const WireScript& script,
                                     RequestBody body = RequestBody::kSome);

// The connections of one worker, divided between the engines by their numbers of targets; at least
// one for each that has any. An engine without targets has none.
struct ConnectionShares {
  unsigned native = 0;
  unsigned curl = 0;

  [[nodiscard]] unsigned of(EngineKind engine) const {
    return engine == EngineKind::kCurl ? curl : native;
  }
};
[[nodiscard]] ConnectionShares connection_shares(const Plan& plan, unsigned connections);

// Which engine runs what and why, for reports: "shop: curl (http = "2"); pay: native". Empty when
// every target runs on the native engine without having asked for it.
[[nodiscard]] std::string engines_text(const Plan& plan);

}  // namespace squall::model
