// The phases of a run side by side, and how long it took to recover, as several formats show them.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "loadgen/model/run_record.hpp"

namespace squall::reports {

// What one phase of one step comes to, as text: "n/a" where the phase has too little.
struct PhaseCell {
  std::string operations;
  std::string errors;  // "4.2%"
  std::string p99;
  bool worse = false;  // more errors than in the baseline
};
struct PhaseRow {
  std::string step;                 // as in the record: outside text
  std::array<PhaseCell, 3> phases;  // baseline, fault, recovery
  std::string recovered;            // "after 3s", "never", "not enough baseline"…
};
// One for each step with operations; none unless the measured phase is split.
[[nodiscard]] std::vector<PhaseRow> phase_rows(const model::RunRecord& record);

// "baseline 10s, fault 5s, recovery 15s; recovered 3s after the fault's end", with what is missing
// and why; empty unless the measured phase is split.
[[nodiscard]] std::string phases_line(const model::RunRecord& record);

}  // namespace squall::reports
