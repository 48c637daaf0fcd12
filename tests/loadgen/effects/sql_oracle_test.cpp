// What the sql oracle takes, and SQLite.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <chrono>

#include "loadgen/base/clock.hpp"
#include "tests/loadgen/effects/sql_case.hpp"

namespace squall::effects {

SqliteWriter::SqliteWriter(const std::string& path) {
  EXPECT_EQ(sqlite3_open(path.c_str(), &database_), SQLITE_OK);
}
SqliteWriter::~SqliteWriter() {
  sqlite3_close(database_);
}
void SqliteWriter::run(const std::string& statements) const {
  EXPECT_EQ(sqlite3_exec(database_, statements.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
      << sqlite3_errmsg(database_);
}

namespace {

using namespace std::chrono_literals;
using Keys = std::vector<std::string>;
using Counts = decltype(model::OracleReading::counts);

constexpr const char* kByKey =
    "select memo, count(*) from charges where memo in (select value from json_each($1)) group by "
    "memo";
constexpr const char* kList = "select memo, count(*) from charges group by memo";

class SqliteOracleTest : public ::testing::Test {
 protected:
  SqliteOracleTest() : writer_(folder_ / "shop.db") {
    writer_.run("create table charges (memo text, amount integer)");
  }

  [[nodiscard]] std::unique_ptr<model::Oracle> oracle(std::string_view query) const {
    return sql_oracle("sqlite:shop.db", query, folder_.path());
  }
  // What a reading with that query fails with.
  [[nodiscard]] Error error_of(std::string_view query, Duration budget = 5s) const {
    const auto reading = oracle(query)->read({}, budget);
    EXPECT_FALSE(reading) << query;
    return reading ? Error() : reading.error();
  }

  test::TestDirectory folder_;
  SqliteWriter writer_;
};

TEST_F(SqliteOracleTest, CountsTheKeysAskedFor) {
  writer_.run("insert into charges values ('a', 1), ('b', 1), ('b', 1), ('it''s \"c\"\\', 1)");
  const auto counted = oracle(kByKey);
  EXPECT_TRUE(counted->counts_asked_keys_only());
  const Keys keys = {"b", "it's \"c\"\\", "none"};
  const auto reading = counted->read(keys, 5s);
  ASSERT_TRUE(reading) << to_string(reading.error());
  EXPECT_EQ(reading->counts, (Counts{{"b", 2}, {"it's \"c\"\\", 1}}));
  EXPECT_TRUE(reading->undecided.empty());
  EXPECT_TRUE(counted->read({}, 5s)->counts.empty());
}

TEST_F(SqliteOracleTest, ListsAllWithoutAParameter) {
  writer_.run("insert into charges values ('a', 1), ('b', 1)");
  const auto listed = oracle(kList);
  EXPECT_FALSE(listed->counts_asked_keys_only());
  EXPECT_EQ(listed->read(Keys{"a"}, 5s)->counts, (Counts{{"a", 1}, {"b", 1}}));
}

TEST_F(SqliteOracleTest, NumbersMayBeKeysAndRowsOfOneKeyAddUp) {
  writer_.run("create table orders (number integer)");
  writer_.run("insert into orders values (7), (7), (8)");
  const auto counted =
      oracle("select number, 1 from orders where number in (select value from json_each($1));");
  EXPECT_EQ(counted->read(Keys{"7"}, 5s)->counts, (Counts{{"7", 2}}));
}

TEST_F(SqliteOracleTest, AKeyThatIsNoTextIsUndecided) {
  const Keys keys = {"a", "\xff\xfe", std::string("a\0b", 3)};
  const auto reading = oracle(kByKey)->read(keys, 5s);
  ASSERT_TRUE(reading) << to_string(reading.error());
  EXPECT_EQ(reading->undecided.size(), 2U);
  EXPECT_NE(reading->undecided_reason, "");
  EXPECT_TRUE(oracle(kList)->read(keys, 5s)->undecided.empty()) << "a list needs to ask for none";
}

TEST_F(SqliteOracleTest, RefusesWhatDoesMoreThanRead) {
  for (const std::string query :
       {"insert into charges values ('x', 1) returning memo, 1", "delete from charges",
        "create temp table t (a, b)", "pragma journal_mode = delete", "begin immediate",
        "vacuum into 'copy.db'"}) {
    const Error error = error_of(query);
    EXPECT_EQ(error.code, ErrorCode::kMalformed) << query;
    EXPECT_NE(error.message.find("must only read"), std::string::npos)
        << query << ": " << error.message;
  }
  const std::string other = folder_ / "other.db";
  EXPECT_EQ(error_of("attach '" + other + "' as other").code, ErrorCode::kMalformed);
  EXPECT_EQ(error_of("update sqlite_master set sql = ''").code, ErrorCode::kMalformed);
  EXPECT_EQ(test::read_file(other), "");
  EXPECT_TRUE(oracle(kList)->read({}, 5s)->counts.empty());
}

TEST_F(SqliteOracleTest, SaysWhatIsWrongWithTheAnswer) {
  writer_.run("insert into charges values ('a', 1)");
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"select memo from charges", "the query gives 1 columns"},
      {"select memo, 1, 2 from charges", "the query gives 3 columns"},
      {"select null, 1", "row 1: it has no key (NULL)"},
      {"select 'a', 1 union all select 1.5, 1",
       "row 2: its key, the first column, is of type float"},
      {"select x'00', 1", "is of type bytes"},
      {"select 'a', null", "row 1: its number of effects, the second column, is of type NULL"},
      {"select 'a', '1'", "is of type text"},
      {"select 'a', 1.5", "is of type float"},
      {"select 'a', -1", "\"-1\" is no number of effects"},
      {"select 'a', 9223372036854775807", "is no number of effects"},
      {"select memo, 1 from", "the database refuses: "},
      {"select missing, 1 from charges", "no such column: missing"},
      {"select 1, 2; select 3, 4", "more than one statement"},
      {"select ?, 1", "SQLite sees 1 parameters"},
  };
  for (const auto& [query, expected] : cases) {
    const Error error = error_of(query);
    EXPECT_EQ(error.code, ErrorCode::kMalformed) << query;
    EXPECT_NE(error.message.find(expected), std::string::npos) << query << ": " << error.message;
  }
}

TEST_F(SqliteOracleTest, ATableThatIsNotThereYetMayCome) {
  const Error error = error_of("select memo, 1 from later");
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_NE(error.message.find("no such table: later"), std::string::npos) << error.message;
}

TEST_F(SqliteOracleTest, ReadsBesideALiveWriter) {
  writer_.run("pragma journal_mode = wal");
  writer_.run("insert into charges values ('a', 1)");
  writer_.run("begin immediate; insert into charges values ('open', 1)");
  const auto listed = oracle(kList);
  EXPECT_EQ(listed->read({}, 5s)->counts, (Counts{{"a", 1}})) << "what is committed";
  writer_.run("commit");
  EXPECT_EQ(listed->read({}, 5s)->counts, (Counts{{"a", 1}, {"open", 1}}));
}

TEST_F(SqliteOracleTest, WaitsForALockAsLongAsItMay) {
  writer_.run("begin exclusive");
  const auto listed = oracle(kList);
  const TimePoint start = monotonic_now();
  const auto reading = listed->read({}, 100ms);
  ASSERT_FALSE(reading);
  EXPECT_EQ(reading.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(reading.error().message.find("locked"), std::string::npos) << reading.error().message;
  EXPECT_GE(monotonic_now() - start, 90ms);
  writer_.run("commit");
  EXPECT_TRUE(listed->read({}, 5s));
}

TEST_F(SqliteOracleTest, AnEndlessQueryEndsWithTheBudget) {
  const Error silent = error_of(
      "with recursive n(i) as (select 1 union all select i + 1 from n) select i, count(*) from n "
      "group by 1",
      100ms);
  EXPECT_EQ(silent.code, ErrorCode::kUnavailable) << silent.message;
  EXPECT_NE(silent.message.find("time"), std::string::npos) << silent.message;
  const Error talking = error_of(
      "with recursive n(i) as (select 1 union all select i + 1 from n) select 'a', 1 from n",
      100ms);
  EXPECT_EQ(talking.code, ErrorCode::kUnavailable) << talking.message;
}

TEST_F(SqliteOracleTest, AFileMayComeLaterAndBeReplaced) {
  const auto listed = sql_oracle("sqlite://" + (folder_ / "late.db"), kList);
  const auto missing = listed->read({}, 5s);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kUnavailable);
  {
    const SqliteWriter late(folder_ / "late.db");
    late.run("create table charges (memo text); insert into charges values ('a')");
  }
  EXPECT_EQ(listed->read({}, 5s)->counts, (Counts{{"a", 1}}));
  (void)folder_.write("late.db", "\x1b[31mno database\n");
  const auto garbage = listed->read({}, 5s);
  ASSERT_FALSE(garbage);
  EXPECT_EQ(garbage.error().code, ErrorCode::kMalformed);
}

TEST(SqlOracle, TakesWhatItUnderstands) {
  const std::vector<std::array<std::string, 3>> wrong = {
      {"mysql://127.0.0.1/shop", kList, "a database is named by its URL"},
      {"", kList, "a database is named by its URL"},
      {"sqlite:", kList, "the URL names no file"},
      {"sqlite::memory:", kList, "the URL names no file"},
      {"sqlite://host/shop.db", kList, "on no other host"},
      {"sqlite:shop.db", "", "a query is needed"},
      {"sqlite:shop.db", "select memo, 1 from c where memo = $1", "json_each($1)"},
      {"sqlite:shop.db", "select memo, 1 from c where memo = '{{key}}'", "not {{key}}"},
      {"sqlite:shop.db", "select $1, $2", "nobody gives $2 a value"},
      {"postgresql:///shop", kList, "names no host"},
      {"postgresql://127.0.0.1:99999/shop", kList, "\"99999\" is not a port"},
      {"postgresql://127.0.0.1/shop?sslmod=require", kList, "sslmod"},
      {"postgresql://127.0.0.1/shop?service=x", kList, "service file"},
  };
  for (const auto& [url, query, expected] : wrong) {
    const CompiledOracle compiled = compile("sql", sql_table(url, query));
    EXPECT_NE(compiled.problems.find(expected), std::string::npos)
        << url << ": " << compiled.problems;
  }
  EXPECT_NE(compile("sql", "").problems, "");
}

TEST(SqlOracle, NeverShowsAPassword) {
  for (const std::string url :
       {"postgresql://u:s3cr%ZZet@127.0.0.1/shop", "postgresql://u:s3cr@et@127.0.0.1:x/shop",
        "postgresql://127.0.0.1/shop?password=s3cr%ZZet", "mysql://u:s3cret@127.0.0.1/shop",
        "postgresql://u:s3cret@[::1/shop", "postgresql://u:s3cret@127.0.0.1:0/shop"}) {
    const CompiledOracle compiled = compile("sql", sql_table(url, kList));
    EXPECT_NE(compiled.problems, "") << url;
    EXPECT_EQ(compiled.problems.find("s3cr"), std::string::npos) << compiled.problems;
  }
}

TEST(SqlOracle, GoesOnlyWhereItMay) {
  const CompiledOracle far = compile(
      "sql",
      sql_table("postgresql://u@Db.Example:6432,[2001:db8::1]/shop?hostaddr=,192.0.2.1", kList));
  EXPECT_EQ(far.problems, "");
  const auto hosts = far.oracle->hosts();
  ASSERT_EQ(hosts.size(), 2U);
  EXPECT_EQ(hosts[0].key, "url");
  EXPECT_EQ(hosts[0].host, "db.example");
  EXPECT_EQ(hosts[0].port, 6432);
  EXPECT_EQ(hosts[1].host, "192.0.2.1") << "where it goes, whatever the certificate is for";
  model::OracleContext context;
  const auto refused = far.oracle->start(context);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("db.example"), std::string::npos);
  context.allowed_hosts = {"db.example:6432", "192.0.2.1"};
  EXPECT_TRUE(far.oracle->start(context));

  const CompiledOracle socket =
      compile("sql", sql_table("postgresql:///shop?host=/var/run/postgresql", kList));
  EXPECT_EQ(socket.problems, "");
  EXPECT_TRUE(socket.oracle->hosts().empty());
}

}  // namespace
}  // namespace squall::effects
