#include "loadgen/model/capacity.hpp"

namespace squall::model {

std::string_view to_string(StageVerdict value) {
  switch (value) {
    case StageVerdict::kPass:
      return "pass";
    case StageVerdict::kFail:
      return "fail";
    case StageVerdict::kInvalid:
      return "invalid";
    case StageVerdict::kInconclusive:
      return "inconclusive";
  }
  return "";
}

std::string_view to_string(CapacityLimit value) {
  switch (value) {
    case CapacityLimit::kTarget:
      return "target";
    case CapacityLimit::kGenerator:
      return "generator";
    case CapacityLimit::kMaximum:
      return "maximum";
    case CapacityLimit::kNothing:
      return "nothing";
    case CapacityLimit::kUndecided:
      return "undecided";
  }
  return "";
}

}  // namespace squall::model
