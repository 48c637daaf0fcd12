// Everything that is registered in squall, for tests with real plans. What uses it links the
// libraries of the registered kinds.
#pragma once

#include "loadgen/plan/loader.hpp"

namespace squall::test {

struct AllRegistries {
  AllRegistries() {
    engine::register_arrivals(arrivals);
    faults::register_client_faults(faults);
    effects::register_oracles(oracles);
    reports::register_detectors(detectors);
  }
  // Borrows.
  [[nodiscard]] plan::Registries for_plans() const {
    return {arrivals, faults, oracles, detectors};
  }

  model::ArrivalRegistry arrivals;
  model::ClientFaultRegistry faults;
  model::OracleRegistry oracles;
  model::DetectorRegistry detectors;
};

// Valid for the whole program.
inline const AllRegistries& all_registries() {
  static const AllRegistries all;
  return all;
}

}  // namespace squall::test
