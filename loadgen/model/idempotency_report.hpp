// What `squall idempotency` found: a verdict for each property, with its evidence. A part of the
// run record; a value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/time.hpp"

namespace squall::model {

enum class PropertyVerdict : std::uint8_t {
  kPass,
  kWarn,
  kFail,
  kNotTested,  // the plan lacks the means, or nothing could be decided
};
inline constexpr std::size_t kPropertyVerdictCount = 4;
[[nodiscard]] std::string_view to_string(
    PropertyVerdict value);  // "pass", "warn", "fail", "not tested"

// What a failure breaks, the worst first. IDEMPOTENCY §3.4, end: all but kAnswer fail a build.
enum class PropertyHarm : std::uint8_t {
  kNone,
  kEffects,  // more effects, or fewer, than were asked for
  kState,    // a resource changed that must not
  kLeak,     // an answer of another caller or endpoint
  kStuck,    // a key that stays unusable
  kAnswer,   // a status code, a body, a header
};
inline constexpr std::size_t kPropertyHarmCount = 6;
[[nodiscard]] std::string_view to_string(
    PropertyHarm value);  // "none", "effects", "state", "leak", "stuck", "answer"

// One request of a case, and what came of it.
struct PropertyRequest {
  Duration at{};        // after the first one of the case was started
  Duration took{};      // to the end of its answer, or to its own end
  std::string caller;   // by name; empty: the plan has none
  std::string replica;  // "127.0.0.1:8080"
  std::string key;      // as it was sent; empty: without one
  std::string what;     // "cut after send, 12ms later": what was done to it; empty: nothing
  std::string request;  // as sent, head and body, without secrets; at most 4 KiB
  std::string how;      // the attempt's class, as in records
  int status = 0;       // 0: no answer
  std::string answer;   // its body, printable, at most 400 bytes; or why there is none
};

// What stands between the requests of a case: "psp fails", "shop is killed".
struct PropertyAct {
  Duration at{};
  std::string text;
};

// One trial that broke the promise, whole.
struct PropertyCase {
  std::string token;
  std::uint64_t expected = 0;  // effects
  std::uint64_t effects = 0;
  bool counted = false;  // whether an oracle said so
  std::string problem;   // one sentence
  std::vector<PropertyRequest> requests;
  std::vector<PropertyAct> acts;
};

struct PropertyResult {
  std::uint32_t number = 0;  // of IDEMPOTENCY §3.4; stable
  std::string name;          // "concurrent-twins"; stable
  std::string title;         // "Concurrent twins"
  std::string promise;       // one sentence
  std::string provocation;   // what was done: "2, 5 and 20 at once by last byte, 300 rounds"
  std::uint64_t trials = 0;
  std::uint64_t broken = 0;  // trials that broke the promise
  PropertyVerdict verdict = PropertyVerdict::kNotTested;
  PropertyHarm harm = PropertyHarm::kNone;
  std::string summary;                // one sentence
  std::vector<std::string> evidence;  // lines
  std::string needs;                  // what the plan lacks: "[idempotency.read]"; empty: nothing
  std::vector<std::string> remedies;
  std::vector<PropertyCase> cases;  // the first few
  std::string reproducer;           // a command; DIR stands for the run's directory
  std::string script;               // findings/<id>.sh, whole; empty: curl cannot express the case
  std::uint64_t reproduced = 0;     // of `reproducer_tries`
  std::uint64_t reproducer_tries = 0;
};

struct IdempotencyReport {
  std::string profile;      // by name, or "auto"
  std::string learned;      // the profile that was learnt, as TOML; empty: none was
  Duration service_time{};  // S: median of the control group
  std::uint64_t control_operations = 0;
  std::uint64_t control_effects = 0;         // of the control group, all together
  std::uint64_t effects_each = 0;            // that one operation has
  bool effects_counted = false;              // an oracle was asked
  std::vector<std::string> oracles;          // "ledger (http)"; the first one decides
  std::string oracle_problem;                // why it could not answer
  std::vector<std::string> disagreements;    // between oracles: token and counts, the first few
  std::uint64_t disagreement_count = 0;      // tokens
  std::vector<std::string> unanswered;       // oracles after the first one that failed, and why
  std::vector<std::string> volatile_fields;  // JSON pointers, learnt or told
  std::vector<PropertyResult> properties;    // all of them, by number
};

// Of every finding that a property makes.
inline constexpr std::string_view kIdempotencyDetector = "idempotency";
// "4-concurrent-twins".
[[nodiscard]] std::string property_id(const PropertyResult& property);
// "idempotency:4-concurrent-twins": of the property's finding.
[[nodiscard]] std::string finding_id(const PropertyResult& property);
// Which of the run directory's files: "findings/idempotency-4-concurrent-twins.sh".
[[nodiscard]] std::string script_path(const PropertyResult& property);

}  // namespace squall::model
