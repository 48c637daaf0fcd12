// plans/webhooks.toml: webhooks that the shop receives and sends, with each defect and its remedy.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "loadgen/model/idempotency_report.hpp"
#include "loadgen/model/run_record.hpp"
#include "tests/e2e/squall_process.hpp"
#include "tests/support/files.hpp"

namespace squall::test {
namespace {

using model::PropertyHarm;
using model::PropertyResult;
using model::PropertyVerdict;
using ::testing::HasSubstr;

class Webhooks : public ::testing::Test {
 protected:
  ProcessResult verify(const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"idempotency",
                                          source_file("plans/webhooks.toml"),
                                          "--rounds",
                                          "6",
                                          "--no-reproduce",
                                          "--out",
                                          run_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    ProcessResult result = squall(directory_, arguments, std::chrono::seconds(180));
    const auto record = model::record_from_json(read_file(run_ + "/record.json"));
    EXPECT_TRUE(record) << result.output << result.errors;
    if (record && record->idempotency != nullptr) {
      properties_ = record->idempotency->properties;
    }
    return result;
  }
  const PropertyResult& property(unsigned number) {
    for (const PropertyResult& one : properties_) {
      if (one.number == number) {
        return one;
      }
    }
    ADD_FAILURE() << "no property " << number;
    return properties_.emplace_back();
  }

  TestDirectory directory_;
  const std::string run_ = directory_ / "run";
  std::vector<PropertyResult> properties_;
};

TEST_F(Webhooks, TheMendedShopKeepsBothPromises) {
  const ProcessResult result = verify(
      {"--webhook", "--set", "vars.consumer=table", "--set", "vars.delivery=outbox", "--strict"});
  EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
  ASSERT_EQ(properties_.size(), 2U);
  EXPECT_EQ(property(26).verdict, PropertyVerdict::kPass);
  EXPECT_EQ(property(27).verdict, PropertyVerdict::kPass);
  EXPECT_THAT(property(26).evidence, Not(::testing::Contains(HasSubstr("not tried"))));
  EXPECT_THAT(property(27).evidence, Not(::testing::Contains(HasSubstr("not judged"))));
}

TEST_F(Webhooks, AShopThatKnowsNoEventAgainBooksTwice) {
  const ProcessResult result = verify({"--only", "26"});
  EXPECT_EQ(result.exit_code, 5) << result.output << result.errors;
  const PropertyResult& consumer = property(26);
  EXPECT_EQ(consumer.verdict, PropertyVerdict::kFail);
  EXPECT_EQ(consumer.harm, PropertyHarm::kEffects);
  const std::string page = read_file(run_ + "/findings/idempotency-26-webhook-consumer.md");
  EXPECT_THAT(page, HasSubstr("## The promise"));
  EXPECT_THAT(page, HasSubstr("POST /webhooks/psp"));
  EXPECT_THAT(page, HasSubstr("## How to fix it"));
  EXPECT_THAT(read_file(run_ + "/findings/idempotency-26-webhook-consumer.sh"),
              HasSubstr("/webhooks/psp"));
}

// In order, that is: out of order it has no remedy at all.
TEST_F(Webhooks, AMemoryOfTheProcessFailsAfterARestartAlone) {
  const std::string plan = directory_.write("plan.toml", [] {
    std::string text = read_file(source_file("plans/webhooks.toml"));
    const std::size_t later = text.find("  [idempotency.consumer.later]");
    const std::size_t end = text.find("# What the shop's own books say");
    EXPECT_LT(later, end);
    return text.erase(later, end - later);
  }());
  const ProcessResult result =
      squall(directory_, {"idempotency", plan, "--only", "26", "--rounds", "6", "--set",
                          "vars.consumer=memory", "--out", run_});
  EXPECT_EQ(result.exit_code, 5) << result.output << result.errors;
  const auto record = model::record_from_json(read_file(run_ + "/record.json"));
  ASSERT_TRUE(record);
  const PropertyResult& consumer = record->idempotency->properties.front();
  EXPECT_EQ(consumer.verdict, PropertyVerdict::kFail);
  EXPECT_EQ(consumer.broken, 3U) << consumer.summary;  // every other of 5 kills
  for (const model::PropertyCase& one : consumer.cases) {
    EXPECT_EQ(one.acts.size(), 2U);
  }
  EXPECT_EQ(consumer.reproducer, "squall replay DIR --property 26");
}

TEST_F(Webhooks, AShopThatFiresAndForgetsLosesThem) {
  const ProcessResult result = verify(
      {"--webhook", "--set", "vars.consumer=table", "--set", "idempotency.producer.within=2s"});
  EXPECT_EQ(result.exit_code, 5) << result.output << result.errors;
  EXPECT_EQ(property(26).verdict, PropertyVerdict::kPass);
  const PropertyResult& producer = property(27);
  EXPECT_EQ(producer.verdict, PropertyVerdict::kFail);
  EXPECT_THAT(producer.summary, HasSubstr("a webhook is lost"));
  const std::string page = read_file(run_ + "/findings/idempotency-27-webhook-producer.md");
  EXPECT_THAT(page, HasSubstr("comes to hooks: failed"));
  EXPECT_THAT(page, HasSubstr("squall replay"));
  const ProcessResult replayed =
      squall(directory_, {"replay", run_, "--property", "27", "--times", "2"});
  EXPECT_EQ(replayed.exit_code, 5) << replayed.output << replayed.errors;
}

// The shop wants signatures; nothing else is tested, so the plan needs no operation.
TEST_F(Webhooks, EventsAreSignedByTheirHeaders) {
  const std::string plan = directory_.write("plan.toml", R"(format = 1
name = "signed"
[[service]]
name = "shop"
command = ["squall-shop", "shop", "--port", "{{port.shop}}", "--psp", "http://127.0.0.1:9", "--consumer", "table",
           "--webhook-secret", "s3cret", "--readiness", "process", "--log", "errors"]
ready = "GET http://127.0.0.1:{{port.shop}}/readyz"
[[target]]
name = "shop"
urls = ["http://127.0.0.1:{{port.shop}}"]
[idempotency]
rounds = 4
  [idempotency.consumer.deliver]
  request = "POST /webhooks/psp"
  json = { id = "{{event}}", type = "payment.succeeded", token = "{{token}}", amount = 1999 }
  [idempotency.consumer.deliver.headers]
  Webhook-Id = "{{event}}"
  Webhook-Timestamp = "{{now | unix}}"
  Webhook-Signature = 'v1,{{hmac "sha256" "s3cret" "{{event}}.{{now | unix}}.{{body}}" | base64}}'
[[effects.oracle]]
name = "ledger"
kind = "http"
request = "GET /ledger?limit=1000"
items = "/effects"
key = "/token"
[effects]
settle = "100ms"
)");
  const ProcessResult result =
      squall(directory_, {"idempotency", plan, "--webhook", "--out", run_});
  EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
  const auto record = model::record_from_json(read_file(run_ + "/record.json"));
  ASSERT_TRUE(record);
  const PropertyResult& consumer = record->idempotency->properties.front();
  EXPECT_EQ(consumer.verdict, PropertyVerdict::kPass) << consumer.summary;
  EXPECT_THAT(consumer.evidence, ::testing::Contains(HasSubstr("idempotency.restart")));
  EXPECT_THAT(result.output, HasSubstr("[idempotency.operation]"));
}

TEST_F(Webhooks, TheFlagWantsTablesOfWebhooks) {
  const std::string plan = directory_.write("plan.toml", R"(format = 1
name = "none"
[[target]]
name = "shop"
urls = ["http://127.0.0.1:9"]
[idempotency]
  [idempotency.operation]
  request = "POST /payments"
)");
  const ProcessResult none = squall(directory_, {"idempotency", plan, "--webhook"});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_THAT(none.errors, HasSubstr("neither [idempotency.consumer] nor [idempotency.producer]"));
  const ProcessResult both = squall(
      directory_, {"idempotency", source_file("plans/webhooks.toml"), "--webhook", "--only", "1"});
  EXPECT_EQ(both.exit_code, 2);
}

}  // namespace
}  // namespace squall::test
