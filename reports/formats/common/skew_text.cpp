#include "reports/formats/common/skew_text.hpp"

#include <fmt/core.h>

#include "loadgen/base/span_text.hpp"

namespace squall::reports {

std::vector<std::string> skew_lines(const model::SkewSweep& sweep) {
  std::vector<std::string> lines;
  if (!sweep.problem.empty()) {
    lines.push_back(sweep.step + ": the sweep was given up: " + sweep.problem);
  }
  lines.push_back(fmt::format("{} into the past: {}", sweep.step,
                              model::edge_text(sweep.past, sweep.to, "old")));
  lines.push_back(fmt::format("{} into the future: {}", sweep.step,
                              model::edge_text(sweep.future, sweep.to, "ahead of time")));
  std::string promised;
  if (sweep.declares_window) {
    promised += fmt::format("{} old", span_text(sweep.window));
  }
  if (sweep.declares_ahead) {
    promised +=
        fmt::format("{}{} ahead of time", promised.empty() ? "" : ", ", span_text(sweep.ahead));
  }
  if (!promised.empty()) {
    lines.push_back(fmt::format("promised: {}, leeway {}", promised, span_text(sweep.leeway)));
  }
  lines.push_back("the target's clock: " + sweep.clock_text +
                  "; edges are distances from squall's clock");
  lines.push_back(fmt::format("{} requests at {} offsets, found to {}", sweep.requests,
                              sweep.points.size(), span_text(sweep.resolution)));
  return lines;
}

}  // namespace squall::reports
