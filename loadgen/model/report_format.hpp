// The seam of report formats: each turns a run record into one text. How to add one:
// reports/README.md.
#pragma once

#include <string>
#include <string_view>

#include "loadgen/base/registry.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::model {

struct FormatOptions {
  bool color = false;   // ANSI colours, for formats that people read on a terminal
  unsigned width = 80;  // columns, likewise
  std::string directory =
      {};  // of the run, as people would type it; empty: not known, DIR is printed
};

struct FormatKind {
  std::string_view name;       // `--as` value: "junit"
  std::string_view summary;    // one line
  std::string_view file_name;  // in the run directory: "junit.xml"; empty: not written by default
  // Pure: the same record gives the same bytes.
  std::string (*render)(const RunRecord& record, const FormatOptions& options) = nullptr;
};

using FormatRegistry = Registry<FormatKind>;

}  // namespace squall::model
namespace squall::reports {
using model::FormatRegistry;
// Generated from the files in reports/formats.
void register_formats(FormatRegistry& registry);
}  // namespace squall::reports
