// What the history of a run came to.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "loadgen/model/verdict.hpp"

namespace squall::model {

// Something that a checker counts: "lost", "stale".
struct HistoryCount {
  std::string name{};
  std::uint64_t count = 0;
};

// One [[history]] table of the plan, judged.
struct HistoryCheckReport {
  std::string name{};
  std::string check{};               // "register"
  std::vector<std::string> steps{};  // full names
  Verdict verdict = Verdict::kPass;  // never kInvalid
  std::uint64_t operations = 0;      // that were judged: attempts of one operation count once
  std::uint64_t keys = 0;
  std::uint64_t violations = 0;        // things that are wrong: elements, reads, keys
  std::string summary{};               // one sentence
  std::vector<HistoryCount> counts{};  // what the check counts, all of it
  std::vector<std::string> witness{};  // lines: the operations that show the violation
};

struct HistoryReport {
  // Attempts and copies of marked steps, by outcome.
  std::uint64_t ok = 0;
  std::uint64_t fail = 0;
  std::uint64_t info = 0;
  std::uint64_t unread = 0;  // of `fail`: successes of which what they saw could not be taken
  std::vector<HistoryCheckReport> checks{};  // in the plan's order

  [[nodiscard]] std::uint64_t operations() const { return ok + fail + info; }
};

}  // namespace squall::model
