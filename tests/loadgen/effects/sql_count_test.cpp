// What sql and exec oracles count, counted by a shell.
#include "loadgen/effects/sql_count.hpp"

#include <gtest/gtest.h>

#include <string>

#include "loadgen/base/text.hpp"
#include "loadgen/effects/command.hpp"
#include "loadgen/effects/curl_line.hpp"
#include "tests/loadgen/effects/sql_case.hpp"

namespace squall::effects {
namespace {

constexpr std::string_view kMark = "TokenHere";

struct ByHand {
  int status = 0;
  std::string count;
};

// `lines` as a reproducer has them.
ByHand run_lines(const ShellCount& shell, const std::string& token,
                 std::vector<std::pair<std::string, std::string>> environment = {}) {
  Command command;
  command.arguments = {"sh", "-u", "-c", "count() {\ntoken=$1\n" + shell.lines + "}\ncount \"$1\"",
                       "sh", token};
  command.environment = std::move(environment);
  const auto ended = run_command(command);
  EXPECT_TRUE(ended) << to_string(ended.error());
  return ended ? ByHand{ended->exit_status, std::string(trim(ended->output))} : ByHand{};
}

std::string quoted(std::string_view text) {
  return quote_hiding_secrets(text, {{std::string(kMark), "token"}});
}

ShellCount by_hand(const model::Oracle& oracle) {
  const auto* counts = dynamic_cast<const CountsByHand*>(&oracle);
  EXPECT_NE(counts, nullptr);
  auto shell = counts == nullptr ? std::nullopt : counts->count_by_hand(kMark, quoted);
  EXPECT_TRUE(shell);
  return shell.value_or(ShellCount{});
}

class SqlByHand : public ::testing::TestWithParam<const char*> {};

TEST_P(SqlByHand, CountsWhatTheOracleCounts) {
  const test::TestDirectory folder;
  const SqliteWriter writer(folder.path() + "/shop's.db");
  writer.run(
      "create table charges (memo text);"
      "insert into charges values ('a'), ('b'), ('a'), ('1e2'), ('100')");
  const auto oracle = sql_oracle("sqlite:shop's.db", GetParam(), folder.path());
  const std::vector<std::string> keys = {"a", "1e2", "none"};
  const auto reading = oracle->read(keys, std::chrono::seconds(10));
  ASSERT_TRUE(reading) << to_string(reading.error());
  const ShellCount shell = by_hand(*oracle);
  EXPECT_EQ(shell.programs, (std::vector<std::string>{"sqlite3", "awk"}));
  for (const std::string& key : keys) {
    const auto found = reading->counts.find(key);
    const std::uint64_t count = found == reading->counts.end() ? 0 : found->second;
    EXPECT_EQ(run_lines(shell, key).count, std::to_string(count)) << key;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Queries, SqlByHand,
    ::testing::Values(
        "select memo, count(*) from charges group by memo",
        "select memo, count(*) from charges where memo in (select value from json_each($1)) "
        "group by memo",
        "select memo, count(*) /* not $1 */ from charges where memo <> '$1' group by memo"));

TEST(SqlByHandTest, ADatabaseThatIsGoneIsNoZero) {
  const test::TestDirectory folder;
  const auto oracle = sql_oracle("sqlite:none.db",
                                 "select memo, count(*) from charges group by memo", folder.path());
  const ByHand none = run_lines(by_hand(*oracle), "a");
  EXPECT_EQ(none.count, "");
  EXPECT_NE(none.status, 0);
}

TEST(SqlByHandTest, WhereTheDatabaseIsNowCanBeSaid) {
  const test::TestDirectory folder;
  const SqliteWriter writer(folder.path() + "/other.db");
  writer.run("create table charges (memo text); insert into charges values ('a')");
  const auto oracle = sql_oracle("sqlite:none.db",
                                 "select memo, count(*) from charges group by memo", folder.path());
  EXPECT_EQ(run_lines(by_hand(*oracle), "a", {{"DATABASE", folder.path() + "/other.db"}}).count,
            "1");
}

TEST(SqlByHandTest, PostgresIsAskedByPsqlForOneKey) {
  const auto oracle = sql_oracle("postgresql://reader@127.0.0.1/shop",
                                 "select memo, count(*) from c where memo = any($1) group by memo");
  const ShellCount shell = by_hand(*oracle);
  EXPECT_EQ(shell.programs, (std::vector<std::string>{"psql", "awk"}));
  EXPECT_NE(shell.lines.find("database=${DATABASE:-postgresql://reader@127.0.0.1/shop}\n"),
            std::string::npos)
      << shell.lines;
  EXPECT_NE(shell.lines.find("any('\\''{\"'\"$token\"'\"}'\\'')"), std::string::npos)
      << shell.lines;
}

TEST(ExecByHandTest, RunsTheProgramForOneKey) {
  const CompiledOracle compiled =
      compile("exec",
              "command = ['sh', '-c', 'while read key; do printf \"%s\\t%s\\n\" \"$key\" "
              "\"$SQUALL_RUN_ID\"; done']");
  ASSERT_EQ(compiled.problems, "");
  model::OracleContext context;
  context.run_id = "3";
  context.working_directory = "/";
  ASSERT_TRUE(compiled.oracle->start(context));
  EXPECT_EQ(run_lines(by_hand(*compiled.oracle), "a key").count, "3");
}

TEST(ExecByHandTest, AProgramThatFailsCountsNothing) {
  const CompiledOracle compiled = compile("exec", "command = ['false']");
  ASSERT_TRUE(compiled.oracle->start({}));
  EXPECT_EQ(run_lines(by_hand(*compiled.oracle), "a").count, "");
}

}  // namespace
}  // namespace squall::effects
