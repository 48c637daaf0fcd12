// What a run keeps beside the load itself: probes, seconds of single steps, settings of detectors.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "loadgen/base/time.hpp"
#include "loadgen/model/outcome.hpp"
#include "loadgen/model/phase.hpp"

namespace squall::model {

// One answer to a probe.
struct ProbeAnswer {
  Duration at{};   // when it was sent, after t = 0
  int status = 0;  // 0: no answer
  Duration took{};
  std::string problem;  // why there was no answer; empty when there was
};

// A read-only request that a run repeats all along, outside the load: what a health check or a
// load balancer sees.
struct RecordedProbe {
  std::string name;
  std::string request;  // "GET /healthz", as written
  Duration every{};
  Duration timeout{};
  std::vector<ProbeAnswer> answers;  // in the order in which they were sent
};

// Operations of one step and phase that ended in one second. Only kept in runs whose measured phase
// is split: what was asked for while things went wrong may end long after that.
struct StepSecond {
  std::uint16_t step = 0;  // index into RunRecord::steps
  Phase phase = Phase::kMeasured;
  std::uint64_t acked = 0;
  std::uint64_t not_acked = 0;
  std::int64_t response_p50_us = -1;  // as in SecondSummary
  std::int64_t response_p99_us = -1;
};

// What a plan says to detectors: by detector, by key, the value as text ("20%", "2s"; lists with
// commas between). Keys that the plan leaves out are not here: a detector knows its defaults.
using DetectorSettings = std::map<std::string, std::map<std::string, std::string>>;

}  // namespace squall::model
