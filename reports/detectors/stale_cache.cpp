// stale-cache: readers get what was there before a write, longer than they may, or again after
// somebody has seen the new value. The plan writes, waits for the bound, and reads over many
// connections with an `expect` for the new value; this counts the answers that had another one.
// Errors are no old values.
#include <fmt/core.h>

#include "loadgen/model/detector.hpp"
#include "loadgen/model/detector_settings.hpp"
#include "loadgen/model/selection.hpp"
#include "reports/detectors/common/effect_evidence.hpp"
#include "reports/detectors/common/judging.hpp"
#include "reports/detectors/common/spec.hpp"
#include "reports/detectors/common/unexpected_answers.hpp"

namespace squall::reports {
namespace {

using model::Finding;
using model::RunRecord;
using model::SettingsReader;
using model::Verdict;

constexpr std::string_view kName = "stale-cache";

const expr::TableSpec& settings_spec() {
  static const expr::TableSpec spec{
      .name = "detector.stale-cache",
      .help = "",
      .keys = {steps_key("on",
                         "Steps that read when the new value has to be there: their `expect` says "
                         "which it is."),
               steps_key("write", "Steps that write the new value."),
               least_key("1000",
                         "Reads that were answered; and one write for every twenty of "
                         "them.")}};
  return spec;
}

std::uint64_t writes_of(const RunRecord& record, const std::vector<std::string>& steps) {
  std::uint64_t writes = 0;
  for (const std::string& step : steps) {
    writes += model::count_operations(record, {.step = step, .exposure = {}, .phase = {}})
                  .outcomes[static_cast<std::size_t>(model::OperationOutcome::kAcked)];
  }
  return writes;
}

Finding judge(const RunRecord& record, const SettingsReader& settings,
              const std::vector<std::string>& readers) {
  constexpr std::uint64_t kReadsOfAWrite = 20;
  const std::uint64_t least = settings.count("least");
  const UnexpectedAnswers reads = unexpected_answers(record, readers);
  const std::uint64_t old = reads.unexpected + reads.missing;
  const std::uint64_t writes = writes_of(record, settings.list("write"));
  Finding finding = finding_of(kName, names_text(readers));
  finding.about_effects = true;
  finding.evidence = {fmt::format("{} writes, {} reads after them, {} answers that were errors",
                                  writes, reads.answers, reads.errors)};
  finding.evidence.insert(finding.evidence.end(), reads.demands.begin(), reads.demands.end());
  if (old > 0) {
    finding.verdict = Verdict::kFail;
    finding.summary = fmt::format(
        "{} of {} reads had an old value when the new one had to be there", old, reads.answers);
    finding.evidence.push_back("share of these reads: " + rate_text(old, reads.answers));
    finding.remedies = {
        "invalidate on write: take the value out of every cache before the write, keep it out "
        "until "
        "it is committed, and answer the writer only then",
        "let a reader keep only what nobody has changed since it began to read",
        "put a version into the cache's key, or ask the store for the version on each read",
        "where an old value does no harm, say for how long, and let the time to live be that"};
  } else if (reads.answers < least || writes < least / kReadsOfAWrite) {
    set_inconclusive(finding, fmt::format("{} reads after {} writes; it takes {} after {}",
                                          reads.answers, writes, least, least / kReadsOfAWrite));
  } else {
    finding.verdict = Verdict::kPass;
    finding.summary = fmt::format("all {} reads had the new value", reads.answers);
  }
  return finding;
}

std::vector<Finding> detect(const RunRecord& record) {
  const SettingsReader settings(record, kName, settings_spec());
  const std::vector<std::string> readers = settings.list("on");
  std::vector<Finding> findings;
  if (is_asked(record, kName) && !readers.empty()) {
    findings.push_back(judge(record, settings, readers));
  }
  return findings;
}

}  // namespace

void register_detector_stale_cache(model::DetectorRegistry& registry);
void register_detector_stale_cache(model::DetectorRegistry& registry) {
  registry.add({.name = kName,
                .summary = "readers get an old value longer than they may, or again",
                .needs = "steps that read what another one has written, with an `expect` for it, "
                         "named by `on` and `write` in [detector.stale-cache]",
                .detect = detect,
                .settings = &settings_spec()});
}

}  // namespace squall::reports
