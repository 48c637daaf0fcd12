#include "loadgen/model/service.hpp"

#include <fmt/core.h>

namespace squall::model {

std::string ResourceLimits::text() const {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (memory) {
    add("memory " + format_bytes(*memory));
  }
  if (cpu_time) {
    add("CPU time " + format_duration(*cpu_time));
  }
  if (open_files) {
    add(fmt::format("{} open files", *open_files));
  }
  if (processes) {
    add(fmt::format("{} processes", *processes));
  }
  if (nice) {
    add(fmt::format("nice {}", *nice));
  }
  return text;
}

}  // namespace squall::model
