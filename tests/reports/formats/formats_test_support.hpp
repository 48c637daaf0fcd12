// Renders a record in a format by its name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "loadgen/model/report_format.hpp"
#include "tests/paths.hpp"
#include "tests/support/process.hpp"

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

// Fails the test unless `command`, with the name of a file that holds `text` as its last argument,
// is content with it.
inline void expect_accepted(const std::string& text, std::vector<std::string> command) {
  const test::TestDirectory directory;
  command.push_back(directory.write("report", text));
  const test::ProcessResult checked = test::run_program(command);
  EXPECT_EQ(checked.exit_code, 0) << ::testing::PrintToString(command) << checked.errors;
}

inline void expect_valid_junit(const std::string& text) {
  expect_accepted(text,
                  {"xmllint", "--noout", "--schema", SQUALL_SOURCE_DIR "/tests/support/junit.xsd"});
}

}  // namespace squall::reports
