#include "loadgen/model/proxy_fault.hpp"

#include <fmt/core.h>

#include "loadgen/model/proxy_fault_record.hpp"

namespace squall::model {

std::string summary_of(const PlannedProxyFault& fault) {
  return fault.window
             ? fmt::format("{}, {} to {}", what_of(fault), format_duration(fault.window->from),
                           format_duration(fault.window->to))
             : what_of(fault) + ", all the time";
}

}  // namespace squall::model
