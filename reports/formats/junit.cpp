// junit: JUnit XML for CI systems, valid against the schema of Ant's JUnit report (the strictest in
// use): one suite, one test case for the run, one for each check, metric of a
// comparison, finding and property of idempotency. fail is a failure, invalid an error,
// inconclusive and warnings are skipped.

#include <algorithm>
#include <cstdint>
#include <vector>

#include <fmt/core.h>

#include "loadgen/base/time_text.hpp"
#include "loadgen/model/report_format.hpp"
#include "reports/formats/common/comparison_text.hpp"
#include "reports/formats/common/escape.hpp"
#include "reports/formats/common/headline.hpp"
#include "reports/formats/common/idempotency_text.hpp"
#include "reports/formats/common/summary.hpp"

namespace squall::reports {
namespace {

using model::RunRecord;
using model::Verdict;

struct TestCase {
  std::string_view class_name;
  std::string name;  // outside text
  Verdict verdict = Verdict::kPass;
  bool only_warns = false;  // a failure that does not fail the run
  double seconds = 0;
  std::string message = {};  // one line, outside text
  std::vector<std::string> details = {};
};

TestCase case_of_run(const RunRecord& record) {
  TestCase result{.class_name = "squall.run", .name = "verdict", .verdict = record.verdict};
  result.seconds = to_seconds(record.measured_duration);
  result.message =
      fmt::format("{} (exit {})", headline_text(record), static_cast<int>(record.exit_code));
  result.details = record.reasons;
  return result;
}

TestCase case_of_check(const model::CheckResult& check) {
  TestCase result{.class_name = "squall.check", .name = check.source, .verdict = check.verdict};
  result.message = check.value_text.empty() ? "" : "it was " + check.value_text;
  if (!check.note.empty()) {
    result.message += (result.message.empty() ? "" : "; ") + check.note;
  }
  return result;
}

TestCase case_of_finding(const model::Finding& finding, const std::string& directory) {
  TestCase result{.class_name = "squall.finding", .name = finding.id, .verdict = finding.verdict};
  result.only_warns = !finding.required;
  result.message = finding.summary;
  result.details = finding.evidence;
  result.details.insert(result.details.end(), finding.remedies.begin(), finding.remedies.end());
  if (!finding.reproducer.empty()) {
    result.details.push_back("reproduce: " + with_directory(finding.reproducer, directory));
  }
  return result;
}

// Called by number and stable name, so that a CI system knows it again.
TestCase case_of_property(const RunRecord& record, const model::PropertyResult& property,
                          const std::string& directory) {
  const auto finding =
      std::find_if(record.findings.begin(), record.findings.end(),
                   [&](const auto& one) { return one.id == model::finding_id(property); });
  TestCase result{.class_name = "squall.property", .name = model::property_id(property)};
  result.message = property_sentence(property);
  if (finding == record.findings.end()) {
    result.verdict = Verdict::kInconclusive;
    result.message = "not tested: " + result.message;
    return result;
  }
  result.verdict = finding->verdict;
  result.only_warns = !finding->required;
  result.details = {"promise: " + property.promise, "provocation: " + property.provocation};
  result.details.insert(result.details.end(), property.evidence.begin(), property.evidence.end());
  result.details.insert(result.details.end(), property.remedies.begin(), property.remedies.end());
  if (!property.reproducer.empty()) {
    result.details.push_back("reproduce: " + with_directory(property.reproducer, directory));
  }
  if (const std::string rate = hit_rate_text(property); !rate.empty()) {
    result.details.push_back("reproducer: " + rate);
  }
  return result;
}

// Called by what is measured where, so that a CI system knows it again.
TestCase case_of_metric(const model::MetricComparison& metric) {
  TestCase result{.class_name = "squall.comparison", .name = model::name_of(metric)};
  result.verdict = metric.verdict == model::ComparisonVerdict::kWorse ? Verdict::kFail
                   : metric.verdict == model::ComparisonVerdict::kInconclusive
                       ? Verdict::kInconclusive
                       : Verdict::kPass;
  result.message =
      fmt::format("{}: {} ({}), {} to {}; tolerance {}", model::to_string(metric.verdict),
                  difference_text(metric), interval_text(metric), base_text(metric),
                  candidate_text(metric), tolerance_text(metric));
  if (!metric.note.empty()) {
    result.message += "; " + metric.note;
  }
  return result;
}

std::vector<TestCase> cases_of(const RunRecord& record, const std::string& directory) {
  std::vector<TestCase> cases = {case_of_run(record)};
  for (const model::CheckResult& check : record.checks) {
    cases.push_back(case_of_check(check));
  }
  if (record.comparison != nullptr) {
    for (const model::MetricComparison& metric : record.comparison->metrics) {
      cases.push_back(case_of_metric(metric));
    }
  }
  for (const model::Finding& finding : record.findings) {
    if (property_of(record.idempotency.get(), finding) == nullptr) {
      cases.push_back(case_of_finding(finding, directory));
    }
  }
  if (record.idempotency != nullptr) {
    for (const model::PropertyResult& property : record.idempotency->properties) {
      cases.push_back(case_of_property(record, property, directory));
    }
  }
  return cases;
}

// The element of a test case that did not pass; empty for one that did.
std::string_view element_of(const TestCase& test) {
  switch (test.verdict) {
    case Verdict::kPass:
      return "";
    case Verdict::kFail:
      return test.only_warns ? "skipped" : "failure";
    case Verdict::kInvalid:
      return test.only_warns ? "skipped" : "error";
    case Verdict::kInconclusive:
      return "skipped";
  }
  return "";
}

std::size_t count(const std::vector<TestCase>& cases, std::string_view element) {
  return static_cast<std::size_t>(
      std::count_if(cases.begin(), cases.end(),
                    [&](const TestCase& test) { return element_of(test) == element; }));
}

std::string body_of(const TestCase& test, std::string_view element) {
  std::string message = test.only_warns ? "warning: " + test.message : test.message;
  std::string text = fmt::format("      <{} message=\"{}\"", element, xml_text(message));
  if (element == "skipped") {
    return text + "/>\n";
  }
  text += fmt::format(" type=\"{}\">", model::to_string(test.verdict));
  for (const std::string& detail : test.details) {
    text += xml_text(detail) + "\n";
  }
  return text + fmt::format("</{}>\n", element);
}

std::string render_case(const TestCase& test) {
  const std::string_view element = element_of(test);
  std::string text = fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\"",
                                 test.class_name, xml_text(test.name), test.seconds);
  return element.empty() ? text + "/>\n"
                         : text + ">\n" + body_of(test, element) + "    </testcase>\n";
}

std::string property(std::string_view name, std::string_view value) {
  return fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", name, xml_text(value));
}

std::string model_properties(const RunRecord& record) {
  std::string text;
  for (const model::RecordedScenario& scenario : record.scenarios) {
    text += property(fmt::format("squall.model.{}", xml_text(scenario.name)),
                     fmt::format("{}: {}", model::to_string(scenario.load_model), scenario.load));
  }
  return text;
}

std::string properties_of(const RunRecord& record) {
  return "    <properties>\n" + property("squall.version", record.squall_version) +
         property("squall.plan", record.plan_file) +
         property("squall.seed", std::to_string(record.seed)) +
         property("squall.run_id", record.run_id) +
         property("squall.plan_digest", model::digest_text(record.plan_digest)) +
         model_properties(record) + property("squall.verdict", model::to_string(record.verdict)) +
         property("squall.exit_code", std::to_string(static_cast<int>(record.exit_code))) +
         property("squall.command", record.command) + "    </properties>\n";
}

std::string output_of(const RunRecord& record) {
  std::string text = "    <system-out>";
  for (const StepRow& row : step_rows(record)) {
    text += xml_text(fmt::format("{} {}: {} operations, {} errors, p50 {}, p99 {}, max {}",
                                 row.step, model::to_string(row.exposure), row.counts.total(),
                                 row.errors, percentile_text(row.response, 50),
                                 percentile_text(row.response, 99), max_text(row.response))) +
            "\n";
  }
  return text + "</system-out>\n    <system-err></system-err>\n";
}

std::string render(const RunRecord& record, const model::FormatOptions& options) {
  const std::vector<TestCase> cases = cases_of(record, options.directory);
  std::string started;
  append_iso8601(record.started, started);
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  // The schema wants a name of at least one character and a time without fraction and zone.
  text += fmt::format(
      "  <testsuite id=\"0\" package=\"squall\" name=\"{}\" hostname=\"localhost\" "
      "timestamp=\"{}\" "
      "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.3f}\">\n",
      record.plan_name.empty() ? "plan" : xml_text(record.plan_name), started.substr(0, 19),
      cases.size(), count(cases, "failure"), count(cases, "error"), count(cases, "skipped"),
      to_seconds(record.measured_duration));
  text += properties_of(record);
  for (const TestCase& test : cases) {
    text += render_case(test);
  }
  return text + output_of(record) + "  </testsuite>\n</testsuites>\n";
}

}  // namespace

void register_format_junit(model::FormatRegistry& registry);
void register_format_junit(model::FormatRegistry& registry) {
  registry.add(
      {.name = "junit",
       .summary = "JUnit XML: a test case for the run and for each check, finding and property",
       .file_name = "junit.xml",
       .render = render});
}

}  // namespace squall::reports
