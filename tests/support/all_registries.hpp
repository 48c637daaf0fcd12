// Everything that is registered in squall, for tests with real plans. What uses it links the
// libraries of the registered kinds.
#pragma once

#include "faults/proxy/planned_toxics.hpp"
#include "loadgen/plan/loader.hpp"

namespace squall::test {

struct AllRegistries {
  AllRegistries(const AllRegistries&) = delete;
  AllRegistries& operator=(const AllRegistries&) = delete;
  AllRegistries() {
    engine::register_arrivals(arrivals);
    faults::register_client_faults(faults);
    faults::register_actions(actions);
    effects::register_oracles(oracles);
    reports::register_detectors(detectors);
    faults::register_toxics(toxics);
    faults::register_http_faults(toxics);
    faults::add_planned_toxics(toxics, proxy_faults);
  }
  // Borrows.
  [[nodiscard]] plan::Registries for_plans() const {
    return {arrivals, faults, oracles, detectors, proxy_faults, actions};
  }

  model::ArrivalRegistry arrivals;
  model::ClientFaultRegistry faults;
  model::OracleRegistry oracles;
  model::DetectorRegistry detectors;
  faults::ToxicRegistry toxics;
  model::ProxyFaultRegistry proxy_faults;  // borrows `toxics`
  model::ActionRegistry actions;
};

// Valid for the whole program.
inline const AllRegistries& all_registries() {
  static const AllRegistries all;
  return all;
}

}  // namespace squall::test
