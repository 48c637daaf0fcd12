#include "loadgen/app/comparison_options.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "loadgen/app/option_checks.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"

namespace squall::app {
namespace {

// In the order of ComparisonSettings::response_at.
constexpr std::string_view kPercentileNames[] = {"response_p50", "response_p90", "response_p99",
                                                 "response_p999"};
constexpr std::string_view kSlack = "response_slack";

std::vector<std::string_view> tolerance_names() {
  std::vector<std::string_view> names = {"response", kSlack, "error_rate", "rate"};
  names.insert(names.end(), std::begin(kPercentileNames), std::end(kPercentileNames));
  return names;
}

std::pair<std::string, std::string> split(const std::string& text) {
  const std::size_t equals = text.find('=');
  return {text.substr(0, equals), equals == std::string::npos ? "" : text.substr(equals + 1)};
}

std::string no_tolerance(const std::string& text) {
  const auto [name, value] = split(text);
  const std::vector<std::string_view> names = tolerance_names();
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    return fmt::format("no tolerance is named \"{}\"; write {}=VALUE, for example response=5%",
                       printable(name), join_or(names));
  }
  return name == kSlack ? no_duration(value) : no_share(value);
}

std::string no_metric(const std::string& text) {
  const std::vector<std::string_view> names(std::begin(model::kComparedMetrics),
                                            std::end(model::kComparedMetrics));
  return std::find(names.begin(), names.end(), text) != names.end()
             ? ""
             : fmt::format("no metric is named \"{}\": write {}", printable(text), join_or(names));
}

void apply(const std::string& text, model::ComparisonSettings& settings) {
  const auto [name, value] = split(text);
  if (name == kSlack) {
    settings.response_slack = parse_duration(value).value_or(settings.response_slack);
    return;
  }
  const double share = parse_share(value).value_or(Share{}).fraction;
  if (name == "response") {
    settings.response = share;
  } else if (name == "error_rate") {
    settings.error_rate = share;
  } else if (name == "rate") {
    settings.rate = share;
  } else {
    const auto* const found =
        std::find(std::begin(kPercentileNames), std::end(kPercentileNames), name);
    settings.response_at.at(static_cast<std::size_t>(found - std::begin(kPercentileNames))) = share;
  }
}

}  // namespace

void add_comparison_options(CLI::App& command, ComparisonOptions& options) {
  command
      .add_option("--tolerance", options.tolerances,
                  "A difference that does not matter: response=5% (of each percentile; "
                  "response_p99=10% of one), response_slack=100us, error_rate=0.1% (points), "
                  "rate=1%")
      ->type_name("NAME=VALUE")
      ->check(CLI::Validator(no_tolerance, ""))
      ->allow_extra_args(false);
  command
      .add_option("--metric", options.metrics,
                  "Compare this alone, may be repeated: \"response p50\" (p90, p99, p99.9), "
                  "error_rate, rate, effects. The fewer, the smaller the differences that can be "
                  "shown")
      ->type_name("NAME")
      ->check(CLI::Validator(no_metric, ""))
      ->allow_extra_args(false);
}

model::ComparisonSettings with_options(model::ComparisonSettings settings,
                                       const ComparisonOptions& options) {
  for (const std::string& tolerance : options.tolerances) {
    apply(tolerance, settings);
  }
  if (!options.metrics.empty()) {
    settings.metrics = options.metrics;
  }
  return settings;
}

model::ExitCode exit_code_of(model::ComparisonVerdict verdict, bool strict) {
  switch (verdict) {
    case model::ComparisonVerdict::kSame:
    case model::ComparisonVerdict::kBetter:
      return model::ExitCode::kPass;
    case model::ComparisonVerdict::kInconclusive:
      return strict ? model::ExitCode::kInconclusive : model::ExitCode::kPass;
    case model::ComparisonVerdict::kWorse:
      return model::ExitCode::kRegression;
  }
  return model::ExitCode::kInternal;
}

}  // namespace squall::app
