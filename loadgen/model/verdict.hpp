// What a run comes to: check results, findings, the verdict and the exit code.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace squall::model {

enum class Verdict : std::uint8_t { kPass, kFail, kInvalid, kInconclusive };
[[nodiscard]] std::string_view to_string(
    Verdict value);  // "pass", "fail", "invalid", "inconclusive"

// DESIGN §7; documented and stable.
enum class ExitCode : int {
  kPass = 0,
  kCheckFailed = 1,
  kUsage = 2,
  kInvalid = 3,
  kUnreachable = 4,
  kCorrectness = 5,
  kRegression = 6,
  kInconclusive = 7,
  kInternal = 8,
  kNotWritten = 9,
  kInterrupted = 130,
  kTerminated = 143,
};
// When several hold, the one that wins: 8 2 9 4 5 3 1 6 7, then a signal, then 0.
[[nodiscard]] ExitCode worse(ExitCode a, ExitCode b);
[[nodiscard]] std::string_view meaning(ExitCode code);

// One evaluated condition.
struct CheckResult {
  std::string source;  // the condition as written
  Verdict verdict = Verdict::kPass;
  bool about_effects = false;  // correctness: a failure is exit 5
  double value = 0;            // in the condition's unit; meaningless when samples == 0
  double bound = 0;
  std::string value_text;  // "183ms", "n/a"
  std::uint64_t samples = 0;
  std::string note;  // why it is invalid or inconclusive; evidence
};

// What a detector reports. `id` is stable: the catalogue row and what it is about.
struct Finding {
  std::string detector;  // "double-charge"
  std::string id;        // "double-charge:buy.charge"
  Verdict verdict = Verdict::kFail;
  bool about_effects = false;
  bool required =
      false;  // listed under `findings` in the plan: then a failure fails the run, else it warns
  std::string summary;                // one sentence
  std::vector<std::string> evidence;  // lines
  std::vector<std::string> remedies;  // lines
  std::string reproducer;             // a command
};

// Why a measurement is invalid, and from when on.
struct Breach {
  std::string reason;      // one sentence with the figure and the limit
  double from_second = 0;  // after t = 0
  bool voids_effects =
      false;  // undecided keys, injection not as planned; else latency and capacity only
};

}  // namespace squall::model
