// plans/charge.toml against the shop: what is said without an oracle, a dialect that is learnt and
// then declared, and a verification that is killed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <string>
#include <vector>

#include "loadgen/model/idempotency_report.hpp"
#include "loadgen/model/run_record.hpp"
#include "tests/e2e/squall_process.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/files.hpp"

namespace squall::test {
namespace {

using ::testing::HasSubstr;

std::vector<std::string> verification(const std::string& payments, const std::string& run) {
  return {"idempotency",
          source_file("plans/charge.toml"),
          "--set",
          "vars.payments=" + payments,
          "--no-reproduce",
          "--set",
          "idempotency.rounds=5",
          "--out",
          run};
}

std::vector<std::string> with(std::vector<std::string> arguments,
                              const std::vector<std::string>& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

TEST(IdempotencyRun, WithoutAnOracleEachPropertySaysWhatWasNotDecided) {
  const TestDirectory directory;
  const std::string run = directory / "run";
  const ProcessResult result = squall(
      directory,
      with(verification("atomic", run), {"--set", "effects.oracle=[]", "--only", "1,4,7,24"}));
  EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
  const auto record = model::record_from_json(read_file(run + "/record.json"));
  ASSERT_TRUE(record) << to_string(record.error());
  ASSERT_NE(record->idempotency, nullptr);
  EXPECT_FALSE(record->idempotency->effects_counted);
  ASSERT_EQ(record->idempotency->properties.size(), 4U);
  for (const model::PropertyResult& property : record->idempotency->properties) {
    const bool answers_decide = property.number == 24;
    EXPECT_EQ(property.verdict,
              answers_decide ? model::PropertyVerdict::kPass : model::PropertyVerdict::kNotTested)
        << property.number << ": " << property.summary;
    if (!answers_decide) {
      EXPECT_THAT(property.summary, HasSubstr("effects were not counted"));
      EXPECT_THAT(property.needs, HasSubstr("[[effects.oracle]]"));
    }
  }
  EXPECT_THAT(result.output, HasSubstr("effects: not counted, the plan has no oracle"));
  // Its operations are in no ledger.
  const ProcessResult replay = squall(directory, {"replay", run, "--key", "v-1"});
  EXPECT_EQ(replay.exit_code, 2) << replay.output;
  EXPECT_THAT(replay.errors, HasSubstr("are repeated with --property NUMBER"));
}

// Two resources under one key are told from answers alone.
TEST(IdempotencyRun, WithoutAnOracleDifferentAnswersStillFail) {
  const TestDirectory directory;
  const ProcessResult result = squall(
      directory,
      with(verification("none", directory / "run"), {"--set", "effects.oracle=[]", "--only", "1"}));
  EXPECT_EQ(result.exit_code, 5) << result.output << result.errors;
  EXPECT_THAT(result.output, HasSubstr("answers name 2 resources"));
}

TEST(IdempotencyRun, TheDialectThatWasLearntCanBeDeclared) {
  const TestDirectory directory;
  const std::string run = directory / "run";
  const std::vector<std::string> only = {"--only", "1,4,5,7,11,24"};
  const ProcessResult learnt = squall(directory, with(with(verification("atomic", run), only),
                                                      {"--set", "idempotency.profile=auto"}));
  ASSERT_EQ(learnt.exit_code, 0) << learnt.output << learnt.errors;
  const std::string profile = read_file(run + "/learned-profile.toml");
  for (const char* line : {"header = \"Idempotency-Key\"", "quoted = false", "required = false",
                           "mode = \"reject\"\nstatus = 422", "mode = \"block\"",
                           "header = \"Idempotent-Replayed\""}) {
    EXPECT_THAT(profile, HasSubstr(line));
  }
  const auto declared = [&](const std::string& payments, const std::string& to) {
    return squall(directory,
                  with(with(verification(payments, directory / to), only),
                       {"--set", "idempotency.profile=" + run + "/learned-profile.toml"}));
  };
  const ProcessResult kept = declared("atomic", "kept");
  EXPECT_EQ(kept.exit_code, 0) << kept.output << kept.errors;
  const ProcessResult broken = declared("body-ignored", "broken");
  EXPECT_EQ(broken.exit_code, 1) << broken.output << broken.errors;
}

TEST(IdempotencyRun, AKilledVerificationKeepsTheVerdictsThatItHad) {
  const TestDirectory directory;
  const std::string run = directory / "run";
  std::vector<std::string> command =
      with(verification("none", run), {"--only", "1,4", "--rounds", "100000"});
  command.insert(command.begin(), squall_binary());
  Process process({.command = command, .directory = directory.path()});
  ASSERT_TRUE(eventually(
      [&] {
        return read_file(run + "/events.ndjson").find("\"type\":\"idempotency\"") !=
               std::string::npos;
      },
      std::chrono::seconds(30)))
      << process.errors();
  process.signal(SIGKILL);
  EXPECT_EQ(process.wait(std::chrono::seconds(5)).exit_code, 137);

  const ProcessResult report = squall(directory, {"report", run, "--as", "json"});
  EXPECT_EQ(report.exit_code, 0) << report.errors;
  const auto record = model::record_from_json(report.output);
  ASSERT_TRUE(record.has_value()) << to_string(record.error());
  EXPECT_FALSE(record->complete);
  EXPECT_EQ(record->exit_code, model::ExitCode::kCorrectness);
  ASSERT_NE(record->idempotency, nullptr);
  ASSERT_EQ(record->idempotency->properties.size(), 1U);
  EXPECT_EQ(record->idempotency->properties.front().verdict, model::PropertyVerdict::kFail);
}

}  // namespace
}  // namespace squall::test
