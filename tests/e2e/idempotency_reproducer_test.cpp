// The reproducer of a property that a shop does not keep: tried as a part of the run, on disk, and
// told in the page. The shop looks its keys up before it asks the provider and inserts them after.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "loadgen/model/idempotency_report.hpp"
#include "loadgen/model/run_record.hpp"
#include "tests/e2e/squall_process.hpp"
#include "tests/support/files.hpp"

namespace squall::test {
namespace {

using ::testing::HasSubstr;

// The provider takes so long that curl's second request comes in between on any machine.
std::string plan_with(const std::string& payments) {
  return R"(format = 1
name = "charge"
[[service]]
name = "psp"
command = ["squall-shop", "psp", "--port", "{{port.psp}}", "--answer-time", "150ms"]
ready = "GET http://127.0.0.1:{{port.psp}}/readyz"
[[service]]
name = "shop"
command = ["squall-shop", "shop", "--port", "{{port.shop}}", "--psp", "http://127.0.0.1:{{port.psp}}", "--payments", ")" +
         payments + R"("]
ready = "GET http://127.0.0.1:{{port.shop}}/readyz"
[[target]]
name = "shop"
urls = ["http://127.0.0.1:{{port.shop}}"]
[idempotency]
profile = "ietf"
id = "json /id"
rounds = 5
barriers = [3]
  [idempotency.operation]
  request = "POST /payments"
  json = { order = "{{token}}", amount = 1999, token = "{{token}}" }
[[effects.oracle]]
name = "ledger"
kind = "http"
request = "GET /ledger?limit=1000"
items = "/effects"
key = "/token"
next = "/next"
next_parameter = "after"
[effects]
settle = "100ms"
)";
}

TEST(IdempotencyReproducer, TheScriptOfARacyShopsTwinsHits) {
  const TestDirectory directory;
  const std::string run = directory / "run";
  const ProcessResult verified =
      squall(directory, {"idempotency", directory.write("plan.toml", plan_with("racy")), "--only",
                         "4", "--out", run});
  ASSERT_EQ(verified.exit_code, 5) << verified.output << verified.errors;
  const auto record = model::record_from_json(read_file(run + "/record.json"));
  ASSERT_TRUE(record) << to_string(record.error());
  ASSERT_NE(record->idempotency, nullptr);
  ASSERT_EQ(record->idempotency->properties.size(), 1U);
  const model::PropertyResult& twins = record->idempotency->properties.front();
  EXPECT_EQ(twins.verdict, model::PropertyVerdict::kFail);
  EXPECT_EQ(twins.reproducer, "sh DIR/findings/idempotency-4-concurrent-twins.sh");
  EXPECT_GT(twins.reproduced, 0U);
  EXPECT_EQ(read_file(run + "/findings/idempotency-4-concurrent-twins.sh"), twins.script);
  const std::string page = read_file(run + "/findings/idempotency-4-concurrent-twins.md");
  EXPECT_THAT(page, HasSubstr("## The promise"));
  EXPECT_THAT(page, HasSubstr("## How to fix it"));
  EXPECT_THAT(verified.output, HasSubstr("reproduce: sh "));

  const ProcessResult replayed =
      squall(directory, {"replay", run, "--property", "4", "--times", "3"});
  EXPECT_EQ(replayed.exit_code, 5) << replayed.output << replayed.errors;
  EXPECT_THAT(replayed.output, HasSubstr("hit 3 of 3\n"));
}

TEST(IdempotencyReproducer, ReplayWantsToKnowWhat) {
  const TestDirectory directory;
  EXPECT_EQ(squall(directory, {"replay", directory / "run"}).exit_code, 2);
  EXPECT_EQ(squall(directory, {"replay", directory / "run", "--property", "4"}).exit_code, 2);
}

}  // namespace
}  // namespace squall::test
