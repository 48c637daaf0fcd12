// What faults make of requests, held against the steps that they touch. Errors stand in
// tests/plans_broken; here is what is right, and what is only warned of.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "loadgen/plan/loader.hpp"
#include "tests/support/all_registries.hpp"

namespace squall::plan {
namespace {

using testing::HasSubstr;
using testing::Not;

class FaultScripts : public testing::Test {
 protected:
  static Loaded load_with(const std::string& fault, const std::string& more_load = "") {
    const std::string text = R"(format = 1
name = "scripts"
[[target]]
name = "shop"
urls = ["http://127.0.0.1:8080", "http://127.0.0.1:8081"]
[load]
warmup = "5s"
duration = "60s"
drain = "30s"
)" + more_load + R"([[scenario]]
name = "buy"
arrivals = { process = "constant", rate = "10/s" }
  [[scenario.step]]
  name = "charge"
  request = "POST /pay"
  headers = { Idempotency-Key = "{{key}}" }
  json = { token = "{{key}}", card = { list = [1, "{{seq}}"] } }
  effect = "{{key}}"
[[effects.oracle]]
kind = "http"
request = "GET /ledger"
items = "/effects"
key = "/token"
[[fault]]
name = "tested"
)" + fault;
    LoadOptions options;
    options.seed = 7;
    options.run_id = "scripts";
    options.environment = [](const std::string&) { return std::optional<std::string>(); };
    options.entropy = [] { return std::uint64_t{1}; };
    return load(text, "scripts.toml", test::all_registries().for_plans(), options);
  }
  static std::string said(const std::string& fault) {
    const Loaded loaded = load_with(fault);
    EXPECT_NE(loaded.plan, nullptr) << loaded.diagnostics.to_text();
    return loaded.diagnostics.to_text();
  }
  static std::string late(const std::string& keys) {
    return said("kind = \"duplicate\"\nspacing = \"late\"\n" + keys);
  }
};

TEST_F(FaultScripts, LateCopiesThatFitAreNothingToTalkAbout) {
  EXPECT_EQ(late("delay = \"30s\"\n"), "");
  EXPECT_EQ(late("delay = \"10s\"\ncopies = 4\n"), "");
  EXPECT_EQ(late("delay = \"80s\"\nwindow = [\"0s\", \"10s\"]\n"), "");
}

TEST_F(FaultScripts, WarnsWhenLateCopiesFitForSomeAttemptsOnly) {
  const std::string warned = late("delay = \"31s\"\n");
  EXPECT_THAT(warned, HasSubstr("scripts.toml:26:8: "));
  EXPECT_THAT(warned, HasSubstr("for attempts that start after 59s the drain ends before that"));
  EXPECT_THAT(late("delay = \"16s\"\ncopies = 3\n"), HasSubstr("start after 58s"));
}

TEST_F(FaultScripts, WarnsWhenLateCopiesNeverFit) {
  EXPECT_THAT(late("delay = \"2m\"\n"), HasSubstr("it will always be preempted"));
  EXPECT_THAT(late("delay = \"41s\"\nwindow = [\"50s\", \"60s\"]\n"),
              HasSubstr("it will always be preempted"));
  EXPECT_THAT(late("delay = \"94s\"\n"), Not(HasSubstr("always"))) << "the warm-up has time";
}

TEST_F(FaultScripts, FindsThePlaceOfAChangeInATemplate) {
  for (const char* pointer : {"/token", "/card", "/card/list/1"}) {
    EXPECT_EQ(said("kind = \"duplicate\"\nchange = { body = \"" + std::string(pointer) +
                   "\", to = 1 }\n"),
              "")
        << pointer;
  }
  EXPECT_EQ(load_with("kind = \"duplicate\"\nchange = { body = \"/card/list/2\", to = 1 }\n").plan,
            nullptr);
}

TEST_F(FaultScripts, OtherReplicasAndMalformationsFindWhatTheyNeed) {
  EXPECT_EQ(said("kind = \"duplicate\"\nto = \"other_replica\"\n"), "");
  for (const char* what : {"bad_chunk", "bad_request_line", "duplicate_header", "invalid_utf8",
                           "oversize_header", "truncated_json", "wrong_length"}) {
    EXPECT_EQ(said("kind = \"malformed\"\nwhat = \"" + std::string(what) + "\"\n"), "") << what;
  }
}

TEST_F(FaultScripts, SomebodyMustBeLeftToPass) {
  for (const char* limit : {"share = \"50%\"", "every_nth = 2", "first_n = 10"}) {
    EXPECT_EQ(said("kind = \"reorder\"\n" + std::string(limit) + "\n"), "") << limit;
  }
  EXPECT_EQ(load_with("kind = \"reorder\"\n").plan, nullptr);
  EXPECT_EQ(load_with("kind = \"reorder\"\nevery_nth = 1\n").plan, nullptr);
}

}  // namespace
}  // namespace squall::plan
