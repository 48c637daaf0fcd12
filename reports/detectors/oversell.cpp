// oversell: more is sold than there was. Rounds: pieces are put into stock, more buyers than pieces
// come at one moment, and what is left is read. Sales are those that were acknowledged and those
// that the oracle counts; pieces that somebody may have put there without an answer count as there.
#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/model/detector.hpp"
#include "loadgen/model/detector_settings.hpp"
#include "loadgen/model/selection.hpp"
#include "reports/detectors/common/effect_evidence.hpp"
#include "reports/detectors/common/effect_steps.hpp"
#include "reports/detectors/common/judging.hpp"
#include "reports/detectors/common/spec.hpp"
#include "reports/detectors/common/unexpected_answers.hpp"

namespace squall::reports {
namespace {

using model::Finding;
using model::OperationOutcome;
using model::RunRecord;
using model::SettingsReader;
using model::Verdict;

constexpr std::string_view kName = "oversell";

const expr::TableSpec& settings_spec() {
  static const expr::TableSpec spec{
      .name = "detector.oversell",
      .help = "",
      .keys = {
          steps_key("stock",
                    "Steps that put pieces into stock, one for each round. The effect steps of "
                    "the same scenario buy one piece each."),
          {.name = "pieces",
           .type = expr::ValueType::kString,
           .help = "How many pieces each of them puts there, in the order of `stock`.",
           .default_value = "1",
           .example = "\"1, 5, 50\""},
          steps_key("left",
                    "Steps of these scenarios that read, after a round whose buyers were more "
                    "than the pieces, what is left: their `expect` says that it is nothing."),
          least_key("20", "Rounds of each stock.")}};
  return spec;
}

struct Stock {
  std::string step;          // "round.stock-up"
  std::string scenario;      // "round"
  std::uint64_t pieces = 0;  // of each round
};

std::optional<std::uint64_t> pieces_from(const std::string& text) {
  std::uint64_t pieces = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, code] = std::from_chars(text.data(), end, pieces);
  const bool fits = code == std::errc() && stopped == end && pieces > 0 && pieces < 1'000'000'000;
  return fits ? std::optional(pieces) : std::nullopt;
}

// What became of the rounds of one stock.
struct Rounds {
  std::uint64_t rounds = 0;       // acknowledged
  std::uint64_t maybe = 0;        // rounds without an answer
  std::uint64_t buyers = 0;       // operations
  std::uint64_t acked = 0;        // of them
  std::uint64_t unknown = 0;      // of them
  std::uint64_t sold = 0;         // as the oracle counts
  std::uint64_t reads = 0;        // of what is left, that were answered
  std::uint64_t wrong_reads = 0;  // that did not say what they should
};

Rounds rounds_of(const RunRecord& record, const Stock& stock,
                 const std::vector<std::string>& left) {
  Rounds result;
  const model::OperationCounts filled =
      model::count_operations(record, {.step = stock.step, .exposure = {}, .phase = {}});
  result.rounds = filled.outcomes[static_cast<std::size_t>(OperationOutcome::kAcked)];
  result.maybe = filled.outcomes[static_cast<std::size_t>(OperationOutcome::kUnknown)];
  for (const model::EffectCounts& counts : record.effects.steps) {
    if (model::selects_step(stock.scenario, counts.step)) {
      result.buyers += counts.operations;
      result.acked += counted(counts, OperationOutcome::kAcked);
      result.unknown += counted(counts, OperationOutcome::kUnknown);
      result.sold += counts.effects;
    }
  }
  std::vector<std::string> readers;
  for (const model::RecordedStep& step : record.steps) {
    if (!left.empty() && is_selected(left, step.name) &&
        model::selects_step(stock.scenario, step.name)) {
      readers.push_back(step.name);
    }
  }
  const UnexpectedAnswers reads = unexpected_answers(record, readers);
  result.reads = reads.answers - reads.missing;
  result.wrong_reads = reads.unexpected;
  return result;
}

bool sales_are_known(const RunRecord& record, const Stock& stock, Finding& finding) {
  return std::all_of(record.effects.steps.begin(), record.effects.steps.end(),
                     [&](const model::EffectCounts& counts) {
                       return !model::selects_step(stock.scenario, counts.step) ||
                              effects_are_known(record, counts, finding);
                     });
}

void accuse(Finding& finding, std::string summary) {
  finding.verdict = Verdict::kFail;
  finding.summary = std::move(summary);
  finding.remedies = {
      "take the piece with one statement that only succeeds when there is one: UPDATE … SET "
      "quantity = quantity - 1 WHERE quantity > 0",
      "or lock the row before it is read (SELECT … FOR UPDATE), in the transaction that writes it",
      "let the database refuse what must not be: CHECK (quantity >= 0)"};
}

void judge(const RunRecord& record, const SettingsReader& settings, const Stock& stock,
           Finding& finding) {
  const std::vector<std::string> left = settings.list("left");
  const Rounds all = rounds_of(record, stock, left);
  const std::uint64_t pieces = all.rounds * stock.pieces;
  const std::uint64_t most = (all.rounds + all.maybe) * stock.pieces;
  const std::uint64_t sold = std::max(all.acked, all.sold);
  finding.evidence = {
      fmt::format("{} rounds of {} pieces and {} buyers: {} pieces in all, {} sales acknowledged, "
                  "{} counted, {} without an answer",
                  all.rounds, stock.pieces, all.buyers, pieces, all.acked, all.sold, all.unknown),
      fmt::format("what was left was read {} times, and was not as it should be {} times",
                  all.reads, all.wrong_reads)};
  const bool took_all = all.acked == pieces && all.unknown == 0 && all.maybe == 0;
  if (sold > most) {
    accuse(finding, fmt::format("{} pieces were sold of the {} that were there", sold, most));
  } else if (!sales_are_known(record, stock, finding)) {
    return;
  } else if (took_all && all.wrong_reads > 0) {
    accuse(finding, fmt::format("all {} pieces were sold, and {} times that is not what was left",
                                pieces, all.wrong_reads));
  } else if (all.rounds < settings.count("least")) {
    set_inconclusive(finding,
                     fmt::format("{} rounds; it takes {}", all.rounds, settings.text("least")));
  } else if (all.buyers <= most) {
    set_inconclusive(finding, fmt::format("{} buyers for {} pieces: nobody had to be refused",
                                          all.buyers, most));
  } else if (!took_all) {
    set_inconclusive(finding,
                     fmt::format("{} of {} pieces were sold, so rounds may have ended before the "
                                 "last piece was gone, where it is sold twice",
                                 sold, most));
  } else if (!left.empty() && all.reads < settings.count("least")) {
    set_inconclusive(finding, fmt::format("what was left was read {} times; it takes {}", all.reads,
                                          settings.text("least")));
  } else {
    finding.verdict = Verdict::kPass;
    finding.summary = fmt::format("{} buyers, {} pieces, {} sales", all.buyers, pieces, all.acked);
  }
}

std::vector<Finding> detect(const RunRecord& record) {
  std::vector<Finding> findings;
  if (!is_asked(record, kName) || !record.effects.counted) {
    return findings;
  }
  const SettingsReader settings(record, kName, settings_spec());
  const std::vector<std::string> steps = settings.list("stock");
  const std::vector<std::string> pieces = settings.list("pieces");
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::string scenario = steps[i].substr(0, steps[i].find('.'));
    const auto count = i < pieces.size() ? pieces_from(pieces[i]) : std::nullopt;
    Finding finding = finding_of(kName, scenario);
    finding.about_effects = true;
    if (count) {
      judge(record, settings, {steps[i], scenario, *count}, finding);
    } else {
      set_invalid(finding, fmt::format("`pieces` does not say how many pieces {} puts into stock",
                                       printable(steps[i])));
    }
    add_oracle_problems(record, finding);
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace

void register_detector_oversell(model::DetectorRegistry& registry);
void register_detector_oversell(model::DetectorRegistry& registry) {
  registry.add({.name = kName,
                .summary = "more is sold than there was",
                .needs = "steps with `effect` that buy, an [[effects.oracle]] that counts sales, "
                         "and `stock` in [detector.oversell]",
                .detect = detect,
                .settings = &settings_spec(),
                .needs_effects = true});
}

}  // namespace squall::reports
