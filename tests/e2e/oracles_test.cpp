// Effects counted at several places at once: by the shop's own list, by a query to the database
// behind it, and by what is left of its stock.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "loadgen/model/idempotency_report.hpp"
#include "loadgen/model/run_record.hpp"
#include "tests/e2e/squall_process.hpp"
#include "tests/support/files.hpp"
#include "tests/support/postgres.hpp"

namespace squall::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string shop(const std::string& options, const std::string& answer_time = "10ms") {
  return R"(format = 1
name = "counted twice"
seed = 7
[[service]]
name = "psp"
command = ["squall-shop", "psp", "--port", "{{port.psp}}", "--answer-time", ")" +
         answer_time + R"(", "--log", "errors"]
ready = "GET http://127.0.0.1:{{port.psp}}/readyz"
[[service]]
name = "shop"
command = ["squall-shop", "shop", "--port", "{{port.shop}}", "--psp", "http://{{proxy.psp}}", "--log", "errors", )" +
         options + R"(]
ready = "GET http://127.0.0.1:{{port.shop}}/readyz"
[[proxy]]
name = "psp"
upstream = "127.0.0.1:{{port.psp}}"
[[target]]
name = "shop"
urls = ["http://127.0.0.1:{{port.shop}}"]
)";
}

std::string ledger(const std::string& kind) {
  return R"([[effects.oracle]]
name = "ledger"
kind = "http"
request = "GET /ledger?limit=10000&kind=)" +
         kind + R"("
items = "/effects"
key = "/token"
next = "/next"
next_parameter = "after"
)";
}

std::string database(const std::string& url, const std::string& query) {
  return "[[effects.oracle]]\nname = \"database\"\nkind = \"sql\"\nurl = \"" + url +
         "\"\nquery = \"" + query + "\"\n";
}

std::string charge_plan(const std::string& payments, const std::string& db,
                        const std::string& oracles, const std::string& answer_time = "10ms") {
  return shop("\"--payments\", \"" + payments + "\", \"--db\", \"" + db + "\"", answer_time) +
         R"([idempotency]
profile = "ietf"
rounds = 3
barriers = [3]
  [idempotency.operation]
  request = "POST /payments"
  json = { order = "{{token}}", amount = 1999, token = "{{token}}" }
)" + oracles +
         "[effects]\nsettle = \"50ms\"\n";
}

struct Verified {
  ProcessResult process;
  std::unique_ptr<model::RunRecord> record;
  std::string run;
};

Verified verify(const TestDirectory& directory, const std::string& plan,
                const std::string& only = "1,4") {
  Verified verified;
  verified.run = directory / "run";
  verified.process = squall(directory, {"idempotency", directory.write("plan.toml", plan), "--only",
                                        only, "--out", verified.run});
  auto record = model::record_from_json(read_file(verified.run + "/record.json"));
  EXPECT_TRUE(record) << verified.process.output << verified.process.errors;
  if (record) {
    verified.record = std::make_unique<model::RunRecord>(std::move(*record));
  }
  return verified;
}

TEST(SeveralOracles, ADatabaseOfSqliteAndTheShopsListAgree) {
  const TestDirectory directory;
  const std::string file = directory / "shop.db";
  const Verified sound = verify(
      directory,
      charge_plan("atomic", file,
                  database("sqlite://" + file,
                           "select token, count(*) from effects where token in (select value from "
                           "json_each($1)) group by token") +
                      ledger("payment")));
  ASSERT_TRUE(sound.record);
  EXPECT_EQ(sound.process.exit_code, 0) << sound.process.output << sound.process.errors;
  EXPECT_EQ(sound.record->idempotency->disagreement_count, 0U);
  EXPECT_EQ(sound.record->idempotency->effects_each, 1U);
  EXPECT_THAT(sound.process.output,
              HasSubstr("effects: counted by database (sql), ledger (http); they agree"));
}

// The provider takes so long that curl's second request comes in between on any machine.
TEST(SeveralOracles, AScriptCountsInTheDatabase) {
  const TestDirectory directory;
  const std::string file = directory / "shop.db";
  const std::string counted =
      database("sqlite://" + file, "select token, count(*) from effects group by token");
  const Verified racy = verify(directory, charge_plan("racy", file, counted, "80ms"), "4");
  ASSERT_TRUE(racy.record);
  EXPECT_EQ(racy.process.exit_code, 5) << racy.process.output << racy.process.errors;
  const std::string script = read_file(racy.run + "/findings/idempotency-4-concurrent-twins.sh");
  EXPECT_THAT(script, HasSubstr("rows=$(sqlite3 -readonly ")) << racy.process.output;
  EXPECT_GT(racy.record->idempotency->properties.back().reproduced, 0U);
}

TEST(SeveralOracles, PostgresAndTheShopsListAndWhatTheyDisagreeAbout) {
  const Postgres postgres;
  const std::string url = Postgres::url(postgres.port());
  const TestDirectory directory;
  const Verified sound = verify(
      directory,
      charge_plan("atomic", url,
                  ledger("payment") +
                      database(url,
                               "select token, count(*) from effects where token = any($1) group by "
                               "token")));
  ASSERT_TRUE(sound.record);
  EXPECT_EQ(sound.process.exit_code, 0) << sound.process.output << sound.process.errors;
  EXPECT_EQ(sound.record->idempotency->disagreement_count, 0U);

  const TestDirectory other;
  const Verified doubted = verify(
      other,
      charge_plan("atomic", url,
                  ledger("payment") +
                      database(url, "select token, 2 * count(*) from effects group by token")));
  ASSERT_TRUE(doubted.record);
  EXPECT_GT(doubted.record->idempotency->disagreement_count, 0U);
  const std::string line = doubted.record->idempotency->disagreements.front();
  EXPECT_THAT(line, HasSubstr(": ledger counts 1, database counts 2"));
  EXPECT_THAT(doubted.process.output, HasSubstr("disagree: "));
  EXPECT_THAT(read_file(doubted.run + "/summary.md"), HasSubstr("ledger counts 1, database"));
}

std::string sales_plan(const std::string& stock) {
  return shop("\"--stock\", \"" + stock + "\", \"--sale-currency\", \"EUR\"") + R"([load]
duration = "1s"
drain = "5s"
[limits]
lag_p99 = "500ms"
started = "50%"
[[setup]]
request = "PUT /stock/tea"
json = { quantity = 100000 }
[[fault]]
name = "slow-rates"
kind = "latency"
proxy = "psp"
latency = "100ms"
[[scenario]]
name = "buyers"
arrivals = { process = "constant", rate = "100/s" }
  [[scenario.step]]
  name = "buy"
  request = "POST /buy"
  json = { item = "tea", token = "{{key}}" }
  effect = "{{key}}"
)" + ledger("sale") +
         R"([[effects.oracle]]
name = "stock"
kind = "balance"
request = "GET /stock/tea"
value = "/quantity"
change = "-1"
[effects]
settle = "100ms"
[checks]
require = ["duplicate_effects == 0", "lost_effects == 0"]
)";
}

// A shop that reads, waits and writes sells pieces without taking them out of its stock.
TEST(SeveralOracles, TheStockTellsWhatTheListOfSalesDoesNot) {
  for (const bool racy : {false, true}) {
    const TestDirectory directory;
    const std::string run = directory / "run";
    const ProcessResult result = squall(
        directory,
        {"run", directory.write("plan.toml", sales_plan(racy ? "racy" : "atomic")), "--out", run});
    EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
    const std::string summary = read_file(run + "/summary.md");
    EXPECT_THAT(result.output, HasSubstr("oracle stock (balance): "));
    if (racy) {
      EXPECT_THAT(result.output, HasSubstr("disagree: all keys together: ledger counts "));
      EXPECT_THAT(summary, HasSubstr("- disagree: all keys together: ledger counts 10"));
      EXPECT_THAT(result.output, HasSubstr("the oracles disagree about 1 key; the first one"));
    } else {
      EXPECT_THAT(result.output, Not(HasSubstr("disagree")));
      EXPECT_THAT(summary, Not(HasSubstr("disagree")));
    }
  }
}

// The sum alone decides no operation, so nothing can pass.
TEST(SeveralOracles, TheStockAloneMakesARunInvalid) {
  const TestDirectory directory;
  std::string plan = sales_plan("atomic");
  plan.erase(plan.find(ledger("sale")), ledger("sale").size());
  const ProcessResult result = squall(directory, {"run", directory.write("plan.toml", plan)});
  EXPECT_EQ(result.exit_code, 3) << result.output << result.errors;
  EXPECT_THAT(result.output,
              HasSubstr("100 of 100 operations are undecided (oracle stock tells how"));
}

}  // namespace
}  // namespace squall::test
