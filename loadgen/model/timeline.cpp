#include "loadgen/model/timeline.hpp"

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"

namespace squall::model {
namespace {

std::string fault_name(const RunRecord& record, std::uint16_t fault) {
  return fault < record.faults.size() ? printable(record.faults[fault].name)
                                      : fmt::format("fault {}", fault);
}

}  // namespace

std::string timeline_line(const RunRecord& record, const EffectAttempt& attempt) {
  const bool sent = attempt.bytes_sent > 0;
  const Duration at = sent ? attempt.first_byte : attempt.end;
  std::string line = fmt::format("{:+.3f}s  attempt {}", to_seconds(at), attempt.attempt + 1);
  if (attempt.copy > 0) {
    line += fmt::format(" copy {}", attempt.copy + 1);
  }
  if (!attempt.caller.empty()) {
    line += " as " + printable(attempt.caller);
  }
  line += ": ";
  if (attempt.status != 0) {
    line += fmt::format("{} ", attempt.status);
  }
  line += to_string(attempt.how);
  if (sent) {
    line += fmt::format(" after {}, {} B sent", format_duration(attempt.end - attempt.first_byte),
                        attempt.bytes_sent);
  } else {
    line += ", nothing sent";
  }
  for (std::size_t i = 0; i < attempt.faults.size(); ++i) {
    line += (i == 0 ? " [" : ", ") + fault_name(record, attempt.faults[i]);
  }
  line += attempt.faults.empty() ? "" : "]";
  if (!attempt.detail.empty()) {
    line += "; " + printable(attempt.detail, 120);
  }
  return line;
}

std::string fault_list(const RunRecord& record, const std::vector<std::uint16_t>& faults) {
  if (faults.empty()) {
    return "no client fault";
  }
  std::string text;
  for (std::size_t i = 0; i < faults.size(); ++i) {
    text += i == 0 ? "" : i + 1 == faults.size() ? " and " : ", ";
    text += fault_name(record, faults[i]);
    if (faults[i] < record.faults.size()) {
      text += fmt::format(" ({})", printable(record.faults[faults[i]].kind));
    }
  }
  return text;
}

}  // namespace squall::model
