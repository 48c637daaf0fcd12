// One seed and run id: one plan digest, whatever the number of threads. Another run id: other keys.
#include <gtest/gtest.h>

#include <set>

#include "loadgen/model/run_record.hpp"
#include "tests/e2e/plans.hpp"
#include "tests/e2e/squall_process.hpp"
#include "tests/support/hostile_server.hpp"

namespace squall::test {
namespace {

constexpr const char* kKeyedStep =
    "  headers = { Idempotency-Key = \"{{key}}\", X-Now = \"{{now}}\" }\n"
    "[[fault]]\nname = \"late\"\nkind = \"latency\"\non = [\"s.get\"]\nshare = \"30%\"\nlatency = "
    "\"3ms\"\n";

class Repeatability : public testing::Test {
 protected:
  std::string digest(std::vector<std::string> arguments) {
    const std::string out = directory_ / ("run" + std::to_string(runs_++));
    arguments.insert(arguments.begin(),
                     {"run", plan_, "--out", out, "--set", "scenario.s.arrivals.process=poisson"});
    const ProcessResult result = squall(directory_, arguments);
    EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
    const auto record = model::record_from_json(read_file(out + "/record.json"));
    EXPECT_TRUE(record.has_value());
    return record ? model::digest_text(record->plan_digest) : "";
  }

  std::set<std::string> keys_seen() {
    std::set<std::string> keys;
    for (const std::string& request : server_.request_texts()) {
      const std::size_t at = request.find("Idempotency-Key: ");
      keys.insert(request.substr(at + 17, 36));
    }
    return keys;
  }

  HostileServer server_{HostileServer::Script{
      HostileServer::read_request(), HostileServer::send(ok_answer("hi")), HostileServer::again()}};
  TestDirectory directory_;
  std::string plan_ = directory_.write("plan.toml", simple_plan(server_.url(""), kKeyedStep));
  int runs_ = 0;
};

TEST_F(Repeatability, DigestDoesNotDependOnThreads) {
  const std::string one = digest({"--run-id", "a", "--threads", "1"});
  EXPECT_EQ(one.size(), 32U);
  EXPECT_EQ(digest({"--run-id", "a", "--threads", "2"}), one);
  EXPECT_EQ(digest({"--run-id", "a", "--threads", "3"}), one);
}

TEST_F(Repeatability, DigestDependsOnSeedAndRunId) {
  const std::string one = digest({"--run-id", "a"});
  EXPECT_NE(digest({"--run-id", "b"}), one);
  EXPECT_NE(digest({"--run-id", "a", "--seed", "2"}), one);
}

TEST_F(Repeatability, AnotherRunIdMeansOtherKeys) {
  (void)digest({"--run-id", "a"});
  const std::set<std::string> first = keys_seen();
  (void)digest({"--run-id", "b"});
  const std::set<std::string> both = keys_seen();
  EXPECT_GT(first.size(), 20U);
  EXPECT_EQ(both.size(), 2 * first.size());
}

TEST(DueArrivals, BelongToTheSecondOfTheirIntendedStart) {
  HostileServer server({HostileServer::read_request(), HostileServer::send(ok_answer("hi")),
                        HostileServer::again()});
  const TestDirectory directory;
  const auto plan = directory.write("plan.toml", simple_plan(server.url(""), "", "2s"));
  ASSERT_EQ(squall(directory, {"run", plan, "--out", directory / "run", "--set", "load.warmup=1s"})
                .exit_code,
            0);
  const auto record = model::record_from_json(read_file(directory / "run/record.json"));
  ASSERT_TRUE(record.has_value());
  for (const model::SecondSummary& second : record->seconds) {
    const bool arriving = second.second >= -1 && second.second < 2;
    EXPECT_EQ(second.counters.due, arriving ? 50U : 0U) << second.second;
  }
}

}  // namespace
}  // namespace squall::test
