#include "loadgen/model/progress.hpp"

namespace squall::model {

std::string_view to_string(Stage stage) {
  switch (stage) {
    case Stage::kServices:
      return "starting services";
    case Stage::kSetup:
      return "setting up";
    case Stage::kPreflight:
      return "preflight";
    case Stage::kSkew:
      return "sweeping the times of requests";
    case Stage::kBaseline:
      return "reading the baseline";
    case Stage::kWarmup:
      return "warm-up";
    case Stage::kMeasured:
      return "measuring";
    case Stage::kVerify:
      return "verifying";
    case Stage::kDrain:
      return "draining";
    case Stage::kSettle:
      return "waiting for effects to settle";
    case Stage::kJudge:
      return "judging";
    case Stage::kTeardown:
      return "tearing down";
  }
  return "";
}

}  // namespace squall::model
