// Eight processes share a run against a shop, and what they leave is joined: the arrivals, keys and
// decisions of one process, each once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <set>

#include "loadgen/base/clock.hpp"
#include "loadgen/model/run_record.hpp"
#include "loadgen/run/start_instant.hpp"
#include "tests/e2e/plans.hpp"
#include "tests/e2e/squall_process.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/hostile_server.hpp"

namespace squall::test {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr unsigned kShards = 8;
// Whether a host is quick enough for eight processes to be ready at one instant is not the point: a
// late one makes the measurement invalid, and nothing else.
const auto kMeasured = ::testing::AnyOf(0, 3);

// The shop and its provider, outside of any plan.
class Shop {
 public:
  explicit Shop(const std::string& payments) {
    psp_ = start({"psp", "--answer-time", "5ms"});
    shop_ = start({"shop", "--psp", place_of(*psp_), "--payments", payments});
    url_ = place_of(*shop_);
  }
  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  static std::unique_ptr<Process> start(std::vector<std::string> arguments) {
    const std::string squall = squall_binary();
    arguments.insert(arguments.begin(), squall.substr(0, squall.rfind('/')) + "/squall-shop");
    arguments.insert(arguments.end(), {"--port", "0"});
    return std::make_unique<Process>(Process::Options{.command = std::move(arguments)});
  }
  static std::string place_of(const Process& process) {
    static constexpr std::string_view kPort = "\"port\":";
    std::string log;
    EXPECT_TRUE(eventually([&] {
      log = process.errors();
      return log.find(kPort) != std::string::npos;
    })) << log;
    return "http://127.0.0.1:" +
           std::to_string(std::stoi(log.substr(log.find(kPort) + kPort.size())));
  }

  std::unique_ptr<Process> psp_;
  std::unique_ptr<Process> shop_;
  std::string url_;
};

std::string plan_against(const std::string& url) {
  return "format = 1\nname = \"shared\"\nseed = 3\n"
         "[[target]]\nname = \"shop\"\nurls = [\"" +
         url +
         "\"]\ntimeout = \"5s\"\n"
         "[load]\nduration = \"2s\"\ndrain = \"10s\"\nconnections = 4\n"
         "[limits]\nlag_p99 = \"5s\"\nstarted = \"1%\"\n"
         "[[scenario]]\nname = \"buy\"\narrivals = { process = \"poisson\", rate = \"80/s\" }\n"
         "  [[scenario.step]]\n  name = \"charge\"\n  request = \"POST /payments\"\n"
         "  headers = { Idempotency-Key = \"{{key}}\" }\n"
         "  json = { order = \"{{seq}}\", amount = 1999, token = \"{{key}}\" }\n"
         "  expect = [\"status in 200..299\"]\n  effect = \"{{key}}\"\n"
         "[[fault]]\nname = \"twins\"\nkind = \"duplicate\"\non = [\"buy.charge\"]\nshare = "
         "\"20%\"\ncopies = 2\nspacing = \"together\"\n"
         "[[effects.oracle]]\nname = \"ledger\"\nkind = \"http\"\nrequest = \"GET "
         "/ledger?limit=10000\"\n"
         "items = \"/effects\"\nkey = \"/token\"\nnext = \"/next\"\nnext_parameter = \"after\"\n"
         "[effects]\nsettle = \"300ms\"\n"
         "[checks]\nrequire = [\"duplicate_effects == 0\", \"lost_effects == 0\"]\n";
}

std::string soon(Duration ahead) {
  return run::start_text(wall_clock_now() + ahead);
}

Result<model::RunRecord> record_in(const std::string& run) {
  return model::record_from_json(read_file(run + "/record.json"));
}

std::uint64_t verdicts(const model::RunRecord& record, model::EffectVerdict verdict) {
  std::uint64_t count = 0;
  for (const model::EffectCounts& step : record.effects.steps) {
    count += step.verdicts[static_cast<std::size_t>(verdict)];
  }
  return count;
}

class Shards : public testing::Test {
 protected:
  std::vector<std::string> run_shards(const std::string& plan, const std::string& run_id) {
    const std::string start = soon(seconds(3));
    std::vector<std::unique_ptr<Process>> processes;
    std::vector<std::string> directories;
    for (unsigned i = 1; i <= kShards; ++i) {
      directories.push_back("shards/shard-" + std::to_string(i) + "-of-8");
      processes.push_back(std::make_unique<Process>(
          Process::Options{.command = {squall_binary(), "run", plan, "--run-id", run_id, "--shard",
                                       std::to_string(i) + "/" + std::to_string(kShards),
                                       "--start-at", start, "--threads", "1", "--out", "shards"},
                           .directory = directory_.path()}));
    }
    for (const auto& process : processes) {
      const ProcessResult result = process->wait(seconds(60));
      EXPECT_THAT(result.exit_code, kMeasured) << result.output << result.errors;
      EXPECT_THAT(result.output, HasSubstr("judged when all are joined"));
    }
    return directories;
  }

  ProcessResult merge(const std::vector<std::string>& directories) {
    std::vector<std::string> arguments = {"merge", "-o", "merged"};
    arguments.insert(arguments.end(), directories.begin(), directories.end());
    return squall(directory_, arguments);
  }

  TestDirectory directory_;
};

TEST_F(Shards, EightProcessesDoWhatOneDoes) {
  const Shop correct("atomic");
  const Shop other("atomic");
  const std::string plan = directory_.write("plan.toml", plan_against(correct.url()));
  const auto shards = run_shards(plan, "e2e-1");
  const ProcessResult merged = merge(shards);
  EXPECT_THAT(merged.exit_code, kMeasured) << merged.output << merged.errors;

  // The same plan, seed and run id by one process, against a shop that has not seen its keys.
  const ProcessResult single = squall(directory_, {"run", plan, "--run-id", "e2e-1", "--target",
                                                   other.url(), "--out", directory_ / "single"});
  EXPECT_EQ(single.exit_code, 0) << single.output << single.errors;
  const auto whole = record_in(directory_ / "single");
  const auto joined = record_in(directory_ / "merged");
  ASSERT_TRUE(whole && joined);
  EXPECT_NE(model::digest_text(whole->plan_digest), std::string(32, '0'));
  EXPECT_EQ(model::digest_text(joined->plan_digest), model::digest_text(whole->plan_digest));
  EXPECT_EQ(joined->totals.started, whole->totals.started);
  EXPECT_EQ(joined->faults[0].counts.planned, whole->faults[0].counts.planned);
  ASSERT_EQ(joined->shards.size(), kShards);
  for (const model::RecordedShard& shard : joined->shards) {
    EXPECT_GT(shard.started, 0U);
  }
  ASSERT_EQ(joined->effects.steps.size(), 1U);
  EXPECT_EQ(joined->effects.steps[0].operations, whole->effects.steps[0].operations);
  EXPECT_EQ(joined->effects.steps[0].effects, whole->effects.steps[0].effects);
  EXPECT_EQ(verdicts(*joined, model::EffectVerdict::kOk), whole->effects.steps[0].operations);
  ASSERT_EQ(joined->effects.oracles.size(), 1U);
  EXPECT_EQ(joined->effects.oracles[0].unattributed, 0U)
      << "neither the other shards' keys nor their preflights'";
}

TEST_F(Shards, WrongEffectsAreFoundByTheShardThatAskedForThem) {
  const Shop broken("none");
  const std::string plan = directory_.write("plan.toml", plan_against(broken.url()));
  const auto shards = run_shards(plan, "e2e-2");
  const ProcessResult merged = merge(shards);
  EXPECT_EQ(merged.exit_code, 5) << merged.output << merged.errors;
  const auto joined = record_in(directory_ / "merged");
  ASSERT_TRUE(joined.has_value());
  std::uint64_t found = 0;
  for (const std::string& shard : shards) {
    const auto part = record_in(directory_ / shard);
    ASSERT_TRUE(part.has_value());
    found += verdicts(*part, model::EffectVerdict::kDuplicate);
  }
  EXPECT_GT(found, 0U);
  EXPECT_EQ(verdicts(*joined, model::EffectVerdict::kDuplicate), found);
}

class OneShard : public testing::Test {
 protected:
  ProcessResult run_with(const std::string& more,
                         const std::vector<std::pair<std::string, std::string>>& environment,
                         std::vector<std::string> arguments) {
    const std::string plan = directory_.write("plan.toml", simple_plan(server_.url(""), more));
    arguments.insert(arguments.begin(), {squall_binary(), "run", plan, "--out",
                                         directory_ / ("run" + std::to_string(++runs_))});
    Process process(
        {.command = arguments, .directory = directory_.path(), .environment = environment});
    return process.wait(seconds(30));
  }
  ProcessResult refused(const std::string& more, std::vector<std::string> arguments) {
    ProcessResult result = run_with(more, {}, std::move(arguments));
    EXPECT_EQ(result.exit_code, 2) << result.output << result.errors;
    EXPECT_TRUE(server_.request_texts().empty());
    return result;
  }

  HostileServer server_{HostileServer::Script{
      HostileServer::read_request(), HostileServer::send(ok_answer("hi")), HostileServer::again()}};
  TestDirectory directory_;
  int runs_ = 0;
};

TEST_F(OneShard, NeedsTheRunIdOfAll) {
  EXPECT_THAT(refused("", {"--shard", "2/8"}).errors, HasSubstr("give each of them the same"));
  EXPECT_THAT(refused("", {"--shard", "0/8"}).errors, HasSubstr("counted from 1"));
  EXPECT_THAT(refused("", {"--shard", "auto"}).errors, HasSubstr("no launcher says"));
}

TEST_F(OneShard, IsWhatTheLauncherSays) {
  const ProcessResult result = run_with("",
                                        {{"SLURM_JOB_ID", "7"},
                                         {"SLURM_STEP_ID", "0"},
                                         {"SLURM_PROCID", "1"},
                                         {"SLURM_STEP_NUM_TASKS", "5"}},
                                        {"--shard", "auto"});
  EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
  EXPECT_THAT(result.errors, HasSubstr("shard 2/5, from Slurm"));
  const auto record = record_in(directory_ / "run1/shard-2-of-5");
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->run_id, "slurm-7.0");
  EXPECT_EQ(record->shard, (model::Shard{.index = 1, .count = 5}));
  EXPECT_EQ(record->totals.started, 10U);  // of 50
}

TEST_F(OneShard, RefusesWhatOnlyOneProcessCanDo) {
  const auto said = [&](const std::string& more) {
    return refused(more, {"--shard", "2/8", "--run-id", "a"}).errors;
  };
  EXPECT_THAT(said("[[service]]\nname = \"x\"\ncommand = [\"true\"]\n"),
              HasSubstr("plan.toml:22:1: not in a run of several shards: each shard would start"));
  EXPECT_THAT(said("[[proxy]]\nname = \"x\"\nupstream = \"127.0.0.1:1\"\n"),
              HasSubstr("fault proxy of its own"));
  EXPECT_THAT(said("[[teardown]]\nrequest = \"DELETE /\"\n"), HasSubstr("after `squall merge`"));
  EXPECT_THAT(said("[[setup]]\nrequest = \"PUT /\"\n"), HasSubstr("the same --start-at"));
}

TEST_F(OneShard, ASetupIsTheFirstShardsAndAStartIsCommon) {
  const auto arguments = [&](const std::string& shard) {
    return std::vector<std::string>{"--shard", shard,        "--run-id",
                                    "a",       "--start-at", soon(seconds(3))};
  };
  const auto setups = [&] {
    const auto requests = server_.request_texts();
    return std::count_if(requests.begin(), requests.end(), [](const std::string& request) {
      return request.starts_with("PUT /prepare");
    });
  };
  const std::string setup = "[[setup]]\nrequest = \"PUT /prepare\"\n";
  EXPECT_THAT(run_with(setup, {}, arguments("2/2")).exit_code, kMeasured);
  EXPECT_EQ(setups(), 0);
  const WallTime before = wall_clock_now();
  EXPECT_THAT(run_with(setup, {}, arguments("1/2")).exit_code, kMeasured);
  EXPECT_EQ(setups(), 1);
  const auto record = record_in(directory_ / "run2/shard-1-of-2");
  ASSERT_TRUE(record.has_value());
  EXPECT_GT(record->started, before + seconds(2));
  EXPECT_TRUE(std::any_of(record->events.begin(), record->events.end(), [](const auto& event) {
    return event.text.find("the common start") != std::string::npos;
  }));
}

TEST_F(OneShard, HitIsDividedToo) {
  const ProcessResult result =
      squall(directory_, {"hit", "-r", "100/s", "-z", "1s", "--shard", "3/4", "--run-id", "a",
                          "--no-preflight", "-o", "hit", server_.url("")});
  EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
  const auto record = record_in(directory_ / "hit/shard-3-of-4");
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->totals.started, 25U);
}

}  // namespace
}  // namespace squall::test
