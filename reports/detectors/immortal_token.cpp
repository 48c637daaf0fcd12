// immortal-token: a token, signature or one-time password is accepted longer than it lives.
//
// Judges the edges that a skew sweep found against what the plan's [skew] declares, with the
// target's own clock taken off. Without a declared window only a credential that never ends is
// wrong.

#include <array>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/span_text.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/model/detector.hpp"

namespace squall::reports {
namespace {

using model::Finding;
using model::RunRecord;
using model::SkewEdge;
using model::SkewEdgeKind;
using model::SkewSweep;
using model::Verdict;

// Both sides may drop fractions of a second, and the sweep's own steps.
constexpr Duration kRounding = std::chrono::seconds(1);
// What FAULTS and the usual guides take for generous: AWS signatures, Kerberos, Stripe's webhooks.
constexpr Duration kUsualWindow = std::chrono::minutes(5);

constexpr std::array<std::string_view, 4> kRemedies = {
    "check exp (and nbf, iat) of each token and the timestamp under each signature, with the "
    "library's own verification switched on",
    "declare one leeway of at most a few minutes (RFC 7519) and use it everywhere; none at all "
    "refuses callers whose clock is a second off",
    "remember nonces or signatures for as long as the window is open, so that a captured request "
    "is not accepted twice",
    "keep the clocks of all replicas disciplined (NTP), and alert on their offset",
};

struct Judgement {
  Verdict verdict = Verdict::kPass;
  std::string summary;
};

// Where an edge lies by the target's clock. Each end is known to the doubt about that clock.
struct Edge {
  Duration accepted_least{};
  Duration refused_most{};
};

// `clock`: how much farther a request is off by the target's clock than by ours, least and most.
Edge by_targets_clock(const SkewEdge& edge, Duration clock_least, Duration clock_most) {
  return {.accepted_least = edge.accepted + clock_least, .refused_most = edge.refused + clock_most};
}

// One edge that was declared to lie at `declared`, give or take the leeway.
Judgement judge_edge(const SkewSweep& sweep, const SkewEdge& edge, const Edge& at,
                     Duration declared, std::string_view what) {
  const std::string promised = fmt::format(
      "{}{} {}", span_text(declared),
      sweep.leeway > Duration::zero() ? fmt::format(" with a leeway of {}", span_text(sweep.leeway))
                                      : "",
      what);
  const std::string found = model::edge_text(edge, sweep.to, what);
  const Duration tolerance = sweep.leeway + kRounding;
  if (edge.kind == SkewEdgeKind::kNone || at.accepted_least > declared + tolerance) {
    return {Verdict::kFail, fmt::format("{} is promised, but {}", promised, found)};
  }
  if (edge.kind == SkewEdgeKind::kFlapping) {
    return {Verdict::kFail, found};
  }
  // The declared leeway may, and need not, be given.
  if (at.refused_most + kRounding < declared) {
    return {Verdict::kFail, fmt::format("{} is promised, but {}", promised, found)};
  }
  return {Verdict::kPass, found};
}

Judgement judge_past(const SkewSweep& sweep) {
  if (sweep.declares_window) {
    return judge_edge(sweep, sweep.past,
                      by_targets_clock(sweep.past, sweep.clock_least, sweep.clock_most),
                      sweep.window, "old");
  }
  const std::string found = model::edge_text(sweep.past, sweep.to, "old");
  const bool wrong =
      sweep.past.kind == SkewEdgeKind::kNone || sweep.past.kind == SkewEdgeKind::kFlapping;
  return {wrong ? Verdict::kFail : Verdict::kPass, found};
}

Judgement judge_future(const SkewSweep& sweep) {
  if (sweep.declares_ahead) {
    return judge_edge(sweep, sweep.future,
                      by_targets_clock(sweep.future, -sweep.clock_most, -sweep.clock_least),
                      sweep.ahead, "ahead of time");
  }
  return {sweep.future.kind == SkewEdgeKind::kFlapping ? Verdict::kFail : Verdict::kPass,
          model::edge_text(sweep.future, sweep.to, "ahead of time")};
}

void add_evidence(const SkewSweep& sweep, Finding& finding) {
  finding.evidence.push_back("into the past: " + model::edge_text(sweep.past, sweep.to, "old"));
  finding.evidence.push_back("into the future: " +
                             model::edge_text(sweep.future, sweep.to, "ahead of time"));
  finding.evidence.push_back(fmt::format("{} requests at {} offsets; the target's clock: {}",
                                         sweep.requests, sweep.points.size(),
                                         printable(sweep.clock_text)));
  const bool both =
      sweep.past.kind == SkewEdgeKind::kFound && sweep.future.kind == SkewEdgeKind::kFound;
  if (both && !sweep.declares_window &&
      std::chrono::abs(sweep.past.accepted - sweep.future.accepted) >
          2 * (kRounding + sweep.resolution)) {
    finding.evidence.emplace_back("the two edges lie at different distances");
  }
  if (sweep.past.kind == SkewEdgeKind::kFound && sweep.past.accepted > kUsualWindow &&
      !sweep.declares_window) {
    finding.evidence.push_back(
        fmt::format("that is more than the usual {}; declare it as skew.window if it is meant",
                    span_text(kUsualWindow)));
  }
}

// A sweep that has no edges to judge; nothing when it has.
bool judge_incomplete(const SkewSweep& sweep, Finding& finding) {
  if (!sweep.problem.empty()) {
    finding.verdict = Verdict::kInvalid;
    finding.summary = "the sweep could not be done: " + printable(sweep.problem, 400);
    return true;
  }
  if (!sweep.points.empty() && sweep.past.kind == SkewEdgeKind::kFlapping &&
      sweep.past.accepted == Duration::zero() && sweep.points.size() == 1) {
    finding.verdict = Verdict::kFail;
    finding.summary = fmt::format("of {} requests with the true time {} were refused",
                                  sweep.requests, sweep.points.front().refused);
    return true;
  }
  if (sweep.declares_window && !sweep.clock_known) {
    finding.verdict = Verdict::kInconclusive;
    finding.summary = "the target's clock is " + printable(sweep.clock_text) +
                      ", so the edges cannot be held against what is promised";
    return true;
  }
  return false;
}

// As an option takes it: whole seconds as such, to be read.
std::string option_time(Duration time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
  return seconds == time ? fmt::format("{}s", seconds.count())
                         : fmt::format("{}ns", std::chrono::nanoseconds(time).count());
}

// The same sweep again, held against the same promises, whatever of them the plan says.
std::string command_of(const RunRecord& record) {
  const SkewSweep& sweep = record.skew;
  std::string command = fmt::format(
      "squall skew {} --step {} --to {} --resolution {}",
      record.plan_file.empty() ? "PLAN" : shell_quote(printable(record.plan_file, 1000)),
      shell_quote(sweep.step), option_time(sweep.to), option_time(sweep.resolution));
  command += sweep.declares_window ? " --window " + option_time(sweep.window) : "";
  command += sweep.declares_ahead ? " --ahead " + option_time(sweep.ahead) : "";
  command += sweep.leeway > Duration::zero() ? " --leeway " + option_time(sweep.leeway) : "";
  return command;
}

std::vector<Finding> detect(const RunRecord& record) {
  const SkewSweep& sweep = record.skew;
  if (!sweep.was_asked_for()) {
    return {};
  }
  Finding finding;
  finding.detector = "immortal-token";
  finding.id = "immortal-token:" + sweep.step;
  if (!judge_incomplete(sweep, finding)) {
    const Judgement past = judge_past(sweep);
    const Judgement future = judge_future(sweep);
    const bool wrong = past.verdict == Verdict::kFail || future.verdict == Verdict::kFail;
    finding.verdict = wrong ? Verdict::kFail : Verdict::kPass;
    finding.summary = past.verdict == Verdict::kFail     ? past.summary
                      : future.verdict == Verdict::kFail ? future.summary
                                                         : past.summary;
  }
  if (!sweep.points.empty()) {
    add_evidence(sweep, finding);
  }
  if (finding.verdict == Verdict::kFail) {
    finding.remedies.assign(kRemedies.begin(), kRemedies.end());
    finding.reproducer = command_of(record);
  }
  return {std::move(finding)};
}

}  // namespace

void register_detector_immortal_token(model::DetectorRegistry& registry);
void register_detector_immortal_token(model::DetectorRegistry& registry) {
  registry.add({.name = "immortal-token",
                .summary = "a token or signature is accepted longer, or earlier, than it lives",
                .needs = "a [skew] table",
                .detect = detect});
}

}  // namespace squall::reports
