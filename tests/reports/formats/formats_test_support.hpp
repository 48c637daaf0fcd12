// Renders a record in a format by its name.
#pragma once

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "loadgen/model/report_format.hpp"

namespace squall::reports {

inline const model::FormatRegistry& formats() {
  static const model::FormatRegistry registry = [] {
    model::FormatRegistry filled;
    register_formats(filled);
    return filled;
  }();
  return registry;
}

inline std::string render(std::string_view format, const model::RunRecord& record,
                          const model::FormatOptions& options = {}) {
  const model::FormatKind* kind = formats().find(format);
  if (kind == nullptr) {
    ADD_FAILURE() << "no format " << format;
    return {};
  }
  return kind->render(record, options);
}

}  // namespace squall::reports
