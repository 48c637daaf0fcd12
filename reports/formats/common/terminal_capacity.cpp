#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "reports/formats/common/capacity_text.hpp"
#include "reports/formats/common/terminal_sections.hpp"
#include "reports/formats/common/text_table.hpp"

namespace squall::reports {
namespace {

constexpr std::size_t kBarColumns = 24;
constexpr std::size_t kRoomForBars = 96;  // columns from which the curve is drawn too
constexpr std::size_t kSentence = 400;

Tone tone_of_stage(model::StageVerdict verdict) {
  switch (verdict) {
    case model::StageVerdict::kPass:
      return Tone::kGood;
    case model::StageVerdict::kFail:
      return Tone::kBad;
    case model::StageVerdict::kInvalid:
    case model::StageVerdict::kInconclusive:
      return Tone::kWarn;
  }
  return Tone::kPlain;
}

std::string bar(Duration value, Duration longest) {
  if (longest <= Duration::zero()) {
    return {};
  }
  const double share = static_cast<double>(value.count()) / static_cast<double>(longest.count());
  const auto columns =
      static_cast<std::size_t>(std::lround(share * static_cast<double>(kBarColumns)));
  std::string text;
  for (std::size_t i = 0; i < std::max<std::size_t>(columns, 1); ++i) {
    text += "▇";
  }
  return text;
}

}  // namespace

std::string capacity_section(const TerminalContext& context) {
  const model::Capacity& capacity = context.record.capacity;
  if (capacity.stages.empty()) {
    return {};
  }
  const std::vector<model::CapacityStage> curve = curve_of(capacity);
  const bool draws = context.options.width >= kRoomForBars;
  std::vector<TextTable::Column> columns = {{"rate"},   {"started"}, {"completed"},
                                            {"errors"}, {"p50"},     {"p99"}};
  if (draws) {
    columns.push_back({"", TextTable::Align::kLeft});
  }
  columns.push_back({"verdict", TextTable::Align::kLeft});
  TextTable table(std::move(columns));
  Duration longest{};
  for (const model::CapacityStage& stage : curve) {
    longest = std::max(longest, stage.p99);
  }
  for (const model::CapacityStage& stage : curve) {
    std::vector<TextTable::Cell> cells = {{format_rate(stage.rate)},
                                          {format_rate(Rate{stage.started_per_s})},
                                          {format_rate(Rate{stage.completed_per_s})},
                                          {format_share(Share{stage.error_rate})},
                                          {format_duration(stage.p50)},
                                          {format_duration(stage.p99)}};
    if (draws) {
      cells.push_back({bar(stage.p99, longest), Tone::kDim});
    }
    cells.push_back({stage_word(stage), tone_of_stage(stage.verdict)});
    table.add(std::move(cells));
  }
  return "\n" + context.style.paint(Tone::kStrong, "Capacity") + "\n" +
         wrapped("  ", printable(capacity_sentence(capacity), kSentence), context.options.width) +
         table.render(context.options.width, context.style);
}

}  // namespace squall::reports
