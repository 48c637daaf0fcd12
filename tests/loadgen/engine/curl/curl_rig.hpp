// What the tests of the curl engine share.
#pragma once

#include "loadgen/engine/curl_engine.hpp"
#include "tests/loadgen/engine/engine_rig.hpp"

namespace squall::engine::test {

using CurlRig = EngineRig<CurlEngine>;

// Targets of 127.0.0.1 on the curl engine, one per port.
inline model::Plan curl_plan(const std::vector<std::uint16_t>& ports,
                             const model::CurlSettings& settings = {}) {
  model::Plan plan = plan_for(ports);
  for (model::Target& target : plan.targets) {
    target.engine = model::EngineKind::kCurl;
    target.curl = settings;
  }
  return plan;
}

}  // namespace squall::engine::test
