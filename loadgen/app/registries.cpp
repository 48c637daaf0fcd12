#include "loadgen/app/registries.hpp"

namespace squall::app {

const AllRegistries& registries() {
  static const AllRegistries all = [] {
    AllRegistries filled;
    engine::register_arrivals(filled.arrivals);
    faults::register_client_faults(filled.faults);
    faults::register_toxics(filled.toxics);
    effects::register_oracles(filled.oracles);
    reports::register_detectors(filled.detectors);
    reports::register_formats(filled.formats);
    return filled;
  }();
  return all;
}

}  // namespace squall::app
