// Whether what a plan puts on its timeline was done as planned, and touched anything.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "loadgen/model/run_record.hpp"

namespace squall::reports {

struct InjectionRemark {
  enum class Weight : std::uint8_t {
    kInvalid,  // the run did not do what the plan said
    kDoubt,    // too little passed to tell chance from failure, or something came late
  };
  Weight weight = Weight::kInvalid;
  std::string sentence;
};

// Nothing of a run that was killed: its counts are not known. Of one that was cut short (by
// abort_when, by a signal) only what could not be done. `shares`: by name of the fault, of the
// connections or requests that it could touch.
[[nodiscard]] std::vector<InjectionRemark> weigh_timeline(
    const model::RunRecord& record, const std::map<std::string, double>& shares);

}  // namespace squall::reports
