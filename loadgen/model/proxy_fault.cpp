#include "loadgen/model/proxy_fault.hpp"

#include <fmt/core.h>

namespace squall::model {

std::string summary_of(const PlannedProxyFault& fault) {
  std::string text = fmt::format("{} on {}", fault.kind->name, fault.proxy);
  if (!fault.direction.empty()) {
    text += " " + fault.direction;
  }
  if (fault.share.fraction < 1) {
    text += fmt::format(", share {}", format_share(fault.share));
  }
  text += fault.window ? fmt::format(", {} to {}", format_duration(fault.window->from),
                                     format_duration(fault.window->to))
                       : ", all the time";
  return text;
}

}  // namespace squall::model
