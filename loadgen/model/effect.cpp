#include "loadgen/model/effect.hpp"

namespace squall::model {

std::string_view to_string(EffectVerdict value) {
  switch (value) {
    case EffectVerdict::kOk:
      return "ok";
    case EffectVerdict::kLost:
      return "lost";
    case EffectVerdict::kDuplicate:
      return "duplicate";
    case EffectVerdict::kPhantom:
      return "phantom";
    case EffectVerdict::kUndecided:
      return "undecided";
  }
  return "";
}

EffectVerdict judge(OperationOutcome outcome, std::uint64_t count) {
  if (count >= 2) {
    return EffectVerdict::kDuplicate;
  }
  switch (outcome) {
    case OperationOutcome::kAcked:
      return count == 0 ? EffectVerdict::kLost : EffectVerdict::kOk;
    case OperationOutcome::kUnknown:
      return EffectVerdict::kOk;
    case OperationOutcome::kRejected:
    case OperationOutcome::kNotSent:
      return count == 0 ? EffectVerdict::kOk : EffectVerdict::kPhantom;
  }
  return EffectVerdict::kUndecided;
}

}  // namespace squall::model
