// Effects: what operations asked for, what each attempt saw, how many there were in the end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/time.hpp"
#include "loadgen/model/outcome.hpp"

namespace squall::model {

// One attempt or copy of an operation of an effect step: a line of the ledger. A value.
struct EffectAttempt {
  std::uint16_t step = 0;
  std::uint64_t arrival = 0;
  std::uint32_t attempt = 0;  // 0: the first
  std::uint32_t copy = 0;     // 0: the first
  std::string key;
  Duration intended{};  // after t = 0
  Duration
      first_byte{};  // when the first byte was written, after t = 0; equal to `end` when none was
  Duration end{};
  AttemptClass how = AttemptClass::kSuccess;
  int status = 0;  // 0: no answer
  std::uint64_t bytes_sent = 0;
  std::vector<std::uint16_t> faults;  // that decided for this attempt
  std::string detail;  // short, printable: error text or the first bytes of an unexpected answer
  std::uint32_t visit = 0;  // of the step in its iteration; 0: the first
  std::string caller = {};  // by name; empty: the plan has none
};

// One operation of an effect step, when it has ended (or when the run has).
struct EffectOperation {
  std::uint16_t step = 0;
  std::uint64_t arrival = 0;
  std::string key;
  OperationOutcome outcome = OperationOutcome::kUnknown;
  Exposure exposure = Exposure::kClean;
  std::uint32_t attempts = 0;  // attempts and copies that were started
  std::uint32_t visit = 0;     // of the step in its iteration; 0: the first
};

enum class EffectVerdict : std::uint8_t { kOk, kLost, kDuplicate, kPhantom, kUndecided };
inline constexpr std::size_t kEffectVerdictCount = 5;
[[nodiscard]] std::string_view to_string(
    EffectVerdict value);  // "ok", "lost", "duplicate", "phantom", "undecided"

// The verdict table of DESIGN §4: what `count` effects mean for an operation that ended so.
[[nodiscard]] EffectVerdict judge(OperationOutcome outcome, std::uint64_t count);

// An operation whose effects are wrong, for the report.
struct EffectCase {
  EffectVerdict verdict = EffectVerdict::kDuplicate;
  EffectOperation operation;
  std::uint64_t effects = 0;
  std::vector<EffectAttempt> timeline;  // by time of the first byte
  std::string curl;                     // lines that repeat the request by hand; secrets as $NAME
};

}  // namespace squall::model
