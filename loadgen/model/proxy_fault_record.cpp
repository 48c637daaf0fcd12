#include "loadgen/model/proxy_fault_record.hpp"

#include <fmt/core.h>

namespace squall::model {

std::string what_of(const PlannedProxyFault& fault) {
  std::string text = fmt::format("{} on {}", fault.kind->name, fault.proxy);
  if (!fault.direction.empty()) {
    text += " " + fault.direction;
  }
  if (fault.share.fraction < 1) {
    text += fmt::format(", share {}", format_share(fault.share));
  }
  return text;
}

TimelineSlot timeline_slot(const PlannedProxyFault& fault) {
  TimelineSlot slot{.name = fault.name,
                    .kind = "fault",
                    .description = fmt::format("{}: {}", fault.name, what_of(fault))};
  if (fault.window) {
    slot.at = fault.window->from;
    slot.until = fault.window->to;
  }
  return slot;
}

RecordedProxyFault recorded(const PlannedProxyFault& fault) {
  RecordedProxyFault result;
  result.name = fault.name;
  result.kind = std::string(fault.kind->name);
  result.proxy = fault.proxy;
  result.summary = summary_of(fault);
  result.of_requests = fault.kind->unit == ProxyFaultUnit::kRequest;
  result.counts_nothing = fault.kind->counts_nothing;
  return result;
}

}  // namespace squall::model
