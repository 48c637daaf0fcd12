// Descriptions of the keys that several detectors have, and whether a plan asks for a detector.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "loadgen/expr/key_spec.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::reports {

// Detectors that compare phases speak only when the plan lists them under `findings` or has a table
// for them: a failure that was provoked to see another one is no news.
[[nodiscard]] inline bool is_asked(const model::RunRecord& record, std::string_view detector) {
  return record.detector_settings.contains(std::string(detector));
}

[[nodiscard]] inline expr::KeySpec steps_key(std::string name, std::string help) {
  return {.name = std::move(name),
          .type = expr::ValueType::kStringList,
          .help = std::move(help),
          .example = "[\"buy\", \"look.page\"]"};
}
[[nodiscard]] inline expr::KeySpec least_key(std::string default_value, std::string help) {
  return {.name = "least",
          .type = expr::ValueType::kInteger,
          .help = std::move(help),
          .default_value = std::move(default_value)};
}
[[nodiscard]] inline expr::KeySpec duration_key(std::string name, std::string default_value,
                                                std::string help) {
  return {.name = std::move(name),
          .type = expr::ValueType::kDuration,
          .help = std::move(help),
          .default_value = std::move(default_value)};
}
[[nodiscard]] inline expr::KeySpec share_key(std::string name, std::string default_value,
                                             std::string help) {
  return {.name = std::move(name),
          .type = expr::ValueType::kShare,
          .help = std::move(help),
          .default_value = std::move(default_value)};
}
[[nodiscard]] inline expr::KeySpec number_key(std::string name, std::string default_value,
                                              std::string help) {
  return {.name = std::move(name),
          .type = expr::ValueType::kNumber,
          .help = std::move(help),
          .default_value = std::move(default_value)};
}
[[nodiscard]] inline expr::KeySpec proxy_key() {
  return {.name = "proxy",
          .type = expr::ValueType::kString,
          .help =
              "The [[proxy]] in front of the dependency, in HTTP mode; every such one unless "
              "given.",
          .example = "\"psp\""};
}

}  // namespace squall::reports
