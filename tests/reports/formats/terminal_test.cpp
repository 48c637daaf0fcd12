// What the terminal's summary leaves out because there is nothing to show.
#include <gmock/gmock.h>

#include <filesystem>

#include "tests/reports/formats/formats_test_support.hpp"
#include "tests/support/files.hpp"
#include "tests/support/sample_record.hpp"

namespace squall::reports {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(TerminalFormat, ARefusedRunShowsWhyAndNothingThatWasNotMeasured) {
  model::RunRecord record;
  record.reasons = {"preflight: s.get refused"};
  record.events.push_back({Duration::zero(), "refused", "preflight: s.get refused"});
  EXPECT_THAT(render("terminal", record, {.width = 100, .directory = "run"}),
              AllOf(HasSubstr("preflight: s.get refused"), HasSubstr("Where to look"),
                    Not(HasSubstr("Self-watch")), Not(HasSubstr("Response"))));
}

TEST(TerminalFormat, OfAKilledRunNamesTheFilesThatThereAre) {
  model::RunRecord record = testing::sample_record();
  EXPECT_THAT(render("terminal", record, {.width = 100, .directory = "run"}),
              HasSubstr("run/  report.html, record.json, summary.md, junit.xml"));
  record.complete = false;
  EXPECT_THAT(render("terminal", record, {.width = 100, .directory = "run"}),
              AllOf(HasSubstr("run/  plan.toml, events.ndjson, ledger.ndjson"),
                    Not(HasSubstr("junit.xml"))));
}

TEST(TerminalFormat, NamesThePagesAndTheLogsThatARunLeft) {
  const model::RunRecord record = testing::sample_record();
  const test::TestDirectory directory;
  const model::FormatOptions options{.width = 100, .directory = directory.path()};
  EXPECT_THAT(render("terminal", record, options),
              AllOf(Not(HasSubstr("/findings/")), Not(HasSubstr("/services/"))));
  std::filesystem::create_directory(directory / "findings");
  EXPECT_THAT(render("terminal", record, options),
              AllOf(HasSubstr(directory.path() + "/findings/  a page for each finding"),
                    Not(HasSubstr("/services/"))));
  std::filesystem::create_directory(directory / "services");
  EXPECT_THAT(render("terminal", record, options),
              HasSubstr(directory.path() + "/services/  what the services wrote"));
}

TEST(TerminalFormat, WhatBecameOfAFaultOnAProxyIsReadWhole) {
  model::RunRecord record = testing::sample_record();
  record.proxies.resize(1);
  record.proxies[0].name = "psp";
  model::RecordedProxyFault fault;
  fault.name = "lost";
  fault.summary = "http_abort on psp, share 20%; the upstream executed 16 that were lost or copied";
  fault.of_requests = true;
  fault.seen = 74;
  fault.planned = fault.fired = 16;
  record.proxy_faults = {fault};
  for (const char* format : {"terminal", "markdown"}) {
    EXPECT_THAT(render(format, record, {.width = 100}),
                AllOf(HasSubstr("http_abort on psp, share 20%"),
                      HasSubstr("the upstream executed 16 that were lost or copied")))
        << format;
  }
}

TEST(TerminalFormat, EffectsOfAnUndecidedOperationAreNotKnown) {
  model::RunRecord record = testing::sample_record();
  ASSERT_FALSE(record.effects.cases.empty());
  record.effects.cases.front().verdict = model::EffectVerdict::kUndecided;
  record.effects.cases.front().effects = 0;
  for (const char* format : {"terminal", "markdown"}) {
    EXPECT_THAT(render(format, record, {.width = 100}), HasSubstr(", effects not known")) << format;
  }
}

}  // namespace
}  // namespace squall::reports
