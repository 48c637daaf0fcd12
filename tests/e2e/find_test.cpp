// `squall find` against services whose capacity is known.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/model/run_record.hpp"
#include "tests/e2e/plans.hpp"
#include "tests/e2e/squall_process.hpp"
#include "tests/support/hostile_server.hpp"

namespace squall::test {
namespace {

using testing::HasSubstr;

// The provider works 20 ms on a charge, and two connections lead to it: 100 charges a second.
constexpr const char* kTwoAtATime =
    "format = 1\nname = \"two at a time\"\nseed = 5\n"
    "[[service]]\nname = \"psp\"\n"
    "command = [\"squall-shop\", \"psp\", \"--port\", \"{{port.psp}}\", \"--answer-time\", "
    "\"20ms\"]\n"
    "ready = \"GET http://127.0.0.1:{{port.psp}}/readyz\"\n"
    "[[target]]\nname = \"psp\"\nurls = [\"http://127.0.0.1:{{port.psp}}\"]\ntimeout = \"5s\"\n"
    "[load]\nduration = \"10s\"\ndrain = \"10s\"\nconnections = 2\n"
    "[limits]\nlag_p99 = \"2s\"\nstarted = \"1%\"\n"
    "[[scenario]]\nname = \"buy\"\narrivals = { process = \"constant\", rate = \"25/s\" }\n"
    "  [[scenario.step]]\n  name = \"charge\"\n  request = \"POST /charges\"\n"
    "  json = { amount = 1999, token = \"{{key}}\" }\n";

TEST(Find, GoesNoHigherThanThePlansMaxRate) {
  const TestDirectory directory;
  std::string text = kTwoAtATime;
  const std::string url = "urls = [\"http://127.0.0.1:{{port.psp}}\"]";
  text.replace(text.find(url), url.size(),
               "urls = [\"http://psp.invalid:80\"]\n"
               "connect_to = [\"psp.invalid:80:127.0.0.1:{{port.psp}}\"]");
  text.insert(text.find("seed = 5"), "max_rate = \"30/s\"\n");
  const auto ended =
      squall(directory,
             {"find", directory.write("plan.toml", text), "--require", "response p50 < 4s",
              "--stage", "1s", "--confirm", "1s", "--warmup", "0s", "--out", directory / "found"},
             std::chrono::seconds(120));
  ASSERT_EQ(ended.exit_code, 0) << ended.output << ended.errors;
  const auto record = model::record_from_json(read_file(directory / "found/record.json"));
  ASSERT_TRUE(record.has_value()) << to_string(record.error());
  EXPECT_EQ(record->capacity.limit, model::CapacityLimit::kMaximum);
  EXPECT_DOUBLE_EQ(record->capacity.rate.per_second, 30);
}

TEST(Find, ComesCloseToACapacityThatIsKnown) {
  const TestDirectory directory;
  const auto plan = directory.write("plan.toml", kTwoAtATime);
  const auto ended =
      squall(directory,
             {"find", plan, "--require", "response p50 < 80ms", "--stage", "1s", "--confirm", "2s",
              "--warmup", "200ms", "--resolution", "20%", "--out", directory / "found"},
             std::chrono::seconds(120));
  ASSERT_EQ(ended.exit_code, 0) << ended.output << ended.errors;
  const auto record = model::record_from_json(read_file(directory / "found/record.json"));
  ASSERT_TRUE(record.has_value()) << to_string(record.error());
  const model::Capacity& capacity = record->capacity;
  EXPECT_TRUE(capacity.confirmed);
  EXPECT_EQ(capacity.limit, model::CapacityLimit::kTarget);
  EXPECT_GE(capacity.rate.per_second, 60);
  EXPECT_LE(capacity.rate.per_second, 140);
  EXPECT_GT(capacity.upper, capacity.rate);
  ASSERT_GE(capacity.stages.size(), 4U);
  EXPECT_DOUBLE_EQ(capacity.stages.front().rate.per_second, 25);
  EXPECT_NEAR(capacity.stages.front().started_per_s, 25, 2);
  EXPECT_TRUE(capacity.stages.back().confirmation);
  EXPECT_THAT(ended.output, HasSubstr("Capacity"));
  EXPECT_THAT(read_file(directory / "found/summary.md"), HasSubstr("Capacity: "));
}

TEST(Find, IsAGateWithALeastCapacity) {
  HostileServer server({HostileServer::read_request(), HostileServer::send(ok_answer("hi")),
                        HostileServer::again()});
  const TestDirectory directory;
  const auto plan = directory.write("plan.toml", simple_plan(server.url("")));
  const std::vector<std::string> common{
      "find",    plan,    "--require", "error_rate < 1%", "--from",   "50/s", "--to",   "100/s",
      "--stage", "500ms", "--confirm", "500ms",           "--warmup", "0s",   "--quiet"};
  auto enough = common;
  enough.insert(enough.end(), {"--at-least", "80/s", "--out", directory / "enough"});
  auto more = common;
  more.insert(more.end(), {"--at-least", "200/s", "--out", directory / "more"});
  EXPECT_EQ(squall(directory, enough).exit_code, 0);
  const auto ended = squall(directory, more);
  EXPECT_EQ(ended.exit_code, 1) << ended.output << ended.errors;
  const auto record = model::record_from_json(read_file(directory / "more/record.json"));
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->capacity.limit, model::CapacityLimit::kMaximum);
  EXPECT_THAT(record->reasons, testing::Contains(HasSubstr("below the 200/s asked for")));
}

TEST(Find, SaysThatNothingHeld) {
  HostileServer server({HostileServer::read_request(),
                        HostileServer::send("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"),
                        HostileServer::again()});
  const TestDirectory directory;
  const auto plan = directory.write("plan.toml", simple_plan(server.url("")));
  const auto ended =
      squall(directory, {"find", plan, "--require", "error_rate < 1%", "--from", "4/s", "--stage",
                         "500ms", "--warmup", "0s", "--out", directory / "run"});
  EXPECT_EQ(ended.exit_code, 1) << ended.output << ended.errors;
  EXPECT_THAT(ended.output, HasSubstr("no rate held"));
}

const HostileServer::Script kGood{HostileServer::read_request(),
                                  HostileServer::send(ok_answer("hi")), HostileServer::again()};

// How fast this machine answers is no matter of these tests.
std::string patient_plan(const HostileServer& server) {
  std::string text = simple_plan(server.url(""));
  text.replace(text.find("timeout = \"500ms\""), 17, "timeout = \"60s\"");
  return text.replace(text.find("drain = \"2s\""), 12, "drain = \"60s\"");
}

TEST(Find, TooFewSamplesMeanUpwardsAndNeverDown) {
  HostileServer server(kGood);
  const TestDirectory directory;
  const auto plan = directory.write("plan.toml", patient_plan(server));
  // 10 samples, 20 and 40: none of them tells a p95; 80 do, as all of them are below the bound.
  const auto ended = squall(directory, {"find", plan, "--require", "response p95 < 60s", "--from",
                                        "20/s", "--to", "160/s", "--stage", "500ms", "--confirm",
                                        "500ms", "--warmup", "0s", "--out", directory / "run"});
  ASSERT_EQ(ended.exit_code, 0) << ended.output << ended.errors;
  const auto record = model::record_from_json(read_file(directory / "run/record.json"));
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->capacity.stages.front().verdict, model::StageVerdict::kInconclusive);
  EXPECT_EQ(record->capacity.limit, model::CapacityLimit::kMaximum);
  EXPECT_DOUBLE_EQ(record->capacity.rate.per_second, 160);
  for (const model::CapacityStage& stage : record->capacity.stages) {
    EXPECT_GE(stage.rate.per_second, 20);
  }
}

TEST(Find, WhatCannotBeDecidedIsInconclusiveAndNotABreach) {
  HostileServer server(kGood);
  const TestDirectory directory;
  const auto plan = directory.write("plan.toml", patient_plan(server));
  const auto ended = squall(
      directory, {"find", plan, "--require", "response p99.9 < 60s", "--from", "10/s", "--to",
                  "10/s", "--stage", "100ms", "--warmup", "0s", "--out", directory / "run"});
  EXPECT_EQ(ended.exit_code, 7) << ended.output << ended.errors;
  EXPECT_THAT(ended.output, HasSubstr("INCONCLUSIVE"));
  EXPECT_THAT(ended.output, HasSubstr("no rate could be decided: too few samples"));
  EXPECT_THAT(ended.output, testing::Not(HasSubstr("no rate held")));
}

TEST(Find, RequireReplacesThePlansFindingsToo) {
  const TestDirectory directory;
  // The shop charges twice, which is no matter of the rate that was asked about.
  const auto plan = directory.write("plan.toml", shop_plan("racy"));
  const auto ended = squall(directory, {"find", plan, "--require", "response p50 < 60s", "--from",
                                        "40/s", "--to", "40/s", "--stage", "1s", "--confirm", "1s",
                                        "--warmup", "0s", "--out", directory / "run"});
  EXPECT_EQ(ended.exit_code, 0) << ended.output << ended.errors;
  const auto record = model::record_from_json(read_file(directory / "run/record.json"));
  ASSERT_TRUE(record.has_value());
  EXPECT_THAT(record->capacity.conditions,
              testing::ElementsAre("response p50 < 60s", "error_rate < 1%"));
  EXPECT_THAT(ended.output, HasSubstr("no --require names error_rate"));
}

TEST(Find, ACapacityWithErrorsIsNone) {
  HostileServer server({HostileServer::read_request(),
                        HostileServer::send("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"),
                        HostileServer::again()});
  const TestDirectory directory;
  const auto plan = directory.write("plan.toml", patient_plan(server));
  std::vector<std::string> arguments{
      "find", plan,      "--require", "response p50 < 60s", "--from", "20/s",     "--to",
      "20/s", "--stage", "500ms",     "--confirm",          "500ms",  "--warmup", "0s"};
  EXPECT_EQ(squall(directory, arguments).exit_code, 1);
  arguments.insert(arguments.end(), {"--require", "error_rate <= 100%"});
  EXPECT_EQ(squall(directory, arguments).exit_code, 0);
}

TEST(Find, SaysWhatItWarnsOfOnceAndNotWhatItCausedItself) {
  HostileServer server(kGood);
  const TestDirectory directory;
  std::string text = patient_plan(server);
  text.replace(text.find("\"50/s\""), 6, "\"{{var.rate}}\"");
  text.replace(text.find("[[target]]"), 0, "[vars]\nrate = \"50/s\"\nidle = \"1\"\n");
  const auto plan = directory.write("plan.toml", text);
  const auto ended =
      squall(directory, {"find", plan, "--require", "error_rate < 1%", "--to", "100/s", "--stage",
                         "300ms", "--confirm", "300ms", "--warmup", "0s", "--quiet"});
  EXPECT_EQ(ended.exit_code, 0) << ended.output << ended.errors;
  EXPECT_THAT(ended.errors, testing::Not(HasSubstr("var.rate")));
  const std::size_t first = ended.errors.find("var.idle");
  ASSERT_NE(first, std::string::npos) << ended.errors;
  EXPECT_EQ(ended.errors.find("var.idle", first + 8), std::string::npos) << ended.errors;
}

TEST(Find, RefusesWhatHasNoCapacity) {
  HostileServer server({HostileServer::stall()});
  const TestDirectory directory;
  std::string closed = simple_plan(server.url(""));
  closed.replace(closed.find("arrivals = { process = \"constant\", rate = \"50/s\" }"), 50,
                 "users = 5");
  std::string ramp = simple_plan(server.url(""));
  ramp.replace(ramp.find("{ process = \"constant\", rate = \"50/s\" }"), 39,
               "{ process = \"ramp\", from = \"1/s\", to = \"5/s\", over = \"1s\" }");
  const std::vector<std::pair<std::string, std::string>> refused{
      {closed, "closed"}, {ramp, "not one rate"}, {simple_plan(server.url("")), "what must hold"}};
  for (const auto& [text, message] : refused) {
    const auto plan = directory.write("plan.toml", text);
    auto arguments = std::vector<std::string>{"find", plan};
    if (message != "what must hold") {
      arguments.insert(arguments.end(), {"--require", "error_rate < 1%"});
    }
    const auto ended = squall(directory, arguments);
    EXPECT_EQ(ended.exit_code, 2) << ended.output << ended.errors;
    EXPECT_THAT(ended.errors, HasSubstr(message));
  }
  EXPECT_EQ(server.connections(), 0U);
}

}  // namespace
}  // namespace squall::test
