// Toxics as plans name them.
#pragma once

#include "faults/proxy/toxic.hpp"
#include "loadgen/model/proxy_fault.hpp"

namespace squall::faults {

// Adds every toxic as a kind of planned fault, in the order of `toxics`, which must outlive `kinds`
// and get no further entry. What the toxic itself says against attributes is a problem of the plan,
// at its [[fault]].
void add_planned_toxics(const ToxicRegistry& toxics, model::ProxyFaultRegistry& kinds);

}  // namespace squall::faults
