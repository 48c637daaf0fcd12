// [baseline]: what later runs of the plan are compared with.
#include <algorithm>
#include <iterator>
#include <memory>

#include "loadgen/model/baseline_plan.hpp"
#include "loadgen/plan/key_tables.hpp"
#include "loadgen/plan/tables.hpp"

namespace squall::plan {
namespace {

using expr::ValueType;

constexpr const char* kPercentileKeys[] = {"response_p50", "response_p90", "response_p99",
                                           "response_p999"};

void read_metrics(expr::TableReader& reader, model::ComparisonSettings& settings, Build& build) {
  const std::vector<std::string_view> known(std::begin(model::kComparedMetrics),
                                            std::end(model::kComparedMetrics));
  const std::vector<expr::LocatedText> metrics = reader.string_list("metrics");
  for (const expr::LocatedText& metric : metrics) {
    if (std::find(known.begin(), known.end(), metric.text) == known.end()) {
      build.diagnostics.error(metric.where, unknown_name("metric", metric.text, known));
    } else {
      settings.metrics.push_back(metric.text);
    }
  }
  if (metrics.empty()) {
    reader.error("metrics", "names no metric; leave the key out to mean all of them");
  }
}

}  // namespace

const expr::TableSpec& baseline_spec() {
  static const expr::TableSpec spec{
      .name = "baseline",
      .help =
          "The accepted run that `squall run` compares with: the first run that passes stores its "
          "record, later ones are held against it, and one that is surely worse by more than the "
          "tolerance is a regression (exit code 6). `--update-baseline` replaces it. `squall "
          "compare` and `squall ab` take the tolerances.",
      .keys = {
          {.name = "directory",
           .type = ValueType::kString,
           .help = "Where its record.json is or will be; beside the plan's file unless absolute. "
                   "`--baseline DIR` says the same for one run. Without either the plan has "
                   "tolerances alone.",
           .example = "\"baselines/checkout\""},
          {.name = "response",
           .type = ValueType::kShare,
           .help = "How much slower does not matter, as a share of the baseline's percentile.",
           .default_value = "5%"},
          {.name = "response_p50", .type = ValueType::kShare, .help = "The same of p50 alone."},
          {.name = "response_p90", .type = ValueType::kShare, .help = "The same of p90 alone."},
          {.name = "response_p99", .type = ValueType::kShare, .help = "The same of p99 alone."},
          {.name = "response_p999", .type = ValueType::kShare, .help = "The same of p99.9 alone."},
          {.name = "response_slack",
           .type = ValueType::kDuration,
           .help = "The same of every percentile, at least, whatever the share comes to.",
           .default_value = "100us"},
          {.name = "error_rate",
           .type = ValueType::kShare,
           .help = "How many points more of errors do not matter.",
           .default_value = "0.1%"},
          {.name = "rate",
           .type = ValueType::kShare,
           .help = "How much less is achieved does not matter: points of the offered operations "
                   "with arrivals, a share of the rate with users.",
           .default_value = "1%"},
          {.name = "metrics",
           .type = ValueType::kStringList,
           .help = "Which are compared: `response p50`, `response p90`, `response p99`, `response "
                   "p99.9`, `error_rate`, `rate`, `effects`; all unless given. The fewer, the "
                   "smaller the differences that can be shown.",
           .example = "[\"response p99\", \"error_rate\"]"},
      }};
  return spec;
}

void read_baseline(const expr::Value& table, Build& build) {
  expr::TableReader reader(table, baseline_spec(), build.scope, build.diagnostics);
  auto baseline = std::make_shared<model::BaselinePlan>();
  model::ComparisonSettings& settings = baseline->settings;
  if (reader.has("directory")) {
    baseline->directory = reader.string("directory");
    if (baseline->directory.empty()) {
      reader.error("directory", "is empty; write a path, for example \"baselines/checkout\"");
    }
  }
  settings.response = reader.share("response").fraction;
  for (std::size_t i = 0; i < std::size(kPercentileKeys); ++i) {
    if (reader.has(kPercentileKeys[i])) {
      settings.response_at[i] = reader.share(kPercentileKeys[i]).fraction;
    }
  }
  settings.response_slack = reader.duration("response_slack");
  settings.error_rate = reader.share("error_rate").fraction;
  settings.rate = reader.share("rate").fraction;
  if (reader.has("metrics")) {
    read_metrics(reader, settings, build);
  }
  build.plan.baseline = std::move(baseline);
}

}  // namespace squall::plan
