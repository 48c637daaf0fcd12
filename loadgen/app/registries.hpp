// All registries of squall, filled once.
#pragma once

#include "faults/proxy/toxic.hpp"
#include "loadgen/model/action_kind.hpp"
#include "loadgen/model/arrival_process.hpp"
#include "loadgen/model/client_fault.hpp"
#include "loadgen/model/detector.hpp"
#include "loadgen/model/oracle.hpp"
#include "loadgen/model/report_format.hpp"
#include "loadgen/plan/loader.hpp"
#include "loadgen/verify/property.hpp"

namespace squall::app {

struct AllRegistries {
  model::ArrivalRegistry arrivals;
  model::ClientFaultRegistry faults;
  model::OracleRegistry oracles;
  model::DetectorRegistry detectors;
  model::ActionRegistry actions;
  model::FormatRegistry formats;
  verify::PropertyRegistry properties;
  faults::ToxicRegistry toxics;
  model::ProxyFaultRegistry proxy_faults;  // borrows `toxics`

  // What the plan loader needs of them; borrows this.
  [[nodiscard]] plan::Registries for_plans() const {
    return {arrivals, faults, oracles, detectors, proxy_faults, actions};
  }
};

// Filled at the first call; lives as long as the process. Any thread.
[[nodiscard]] const AllRegistries& registries();

}  // namespace squall::app
