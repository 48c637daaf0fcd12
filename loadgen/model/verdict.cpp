#include "loadgen/model/verdict.hpp"

#include <algorithm>
#include <array>

namespace squall::model {
namespace {

// The first one wins.
constexpr std::array kByWeight = {
    ExitCode::kInternal,     ExitCode::kUsage,      ExitCode::kNotWritten,  ExitCode::kUnreachable,
    ExitCode::kCorrectness,  ExitCode::kInvalid,    ExitCode::kCheckFailed, ExitCode::kRegression,
    ExitCode::kInconclusive, ExitCode::kTerminated, ExitCode::kInterrupted, ExitCode::kPass};

}  // namespace

std::string_view to_string(Verdict value) {
  switch (value) {
    case Verdict::kPass:
      return "pass";
    case Verdict::kFail:
      return "fail";
    case Verdict::kInvalid:
      return "invalid";
    case Verdict::kInconclusive:
      return "inconclusive";
  }
  return "";
}

ExitCode worse(ExitCode a, ExitCode b) {
  return *std::find_if(kByWeight.begin(), kByWeight.end() - 1,
                       [&](ExitCode code) { return code == a || code == b; });
}

std::string_view meaning(ExitCode code) {
  switch (code) {
    case ExitCode::kPass:
      return "pass";
    case ExitCode::kCheckFailed:
      return "a threshold or finding failed";
    case ExitCode::kUsage:
      return "usage or plan error";
    case ExitCode::kInvalid:
      return "invalid measurement";
    case ExitCode::kUnreachable:
      return "target never reachable";
    case ExitCode::kCorrectness:
      return "correctness violated";
    case ExitCode::kRegression:
      return "regression against the baseline";
    case ExitCode::kInconclusive:
      return "inconclusive";
    case ExitCode::kInternal:
      return "internal error";
    case ExitCode::kNotWritten:
      return "results could not be written";
    case ExitCode::kInterrupted:
      return "interrupted";
    case ExitCode::kTerminated:
      return "terminated";
  }
  return "";
}

}  // namespace squall::model
