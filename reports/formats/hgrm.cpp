// hgrm: the percentile table that HdrHistogram's plotters read: response of all measured
// operations, in milliseconds. One distribution per file is what they take; single steps are in the
// .hlog.

#include "loadgen/model/report_format.hpp"
#include "loadgen/stats/histogram_log.hpp"

namespace squall::reports {
namespace {

constexpr double kMicrosecondsPerMillisecond = 1000;

std::string render(const model::RunRecord& record, const model::FormatOptions& /*options*/) {
  stats::Histogram merged(stats::kSpanLayout);
  for (const auto& [key, histogram] : record.operations) {
    if (model::is_measured(key.phase)) {
      merged.merge(histogram);
    }
  }
  return stats::to_hgrm(merged, kMicrosecondsPerMillisecond);
}

}  // namespace

void register_format_hgrm(model::FormatRegistry& registry);
void register_format_hgrm(model::FormatRegistry& registry) {
  registry.add({.name = "hgrm",
                .summary = "percentile table for HdrHistogram plotters, all measured operations",
                .file_name = "",
                .render = render});
}

}  // namespace squall::reports
