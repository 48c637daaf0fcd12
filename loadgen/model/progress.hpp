// What a live view is told while a run goes on.
#pragma once

#include <string>
#include <string_view>

#include "loadgen/model/plan.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::model {

enum class Stage {
  kServices,
  kSetup,
  kPreflight,
  kSkew,
  kBaseline,
  kWarmup,
  kMeasured,
  kVerify,
  kDrain,
  kSettle,
  kJudge,
  kTeardown
};
[[nodiscard]] std::string_view to_string(Stage stage);  // "starting services", "warm-up", …

// The text of the "phase" event of a run that ended before its time, as its users had done every
// iteration.
inline constexpr std::string_view kEveryIterationDone = "every iteration is done";

// All calls on the run's thread, in order of time. Implementations must be quick and must not
// throw.
class ProgressView {
 public:
  virtual ~ProgressView() = default;
  virtual void begin(const Plan& plan) = 0;
  virtual void stage(Stage stage, std::string_view detail) = 0;
  // About ten times a second while load runs. `so_far`: totals up to now; `elapsed` after t = 0.
  virtual void tick(Duration elapsed, const SecondSummary& last_second, const Counters& so_far) = 0;
  virtual void second(const SecondSummary& second) = 0;
  virtual void event(const RunEvent& event) = 0;
  virtual void end(const RunRecord& record) = 0;
};

}  // namespace squall::model
