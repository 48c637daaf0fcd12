// What of a planned fault on a proxy goes to the timeline and to the record.
#pragma once

#include <string>

#include "loadgen/model/proxy_fault.hpp"
#include "loadgen/model/proxy_record.hpp"
#include "loadgen/model/timeline_action.hpp"

namespace squall::model {

// "latency on psp downstream, share 5%".
[[nodiscard]] std::string what_of(const PlannedProxyFault& fault);

// "slow-psp: latency on psp downstream, share 5%", on and off as its window says.
[[nodiscard]] TimelineSlot timeline_slot(const PlannedProxyFault& fault);

// Nothing counted yet.
[[nodiscard]] RecordedProxyFault recorded(const PlannedProxyFault& fault);

}  // namespace squall::model
