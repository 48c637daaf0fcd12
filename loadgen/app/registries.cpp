#include "loadgen/app/registries.hpp"

#include "faults/proxy/planned_toxics.hpp"

namespace squall::app {

const AllRegistries& registries() {
  // In its place from the start: kinds of planned faults point to toxics.
  static AllRegistries filled;
  static const AllRegistries& all = []() -> const AllRegistries& {
    engine::register_arrivals(filled.arrivals);
    faults::register_client_faults(filled.faults);
    faults::register_actions(filled.actions);
    effects::register_oracles(filled.oracles);
    reports::register_detectors(filled.detectors);
    reports::register_formats(filled.formats);
    verify::register_property_kinds(filled.properties);
    faults::register_toxics(filled.toxics);
    faults::register_http_faults(filled.toxics);
    faults::add_planned_toxics(filled.toxics, filled.proxy_faults);
    return filled;
  }();
  return all;
}

}  // namespace squall::app
