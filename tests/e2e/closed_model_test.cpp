// The closed model from outside: users wait for answers, think, and are never more than the plan
// says.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <iterator>
#include <set>

#include "loadgen/base/text.hpp"
#include "loadgen/model/load_model.hpp"
#include "loadgen/model/run_record.hpp"
#include "loadgen/model/selection.hpp"
#include "tests/e2e/plans.hpp"
#include "tests/e2e/squall_process.hpp"
#include "tests/support/hostile_server.hpp"

namespace squall::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// simple_plan() with this instead of its arrivals.
std::string closed_plan(const std::string& url, const std::string& users,
                        const std::string& duration) {
  std::string text = simple_plan(url, "", duration);
  const std::string arrivals = "arrivals = { process = \"constant\", rate = \"50/s\" }";
  text.replace(text.find(arrivals), arrivals.size(), users);
  text.replace(text.find("connections = 8"), 15, "connections = 100");
  return text;
}

struct ClosedRun {
  ProcessResult process;
  model::RunRecord record;
};

ClosedRun run(const std::string& text, std::vector<std::string> more = {}) {
  const TestDirectory directory;
  std::vector<std::string> arguments{"run", directory.write("plan.toml", text), "--out",
                                     directory / "run"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  ClosedRun done{.process = squall(directory, arguments), .record = {}};
  auto record = model::record_from_json(read_file(directory / "run/record.json"));
  EXPECT_TRUE(record.has_value()) << done.process.output << done.process.errors;
  if (record) {
    done.record = std::move(*record);
  }
  return done;
}

HostileServer::Script answer_after(Duration pause) {
  return {HostileServer::read_request(), HostileServer::wait(pause),
          HostileServer::send(ok_answer("hi")), HostileServer::again()};
}

TEST(ClosedModel, FiftyUsersAreNeverMoreThanFiftyAndDoTheirIterationsExactly) {
  HostileServer server(answer_after(milliseconds(20)));
  const ClosedRun done =
      run(closed_plan(server.url(""), "users = 50\niterations = 1234", "60s"), {"--threads", "2"});
  EXPECT_EQ(done.process.exit_code, 0) << done.process.output << done.process.errors;
  EXPECT_EQ(server.requests(), 1234U);
  EXPECT_EQ(done.record.totals.started, 1234U);
  EXPECT_EQ(done.record.totals.dropped, 0U);
  // A connection is only opened when all others are in use, so their number is the most that went
  // on at one time.
  EXPECT_LE(server.connections(), 50U);
  EXPECT_GE(server.connections(), 40U);
  EXPECT_LT(done.record.measured_duration, seconds(30)) << "the load ends with the iterations";
  EXPECT_GE(done.record.measured_duration, milliseconds(20) * (1234 / 50));
  ASSERT_EQ(done.record.scenarios.size(), 1U);
  EXPECT_EQ(done.record.scenarios[0].load_model, model::LoadModel::kClosed);
  EXPECT_EQ(done.record.scenarios[0].load, "50 users, 1234 iterations");
  EXPECT_TRUE(model::why_no_capacity(done.record).has_value());
  EXPECT_NE(done.process.output.find("closed model"), std::string::npos) << done.process.output;
}

TEST(ClosedModel, ThinkTimeIsRespected) {
  HostileServer server(answer_after({}));
  const ClosedRun done = run(closed_plan(server.url(""), "users = 5\nthink = \"100ms\"", "2s"));
  EXPECT_EQ(done.process.exit_code, 0) << done.process.output << done.process.errors;
  // 20 times in 2 s and once for the first part of a think time; a busy machine makes it less.
  EXPECT_LE(server.requests(), 5U * 21U);
  EXPECT_GE(server.requests(), 5U * 10U);
  EXPECT_EQ(done.record.totals.started, server.requests());
}

// The rate of users is not known before the run: the guard looks while it goes on.
TEST(ClosedModel, UsersThatComeToMoreThanMaxRateEndTheRun) {
  HostileServer server(answer_after(milliseconds(1)));
  std::string text = closed_plan("http://shop.invalid:80", "users = 5", "30s");
  text.insert(text.find("timeout = "), "connect_to = [\"shop.invalid:80:127.0.0.1:" +
                                           std::to_string(server.port()) + "\"]\n");
  text.insert(text.find("preflight"), "max_rate = \"20/s\"\n");
  const ClosedRun done = run(text);
  EXPECT_EQ(done.process.exit_code, 1) << done.process.output << done.process.errors;
  EXPECT_NE(done.process.output.find("max_rate allows 20/s"), std::string::npos)
      << done.process.output;
  EXPECT_LT(done.record.measured_duration, seconds(29));
}

// The users' own slowness is not charged to anybody: response is what a user saw.
TEST(ClosedModel, ASlowTargetIsAskedLess) {
  HostileServer server(answer_after(milliseconds(200)));
  const ClosedRun done = run(closed_plan(server.url(""), "users = 4", "2s"));
  EXPECT_EQ(done.process.exit_code, 0) << done.process.output << done.process.errors;
  EXPECT_LE(server.requests(), 4U * 11U);
  EXPECT_GE(server.requests(), 4U * 5U);
  const auto response = model::response_of_operations(done.record, {});
  EXPECT_GE(response.value_at_percentile(50), 200'000);
  EXPECT_LT(response.value_at_percentile(50), 400'000);
}

TEST(ClosedModel, KeysDoNotDependOnThreads) {
  HostileServer server(answer_after({}));
  std::string text = closed_plan(server.url(""), "users = 6\niterations = 6", "30s");
  text += "  headers = { Idempotency-Key = \"{{key}}\" }\n";
  std::set<std::string> keys[2];
  for (const int threads : {1, 2}) {
    const std::size_t before = server.request_texts().size();
    const ClosedRun done = run(text, {"--run-id", "same", "--threads", std::to_string(threads)});
    EXPECT_EQ(done.process.exit_code, 0) << done.process.output << done.process.errors;
    EXPECT_EQ(done.record.plan_digest, (std::array<std::uint64_t, 2>{}));
    const auto requests = server.request_texts();
    for (std::size_t i = before; i < requests.size(); ++i) {
      keys[threads - 1].insert(requests[i].substr(requests[i].find("Idempotency-Key: ") + 17, 36));
    }
  }
  // Who answers first may do a second iteration before another user's first, so the sets need not
  // be equal; but what iteration has which key does not depend on the threads.
  std::set<std::string> both;
  std::set_intersection(keys[0].begin(), keys[0].end(), keys[1].begin(), keys[1].end(),
                        std::inserter(both, both.end()));
  EXPECT_GE(both.size(), 3U);
  EXPECT_EQ(keys[0].size(), 6U);
  EXPECT_EQ(keys[1].size(), 6U);
}

TEST(ClosedModel, ASignalEndsItAfterADrain) {
  HostileServer server(answer_after(milliseconds(10)));
  const TestDirectory directory;
  const auto plan = directory.write("plan.toml", closed_plan(server.url(""), "users = 3", "60s"));
  Process process({.command = {squall_binary(), "run", plan, "--out", directory / "run"},
                   .directory = directory.path()});
  ASSERT_TRUE(server.wait_until([&] { return server.requests() > 20; }));
  process.signal(SIGINT);
  const ProcessResult result = process.wait(seconds(20));
  EXPECT_EQ(result.exit_code, 130) << result.output << result.errors;
  const auto record = model::record_from_json(read_file(directory / "run/record.json"));
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->totals.started, server.requests());
  EXPECT_EQ(record->totals.completed, server.requests());
}

TEST(WeightedScenarios, ShareTheArrivalsOfTheLoad) {
  HostileServer server(answer_after({}));
  std::string text = simple_plan(server.url(""), "", "2s");
  const std::string arrivals = "arrivals = { process = \"constant\", rate = \"50/s\" }";
  text.replace(text.find(arrivals), arrivals.size(), "weight = 3");
  text.replace(text.find("[limits]"), 8,
               "arrivals = { process = \"constant\", rate = \"100/s\" }\n[limits]");
  text +=
      "[[scenario]]\nname = \"other\"\nweight = 1\n"
      "  [[scenario.step]]\n  name = \"get\"\n  request = \"GET /other\"\n";
  const ClosedRun done = run(text);
  EXPECT_EQ(done.process.exit_code, 0) << done.process.output << done.process.errors;
  EXPECT_EQ(server.requests(), 200U);
  const auto requests = server.request_texts();
  const auto others = std::count_if(requests.begin(), requests.end(), [](const std::string& r) {
    return r.starts_with("GET /other ");
  });
  EXPECT_NEAR(static_cast<double>(others), 50, 31);  // five standard deviations
}

}  // namespace
}  // namespace squall::test
