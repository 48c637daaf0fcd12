// Turns a run record and what its plan asked for into checks, findings, the verdict and the exit
// code (DESIGN §4, §7).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "loadgen/expr/condition.hpp"
#include "loadgen/model/detector.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::reports {

// What the plan and the command line want judged. A value.
struct JudgeInputs {
  std::vector<expr::Condition> require;
  std::vector<std::string> findings;  // detectors that must stay silent
  bool strict = false;                // --strict: inconclusive is exit 7, warnings of properties 1
  // By fault: the share of attempts that it was to choose. Without an entry it must choose one.
  std::map<std::string, double> fault_shares;
  // What a run that a signal ended exits with when nothing worse holds: kInterrupted or
  // kTerminated.
  model::ExitCode signal_code = model::ExitCode::kInterrupted;
};
[[nodiscard]] JudgeInputs judge_inputs(const model::Checks& checks);
[[nodiscard]] std::map<std::string, double> fault_shares(const model::Plan& plan);

// Fills record.checks, findings, verdict, exit_code and reasons from the rest of the record; what
// stood there before is replaced, so judging again gives the same. Never fails.
//
// Each of these holds or not, and model::worse picks the exit code:
//   4  attempts were made and all of them were refused or timed out without a byte of an answer
//   5  a check or a required finding about effects failed; a property of idempotency failed by more
//      than an answer
//   3  a check or a required finding is invalid (voided by a breach, undecided keys, an oracle
//      whose counts were still changing); keys are undecided and an effect check failed anyway; a
//      verification could not count effects; a breach in a run whose plan judges nothing; the
//      injection was not as planned
//   6  the comparison with the baseline says worse
//   1  another check or required finding failed; the run was ended by its own `abort_when`; with
//      `strict` a property of idempotency warns
//   7  with `strict`: a check, a required finding or the comparison is inconclusive, a property of
//      idempotency was not tested, or the record is incomplete
//   signal_code  the run was interrupted
// The injection was not as planned when a fault decided nothing although traffic could have been
// touched (unless so few attempts could have been that this is chance, 1% or more: that is
// inconclusive), or when a decided one did not fire although the attempt got to its point (what the
// target pre-empted is told, not punished, and so is what was open when squall was killed).
// Reasons: one sentence for each thing that made the verdict; then warnings, marked "warning: ",
// that did not.
void judge(model::RunRecord& record, const JudgeInputs& inputs,
           const model::DetectorRegistry& detectors);

}  // namespace squall::reports
