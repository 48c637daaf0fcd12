#include "loadgen/app/catalogue_run.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include <fmt/core.h>

#include "loadgen/app/output.hpp"
#include "loadgen/app/run_directory.hpp"
#include "loadgen/app/run_session.hpp"
#include "loadgen/app/terminal.hpp"
#include "loadgen/app/verification_session.hpp"

namespace squall::app {
namespace {

using model::ExitCode;

struct Side {
  std::string name;   // of its directory
  std::string title;  // for people
  PlanOptions plan;
  ExitCode expected;
  SessionResult session = {};
};

PlanOptions plan_options(const std::string& file, std::vector<std::string> fixed,
                         const CatalogueRunOptions& options) {
  PlanOptions plan = options.plan;
  plan.file = file;
  // What a person says comes last, so that it counts.
  fixed.insert(fixed.end(), plan.set.begin(), plan.set.end());
  plan.set = std::move(fixed);
  return plan;
}

bool is_about(const model::Finding& finding, const std::string& id) {
  return finding.detector == id && finding.verdict == model::Verdict::kFail;
}

bool is_caught(const Side& side, const std::string& id) {
  const std::vector<model::Finding>& findings = side.session.record.findings;
  return std::any_of(findings.begin(), findings.end(),
                     [&](const model::Finding& finding) { return is_about(finding, id); });
}

// False when there was nothing to run or somebody stopped it.
bool run_side(Side& side, const CatalogueRow& row, const std::string& directory,
              const Terminal& terminal, const CatalogueRunOptions& options,
              const run::StopSignal& stop) {
  const auto plan = load_plan(side.plan);
  if (!plan) {
    return false;
  }
  if (plan->services.empty()) {
    say("squall: `catalogue run` breaks and mends the plan's own services, and it has none "
        "now: for a service of your own, run the plan as its first lines say (`squall "
        "catalogue show {}`)\n",
        options.id);
    return false;
  }
  if (!options.quiet) {
    terminal.print(fmt::format("\n=== {}: {} ===\n", options.id, side.title));
  }
  const auto view = terminal.make_view();
  const SessionOptions session{.directory = fmt::format("{}/{}", directory, side.name),
                               .command = command_that_repeats(side.plan, *plan),
                               .strict = true};  // what was not judged is no pass
  side.session =
      row.page->properties.empty()
          ? run_session(plan, session, *view, stop)
          : run_verification(plan, session, {.only = property_numbers(row.page->properties)}, *view,
                             stop);
  if (!side.session.directory.empty()) {
    terminal.print_summary(side.session.record, side.session.directory);
  }
  return !stop.raised();
}

std::string comparison(const std::string& id, const Side& broken, const Side& fixed) {
  const auto row = [&](std::string_view what, auto value) {
    return fmt::format("{:<28}{:>16}{:>16}\n", what, value(broken), value(fixed));
  };
  std::string text = fmt::format("\n{:<28}{:>16}{:>16}\n", id, broken.name, fixed.name);
  text += row("named", [&](const Side& side) { return is_caught(side, id) ? "yes" : "no"; });
  text += row("verdict", [](const Side& side) {
    return std::string(model::to_string(side.session.record.verdict));
  });
  text +=
      row("exit code", [](const Side& side) { return static_cast<int>(side.session.exit_code); });
  text += row("expected", [](const Side& side) { return static_cast<int>(side.expected); });
  for (const model::Finding& finding : broken.session.record.findings) {
    if (is_about(finding, id)) {
      text += fmt::format("\n{}\n", finding.summary);
      break;
    }
  }
  return text;
}

ExitCode judge(const std::string& id, const Side& broken, const Side& fixed) {
  ExitCode code = ExitCode::kPass;
  const auto complain = [&](const std::string& what, const Side& side) {
    say("\nsquall: {}: see {}\n", what, side.session.directory);
    code = ExitCode::kCheckFailed;
  };
  if (!is_caught(broken, id)) {
    complain(fmt::format("with the defect, {} was not found", id), broken);
  } else if (broken.session.exit_code != broken.expected) {
    complain(
        fmt::format("with the defect, the run ended with exit code {} instead of {}",
                    static_cast<int>(broken.session.exit_code), static_cast<int>(broken.expected)),
        broken);
  }
  if (fixed.session.exit_code != fixed.expected) {
    complain(
        fmt::format("with the remedy, the run ended with exit code {} instead of {}",
                    static_cast<int>(fixed.session.exit_code), static_cast<int>(fixed.expected)),
        fixed);
  }
  return code;
}

}  // namespace

ExitCode run_catalogue_row(const CatalogueRow& row, const CatalogueRunOptions& options,
                           const run::StopSignal& stop) {
  const Terminal terminal(options.quiet ? Verbosity::kQuiet : Verbosity::kNormal,
                          options.no_color ? Color::kNever : Color::kAuto);
  const auto directory = make_fresh_directory("catalogue-" + row.id);
  const std::string file = directory ? fmt::format("{}/{}.toml", *directory, row.id) : "";
  const auto written = directory ? write_file(file, row.plan_text) : fail(directory.error());
  if (!written) {
    say("squall: {}\n", to_string(written.error()));
    return ExitCode::kNotWritten;
  }
  Side broken{.name = "broken",
              .title = "with the defect",
              .plan = plan_options(file, {}, options),
              .expected = row.part == "A" ? ExitCode::kCorrectness : ExitCode::kCheckFailed};
  Side fixed{.name = "fixed",
             .title = "with the remedy",
             .plan = plan_options(file, row.page->fixed, options),
             .expected = ExitCode::kPass};
  for (Side* side : {&broken, &fixed}) {
    if (!run_side(*side, row, *directory, terminal, options, stop)) {
      return !stop.raised() ? ExitCode::kUsage : static_cast<ExitCode>(128 + stop.signal());
    }
  }
  terminal.print(comparison(row.id, broken, fixed));
  return judge(row.id, broken, fixed);
}

}  // namespace squall::app
