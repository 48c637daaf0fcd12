#include <gtest/gtest.h>

#include <filesystem>

#include "tests/loadgen/effects/oracle_case.hpp"
#include "tests/support/files.hpp"

namespace squall::effects {
namespace {

using model::OracleReading;
using namespace std::chrono_literals;

Result<OracleReading> read(const std::string& script, const std::vector<std::string>& keys = {},
                           Duration budget = 20s) {
  const CompiledOracle compiled =
      compile("exec", "command = ['/bin/sh', '-c', '''" + script + "''']");
  EXPECT_EQ(compiled.problems, "");
  model::OracleContext context;
  context.run_id = "r42";
  context.working_directory = "/";
  EXPECT_TRUE(compiled.oracle->start(context));
  return compiled.oracle->read(keys, budget);
}

TEST(ExecOracle, ReadsKeysAndCounts) {
  const auto reading = read(R"(printf 'a\t2\n\nb c\t0\r\na\t1\nlast\t7')");
  ASSERT_TRUE(reading) << to_string(reading.error());
  EXPECT_EQ(reading->counts.at("a"), 3u);
  EXPECT_EQ(reading->counts.at("b c"), 0u);
  EXPECT_EQ(reading->counts.at("last"), 7u);
  EXPECT_TRUE(reading->undecided.empty());
  EXPECT_TRUE(read("true")->counts.empty());
}

TEST(ExecOracle, GivesTheRunIdTheDirectoryAndTheKeys) {
  const auto reading = read(R"(printf "$SQUALL_RUN_ID$PWD\t1\n"; sed 's/$/\t2/')", {"k1", "k2"});
  ASSERT_TRUE(reading) << to_string(reading.error());
  EXPECT_EQ(reading->counts.at("r42/"), 1u);
  EXPECT_EQ(reading->counts.at("k1"), 2u);
  EXPECT_EQ(reading->counts.at("k2"), 2u);
}

TEST(ExecOracle, OneBadLineSpoilsTheReading) {
  for (const char* line :
       {"a", "a 1", "a\\t", "a\\t-1", "a\\tx", "a\\t1.5", "a\\t99999999999999999999", "a\\t1 "}) {
    const auto reading = read("printf 'good\\t1\\n" + std::string(line) + "\\n'");
    ASSERT_FALSE(reading) << line;
    EXPECT_NE(reading.error().message.find("line 2"), std::string::npos) << line;
  }
}

TEST(ExecOracle, FailsWithWhatTheProgramSaid) {
  const auto reading = read("printf 'a\\t1\\n'; echo 'no database' >&2; exit 4");
  ASSERT_FALSE(reading);
  EXPECT_NE(reading.error().message.find("status 4"), std::string::npos);
  EXPECT_NE(reading.error().message.find("no database"), std::string::npos);
}

TEST(ExecOracle, StaysInsideItsBudget) {
  const auto reading = read("sleep 1000", {}, 100ms);
  ASSERT_FALSE(reading);
  EXPECT_EQ(reading.error().code, ErrorCode::kUnavailable);
}

TEST(ExecOracle, NeedsACommand) {
  EXPECT_NE(compile("exec", "").problems, "");
  EXPECT_NE(compile("exec", "command = []").problems, "");
  EXPECT_NE(compile("exec", "command = ['']").problems, "");
}

TEST(ExecOracle, ARelativeProgramIsOneOfItsFolder) {
  const test::TestDirectory folder;
  const auto script = folder.write("count.sh", "#!/bin/sh\nprintf \"$(cat keys.txt)\\t1\\n\"\n");
  std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  (void)folder.write("keys.txt", "k1");
  model::OracleContext context;
  context.working_directory = folder.path();
  const CompiledOracle compiled = compile("exec", "command = [\"./count.sh\"]");
  ASSERT_TRUE(compiled.oracle->start(context));
  const auto reading = compiled.oracle->read({}, 20s);
  ASSERT_TRUE(reading) << to_string(reading.error());
  EXPECT_EQ(reading->counts.at("k1"), 1U);

  const CompiledOracle missing = compile("exec", "command = [\"./no-such.sh\"]");
  ASSERT_TRUE(missing.oracle->start(context));
  EXPECT_EQ(missing.oracle->read({}, 20s).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace squall::effects
