// The sql oracle against PostgreSQL, and against what only says that it is PostgreSQL.
#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "loadgen/base/clock.hpp"
#include "loadgen/effects/command.hpp"
#include "loadgen/effects/counts_by_hand.hpp"
#include "loadgen/effects/curl_line.hpp"
#include "tests/loadgen/effects/sql_case.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/loopback_port.hpp"
#include "tests/support/postgres.hpp"

namespace squall::effects {

PostgresWriter::PostgresWriter(const std::string& url) : connection_(PQconnectdb(url.c_str())) {
  EXPECT_EQ(PQstatus(connection_), CONNECTION_OK) << PQerrorMessage(connection_);
  PQsetNoticeProcessor(
      connection_, [](void*, const char*) {}, nullptr);
}
PostgresWriter::~PostgresWriter() {
  PQfinish(connection_);
}
std::string PostgresWriter::run(const std::string& statements) const {
  PGresult* const result = PQexec(connection_, statements.c_str());
  const ExecStatusType status = PQresultStatus(result);
  EXPECT_TRUE(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
      << PQerrorMessage(connection_);
  std::string value = PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "";
  PQclear(result);
  return value;
}

namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using Keys = std::vector<std::string>;
using Counts = decltype(model::OracleReading::counts);

constexpr const char* kByKey =
    "select memo, count(*) from charges where memo = any($1) group by memo";
constexpr const char* kList = "select memo, count(*) from charges group by memo";

class PostgresOracleTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { server_ = new test::Postgres; }
  static void TearDownTestSuite() {
    delete server_;
    server_ = nullptr;
  }
  PostgresOracleTest() : writer_(url()) {
    writer_.run("drop table if exists charges; create table charges (memo text, amount int)");
  }

  static std::string url() { return test::Postgres::url(server_->port()); }
  static std::unique_ptr<model::Oracle> oracle(std::string_view query) {
    return sql_oracle(url(), query);
  }
  static Error error_of(std::string_view query, Duration budget = 10s) {
    const auto reading = oracle(query)->read(Keys{"a"}, budget);
    EXPECT_FALSE(reading) << query;
    return reading ? Error() : reading.error();
  }

  static test::Postgres* server_;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
  PostgresWriter writer_;
};
test::Postgres* PostgresOracleTest::server_ = nullptr;

TEST_F(PostgresOracleTest, CountsTheKeysAskedFor) {
  const Keys keys = {"a", "b", "none", "", "NULL", "{x,y}", R"(back\slash "quoted")", "grün"};
  writer_.run("insert into charges values ('b', 1), ('b', 1), ('other', 1), (null, 1)");
  writer_.run(
      R"(insert into charges values (''), ('NULL'), ('{x,y}'), ('back\slash "quoted"'), ('grün'))");
  const auto counted = oracle(kByKey);
  EXPECT_TRUE(counted->counts_asked_keys_only());
  const auto reading = counted->read(keys, 10s);
  ASSERT_TRUE(reading) << to_string(reading.error());
  EXPECT_EQ(reading->counts, (Counts{{"", 1},
                                     {"NULL", 1},
                                     {"b", 2},
                                     {R"(back\slash "quoted")", 1},
                                     {"grün", 1},
                                     {"{x,y}", 1}}));
  EXPECT_TRUE(reading->undecided.empty());
  EXPECT_TRUE(counted->read({}, 10s)->counts.empty());
}

TEST_F(PostgresOracleTest, PsqlCountsTheSameByHand) {
  writer_.run("insert into charges values ('a', 1), ('b', 1), ('a', 1)");
  for (const char* query : {kByKey, "select memo, sum(amount) from charges group by memo"}) {
    const auto asked = oracle(query);
    const auto* counts = dynamic_cast<const CountsByHand*>(asked.get());
    ASSERT_NE(counts, nullptr);
    const auto shell = counts->count_by_hand("TokenHere", [](std::string_view text) {
      return quote_hiding_secrets(text, {{"TokenHere", "token"}});
    });
    ASSERT_TRUE(shell);
    Command command;
    command.arguments = {
        "sh", "-u", "-c",
        "count() {\ntoken=$1\n" + shell->lines + "}\nfor key in a b none; do count $key; done"};
    const auto ended = run_command(command);
    ASSERT_TRUE(ended) << to_string(ended.error());
    EXPECT_EQ(ended->output, "2\n1\n0\n") << ended->errors;
  }
}

TEST_F(PostgresOracleTest, ListsAllWithoutAParameter) {
  writer_.run("insert into charges values ('a', 1), ('b', 1)");
  const auto listed = oracle("select memo, sum(amount) from charges group by memo");
  EXPECT_FALSE(listed->counts_asked_keys_only());
  EXPECT_EQ(listed->read(Keys{"a"}, 10s)->counts, (Counts{{"a", 1}, {"b", 1}}));
}

TEST_F(PostgresOracleTest, AsksForManyKeysAtOnce) {
  Keys keys;
  for (int i = 0; i < 50'000; ++i) {
    keys.push_back("0f5c0000-0000-8000-8000-00000000" + std::to_string(10'000 + i));
  }
  writer_.run(
      "insert into charges select '0f5c0000-0000-8000-8000-00000000' || i, 1 from "
      "generate_series(10000, 59999) as i");
  const auto reading = oracle(kByKey)->read(keys, 30s);
  ASSERT_TRUE(reading) << to_string(reading.error());
  EXPECT_EQ(reading->counts.size(), keys.size());
}

TEST_F(PostgresOracleTest, KeysMayBeOfOtherTypes) {
  const std::string id = "0f5c0000-0000-8000-8000-0000000007c1";
  EXPECT_EQ(oracle("select '" + id + "'::uuid, 1 where '" + id + "'::uuid = any($1)")
                ->read(Keys{id}, 10s)
                ->counts,
            (Counts{{id, 1}}));
  EXPECT_EQ(oracle("select n, 1 from generate_series(1, 9) n where n = any($1)")
                ->read(Keys{"7"}, 10s)
                ->counts,
            (Counts{{"7", 1}}));
  EXPECT_EQ(error_of("select '" + id + "'::uuid, 1 where '" + id + "'::uuid = any($1)").code,
            ErrorCode::kMalformed)
      << "a is no UUID";
}

TEST_F(PostgresOracleTest, RefusesWhatWouldWrite) {
  writer_.run("drop sequence if exists s; create sequence s");
  for (const char* const query :
       {"insert into charges values ('x', 1) returning memo, 1",
        "with gone as (delete from charges returning memo) select memo, 1 from gone",
        "select 'x', nextval('s')", "select set_config('transaction_read_only', 'off', true), 1"}) {
    const Error error = error_of(query);
    EXPECT_NE(error.message.find("read"), std::string::npos) << query << ": " << error.message;
  }
  for (const char* const query :
       {"insert into charges values ('x', 1)", "set transaction read write", "commit",
        "copy charges to stdout", "create table t (a int)"}) {
    EXPECT_EQ(error_of(query).code, ErrorCode::kMalformed) << query;
  }
  EXPECT_EQ(error_of("select 'a', 1; drop table charges").code, ErrorCode::kMalformed);
  EXPECT_EQ(writer_.run("select count(*) from charges"), "0");
}

TEST_F(PostgresOracleTest, SaysWhatIsWrongWithTheAnswer) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"select 'a'", "the query gives 1 columns"},
      {"select null::text, 1", "row 1: it has no key (NULL)"},
      {"select '\\x00'::bytea, 1", "is of type bytes"},
      {"select 'a', null::bigint", "is of type NULL"},
      {"select 'a', '1'", "is of type text"},
      {"select 'a', 1::float8", "is of type float"},
      {"select 'a', -1", "\"-1\" is no number of effects"},
      {"select 'a', 1.5", "\"1.5\" is no number of effects"},
      {"select 'a', 'NaN'::numeric", "\"NaN\" is no number of effects"},
      {"select 'a', 1e30::numeric", "is no number of effects"},
      {"select memo, 1 from", "syntax error"},
      {"select nothing, 1 from charges", "column \"nothing\" does not exist"},
      {"select memo, 1 from charges where memo = $1",
       "the parameter $1 is of type text, not a list"},
      {"select 1 / 0, 1", "division by zero"},
  };
  for (const auto& [query, expected] : cases) {
    const Error error = error_of(query);
    EXPECT_EQ(error.code, ErrorCode::kMalformed) << query;
    EXPECT_NE(error.message.find(expected), std::string::npos) << query << ": " << error.message;
  }
  EXPECT_EQ(error_of("select memo, 1 from later").code, ErrorCode::kUnavailable)
      << "the service may make it yet";
}

TEST_F(PostgresOracleTest, WaitsForALockAsLongAsItMay) {
  writer_.run("begin; lock table charges in access exclusive mode");
  const auto listed = oracle(kList);
  const auto reading = listed->read({}, 300ms);
  ASSERT_FALSE(reading);
  EXPECT_EQ(reading.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(reading.error().message.find("time"), std::string::npos) << reading.error().message;
  writer_.run("commit");
  EXPECT_TRUE(listed->read({}, 10s));
}

TEST_F(PostgresOracleTest, ConnectsAgainAfterABrokenConnection) {
  const std::string squalls = "from pg_stat_activity where application_name = 'squall'";
  writer_.run("begin; lock table charges in access exclusive mode");
  const auto listed = oracle(kList);
  const PostgresWriter killer(url());
  std::thread breaker([&] {
    EXPECT_TRUE(test::eventually([&] {
      return killer.run("select count(pg_terminate_backend(pid)) " + squalls +
                        " and wait_event_type = 'Lock'") == "1";
    }));
  });
  const auto broken = listed->read({}, 30s);
  breaker.join();
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::kUnavailable);
  writer_.run("rollback");
  EXPECT_TRUE(listed->read({}, 10s));
  // Between readings it takes none of the server's connections.
  EXPECT_TRUE(test::eventually([&] { return killer.run("select count(*) " + squalls) == "0"; }));
}

TEST(DeadPostgres, ARefusedConnectionMayBeTriedAgain) {
  const test::RefusedPort nobody;
  const auto reading = sql_oracle(test::Postgres::url(nobody.port()), kList)->read({}, 10s);
  ASSERT_FALSE(reading);
  EXPECT_EQ(reading.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(reading.error().message.find("refused"), std::string::npos) << reading.error().message;
}

TEST(DeadPostgres, OneThatNeverAnswersIsGivenUp) {
  std::uint16_t port = 0;
  const int silent = test::bind_loopback(port);
  ASSERT_EQ(::listen(silent, 4), 0);
  const auto reading = sql_oracle(test::Postgres::url(port), kList)->read({}, 100ms);
  ASSERT_FALSE(reading);
  EXPECT_EQ(reading.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(reading.error().message, "the time for this reading is up");
  ::close(silent);
}

// Takes one connection, reads something and answers with `bytes`, again for each of them.
class FalsePostgres {
 public:
  explicit FalsePostgres(std::vector<std::string> answers) : listener_(test::bind_loopback(port_)) {
    EXPECT_EQ(::listen(listener_, 4), 0);
    server_ = std::thread([this, answers = std::move(answers)] {
      pollfd polled{listener_, POLLIN, 0};
      EXPECT_EQ(::poll(&polled, 1, 10'000), 1);
      const int peer = ::accept(listener_, nullptr, nullptr);
      for (const std::string& answer : answers) {
        char buffer[4096];
        if (::recv(peer, buffer, sizeof buffer, 0) <= 0) {
          break;
        }
        EXPECT_EQ(::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(answer.size()));
      }
      ::shutdown(peer, SHUT_WR);
      char rest[4096];
      while (::recv(peer, rest, sizeof rest, 0) > 0) {
      }
      ::close(peer);
    });
  }
  ~FalsePostgres() {
    server_.join();
    ::close(listener_);
  }
  FalsePostgres(const FalsePostgres&) = delete;
  FalsePostgres& operator=(const FalsePostgres&) = delete;
  [[nodiscard]] std::string url() const {
    return "postgresql://u:t0psecret@127.0.0.1:" + std::to_string(port_) +
           "/shop?sslmode=disable&gssencmode=disable";
  }

 private:
  std::uint16_t port_ = 0;
  int listener_;
  std::thread server_;
};

// One message of PostgreSQL's protocol.
std::string message(char type, const std::string& body) {
  const auto size = static_cast<std::uint32_t>(body.size() + 4);
  std::string text(1, type);
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    text += static_cast<char>(size >> shift & 0xffU);
  }
  return text + body;
}

TEST(FalsePostgresTest, ItsWordsAreMadeSafeAndHideThePassword) {
  const std::string error = "SFATAL\0C28P01\0Mno \x1b[31mt0psecret for\nyou\0\0"s;
  const FalsePostgres server({message('R', "\0\0\0\3"s), message('E', error)});
  const auto reading = sql_oracle(server.url(), kList)->read({}, 10s);
  ASSERT_FALSE(reading);
  EXPECT_EQ(reading.error().code, ErrorCode::kUnavailable);
  const std::string& told = reading.error().message;
  EXPECT_NE(told.find("no \\x1b[31m*** for"), std::string::npos) << told;
  EXPECT_EQ(told.find('\n'), std::string::npos) << told;
}

TEST(FalsePostgresTest, NonsenseIsNoAnswer) {
  const std::string ready = message('R', "\0\0\0\0"s) + message('Z', "I");
  for (const std::vector<std::string>& answers :
       std::vector<std::vector<std::string>>{{"HTTP/1.1 400 Bad Request\r\n\r\n"},
                                             {"\xff\xff\xff\xff\xff\xff\xff\xff"s},
                                             {ready, "x"},
                                             {ready, message('Z', "I")},
                                             {ready, message('D', "\x7f\xff"s) + message('Z', "I")},
                                             {ready, message('C', "BEGIN\0"s) + message('Z', "T"),
                                              message('Z', "T"), message('Z', "T")}}) {
    const FalsePostgres server(answers);
    const auto reading = sql_oracle(server.url(), kList)->read({}, 10s);
    EXPECT_FALSE(reading);
  }
}

}  // namespace
}  // namespace squall::effects
