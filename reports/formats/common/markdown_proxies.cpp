#include "reports/formats/common/markdown_proxies.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "reports/formats/common/escape.hpp"
#include "reports/formats/common/timeline_text.hpp"

namespace squall::reports {
namespace {

std::string rest_line(std::size_t all, std::size_t rows) {
  return all <= rows ? "" : fmt::format("\n{} more are in record.json.\n", all - rows);
}

std::string count(const model::RecordedProxyFault& fault, std::uint64_t value) {
  return fault.counts_nothing ? "-" : std::to_string(value);
}

std::string fault_table(const model::RunRecord& record, std::size_t rows) {
  if (record.proxy_faults.empty()) {
    return {};
  }
  std::string text =
      "\n| fault on a proxy | what | passed | planned | fired |\n|---|---|--:|--:|--:|\n";
  for (std::size_t i = 0; i < std::min(record.proxy_faults.size(), rows); ++i) {
    const model::RecordedProxyFault& fault = record.proxy_faults[i];
    text += fmt::format("| {} | {} | {} {} | {} | {} |\n", markdown_code(fault.name),
                        markdown_text(fault.summary), fault.seen,
                        fault.of_requests ? "requests" : "links", count(fault, fault.planned),
                        count(fault, fault.fired));
  }
  return text + rest_line(record.proxy_faults.size(), rows);
}

}  // namespace

std::string markdown_timeline(const model::RunRecord& record, std::size_t rows) {
  std::string text = fault_table(record, rows);
  if (record.timeline.empty()) {
    return text;
  }
  text += "\n| when | timeline | how |\n|---|---|---|\n";
  for (std::size_t i = 0; i < std::min(record.timeline.size(), rows); ++i) {
    const model::RecordedAction& action = record.timeline[i];
    text += fmt::format("| {} | {} | {} |\n", time_on(action), markdown_text(action.description),
                        markdown_text(how_it_went(action)));
  }
  return text + rest_line(record.timeline.size(), rows);
}

}  // namespace squall::reports
