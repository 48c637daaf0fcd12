// How often comparisons raise a false alarm, and how often they find what there is, on seeded
// synthetic records: lognormal responses, 200/s, whose seconds are correlated (0.5) and differ by
// 5%, and whose runs differ by 2%. Prints a table, or with --json one object.
//   squall_compare_power [--json] [COMPARISONS]
#include <cstdlib>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include "tests/reports/compare/power.hpp"

namespace {

using squall::test::RoundCounts;
using squall::test::SyntheticRun;
using squall::test::SyntheticRuns;
using squall::test::Tally;

struct Line {
  const char* name;
  const char* what;
  int figure;
  int of;
};

}  // namespace

int main(int argc, char** argv) {
  bool json = false;
  int comparisons = 200;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--json") {
      json = true;
    } else {
      comparisons = std::max(1, std::atoi(argv[i]));
    }
  }
  const SyntheticRun run;
  SyntheticRun slower = run;
  slower.scale = 1.1;
  SyntheticRun slower_tail = run;
  slower_tail.tail_scale = 1.1;
  const RoundCounts twice{.rounds = 20, .noise_rounds = 3};
  // One run each, longer, and without what only many runs know.
  SyntheticRun one = run;
  one.seconds = 60;
  one.run_deviation = 0;
  SyntheticRun one_slower = one;
  one_slower.scale = 1.1;
  SyntheticRun one_of_many = one;
  one_of_many.run_deviation = run.run_deviation;

  SyntheticRuns same_runs(1);
  const Tally same = tally_rounds(same_runs, run, run, comparisons);
  SyntheticRuns slower_runs(2);
  const Tally found = tally_rounds(slower_runs, run, slower, comparisons);
  SyntheticRuns tail_runs(3);
  const Tally tail = tally_rounds(tail_runs, run, slower_tail, comparisons);
  const Tally longer_tail = tally_rounds(tail_runs, run, slower_tail, comparisons, twice);
  SyntheticRuns single(4);
  const Tally single_same = tally_runs(single, one, one, comparisons);
  const Tally single_found = tally_runs(single, one, one_slower, comparisons);
  const Tally single_hysteresis = tally_runs(single, one_of_many, one_of_many, comparisons);

  const Line lines[] = {
      {"ab_false_alarms", "ab, 10 rounds of 10 s, A/A: any metric better or worse", same.alarms,
       same.comparisons},
      {"ab_power", "ab, 10 rounds of 10 s, all responses +10%: p99 worse", found.p99_worse,
       found.comparisons},
      {"ab_tail_power", "ab, 10 rounds of 10 s, p99 alone +10%: p99 worse", tail.p99_worse,
       tail.comparisons},
      {"ab_long_tail_power", "ab, 20 rounds of 10 s, p99 alone +10%: p99 worse",
       longer_tail.p99_worse, longer_tail.comparisons},
      {"compare_false_alarms", "compare, 60 s, A/A, runs do not differ: any metric",
       single_same.alarms, single_same.comparisons},
      {"compare_power", "compare, 60 s, all responses +10%: worse", single_found.worse,
       single_found.comparisons},
      {"compare_hysteresis", "compare, 60 s, A/A, runs differ by 2%: any metric",
       single_hysteresis.alarms, single_hysteresis.comparisons},
  };
  std::string text = json ? "{" : "";
  for (const Line& line : lines) {
    text += json ? fmt::format("{}\"{}\": {}", text.size() > 1 ? ", " : "", line.name, line.figure)
                 : fmt::format("{:<62}{:>4} of {}\n", line.what, line.figure, line.of);
  }
  fmt::print("{}{}", text, json ? fmt::format(", \"comparisons\": {}}}\n", comparisons) : "");
  return 0;
}
