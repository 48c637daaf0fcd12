// [[service]] with replicas, limits, directories and preparation, and [[action]], with the real
// kinds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "loadgen/model/action_slot.hpp"
#include "loadgen/plan/loader.hpp"
#include "tests/support/all_registries.hpp"

namespace squall::plan {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::shared_ptr<const model::Plan> plan_with(const std::string& more, const std::string& url) {
  LoadOptions options;
  std::uint16_t port = 40000;
  options.free_port = [&] { return Result<std::uint16_t>(++port); };
  options.environment = [](const std::string& name) {
    return name == "SECRET" ? std::optional<std::string>("hush") : std::nullopt;
  };
  options.entropy = [] { return std::uint64_t{1}; };
  options.scratch = "/tmp/scratch";
  const Loaded loaded = load(
      "format = 1\nname = \"p\"\n[load]\nduration = \"30s\"\n[[target]]\nname = \"t\"\nurls = [\"" +
          url +
          "\"]\n[[scenario]]\nname = \"s\"\narrivals = { process = \"constant\", rate = "
          "\"5/s\" }\n[[scenario.step]]\nname = \"get\"\nrequest = \"GET /\"\n" +
          more,
      "folder/plan.toml", test::all_registries().for_plans(), options);
  EXPECT_NE(loaded.plan, nullptr) << loaded.diagnostics.to_text();
  return loaded.plan;
}

TEST(Services, EveryReplicaHasItsOwnPortInAllItsTexts) {
  const auto plan = plan_with(
      "[[service]]\nname = \"db\"\ncommand = [\"db\"]\n"
      "[[service]]\nname = \"shop\"\nreplicas = 3\n"
      "command = [\"shop\", \"{{port.shop}}\", \"{{replica}}\", \"{{port.db}}\", "
      "\"{{dir.shop}}\", \"{{port.shop.1}}\"]\n"
      "environment = { SELF = \"{{port.shop}}\", S = \"${env:SECRET}\" }\n"
      "ready = \"GET http://127.0.0.1:{{port.shop}}/\"\n",
      "http://127.0.0.1:{{port.shop}}/v1");
  ASSERT_EQ(plan->services.size(), 4U);
  EXPECT_EQ(plan->services[0].label(), "db");
  EXPECT_TRUE(plan->services[0].data_directory.empty()) << "nobody asks for it";
  const model::Service& third = plan->services[3];
  EXPECT_EQ(third.label(), "shop-3");
  EXPECT_EQ(third.port, 40004);
  EXPECT_THAT(third.command,
              ElementsAre("shop", "40004", "3", "40001", "/tmp/scratch-shop-3", "40002"));
  EXPECT_EQ(third.environment[0].second, "40004");
  EXPECT_EQ(third.ready, "GET http://127.0.0.1:40004/");
  EXPECT_EQ(third.data_directory, "/tmp/scratch-shop-3");
  EXPECT_TRUE(plan->secrets.contains("hush"));
  // One address in the target stands for all of them.
  ASSERT_EQ(plan->targets[0].replicas.size(), 3U);
  EXPECT_EQ(plan->targets[0].replicas[2].url(), "http://127.0.0.1:40004/v1");
}

TEST(Services, LimitsPreparationAndHowItIsStopped) {
  const auto plan = plan_with(
      "[[service]]\nname = \"db\"\ncommand = [\"postgres\", \"-D\", \"{{dir.db}}/data\"]\n"
      "user = \"postgres\"\ndirectory = \"{{dir.db}}\"\nstop_signal = \"SIGINT\"\n"
      "stop_timeout = \"5s\"\nready_command = [\"pg_isready\", \"-p\", \"{{port.db}}\"]\n"
      "limits = { memory = \"256MiB\", cpu_time = \"90s\", open_files = 64, nice = 5 }\n"
      "[[service.prepare]]\ncommand = [\"initdb\", \"-D\", \"{{dir.db}}/data\"]\ntimeout = "
      "\"20s\"\n",
      "http://127.0.0.1:1");
  const model::Service& db = plan->services.at(0);
  EXPECT_EQ(db.user, "postgres");
  EXPECT_EQ(db.directory, "/tmp/scratch-db");
  EXPECT_EQ(db.data_directory, "/tmp/scratch-db");
  EXPECT_EQ(db.stop_signal, 2);
  EXPECT_EQ(db.stop_timeout, seconds(5));
  EXPECT_THAT(db.ready_command, ElementsAre("pg_isready", "-p", "40001"));
  EXPECT_EQ(db.limits.text(), "memory 256MiB, CPU time 90s, 64 open files, nice 5");
  ASSERT_EQ(db.prepare.size(), 1U);
  EXPECT_EQ(db.prepare[0].timeout, seconds(20));
}

TEST(Services, AProbeMayBeAConnection) {
  const auto plan = plan_with(
      "[[service]]\nname = \"cache\"\ncommand = [\"redis-server\"]\n"
      "ready = \"tcp 127.0.0.1:{{port.cache}}\"\n",
      "http://127.0.0.1:1");
  EXPECT_EQ(plan->services.at(0).ready, "tcp 127.0.0.1:40001");
}

TEST(Actions, AreDoneAtEveryInstantInOrder) {
  const auto plan = plan_with(
      "[[service]]\nname = \"shop\"\nreplicas = 2\ncommand = [\"shop\"]\n"
      "[[action]]\nname = \"pause\"\nkind = \"stop\"\nservice = \"shop\"\nreplica = 2\n"
      "at = \"10s\"\nevery = \"10s\"\nalso_at = [\"5s\"]\nfor = \"2s\"\n"
      "[[action]]\nname = \"deploy\"\nkind = \"restart\"\nservice = \"shop\"\n"
      "order = \"one_at_a_time\"\nbetween = \"1s\"\nat = \"7s\"\ndowntime = \"500ms\"\n"
      "undo = [\"sh\", \"-c\", \"true {{port.shop.1}}\"]\n",
      "http://127.0.0.1:1");
  std::vector<std::string> told;
  for (const model::PlannedAction& action : plan->actions) {
    told.push_back(std::to_string(action.at / seconds(1)) + " " + action.text());
  }
  EXPECT_THAT(told, ElementsAre("5 stop shop-2",
                                "7 restart shop-1, shop-2: stopped, down for 500ms, one at a time",
                                "10 stop shop-2", "20 stop shop-2"));
  EXPECT_EQ(plan->actions[0].lasts, seconds(2));
  ASSERT_TRUE(plan->actions[1].undo);
  EXPECT_THAT(plan->actions[1].undo->command, ElementsAre("sh", "-c", "true 40001"));
}

TEST(Actions, ARestartIsOnForItsDowntimeAtLeast) {
  const std::string shop = "[[service]]\nname = \"shop\"\nreplicas = 2\ncommand = [\"shop\"]\n";
  const std::string restart =
      "[[action]]\nname = \"deploy\"\nkind = \"restart\"\nservice = \"shop\"\nat = \"3s\"\n"
      "downtime = \"2s\"\n";
  const auto together = plan_with(shop + restart, "http://127.0.0.1:1");
  EXPECT_EQ(together->phases.fault_from, seconds(3));
  EXPECT_EQ(together->phases.fault_to, seconds(5));
  EXPECT_EQ(model::timeline_slot(together->actions.at(0)).until, seconds(5));

  const auto in_turn = plan_with(shop + restart + "order = \"one_at_a_time\"\nbetween = \"1s\"\n",
                                 "http://127.0.0.1:1");
  EXPECT_EQ(in_turn->phases.fault_to, seconds(8));
  EXPECT_TRUE(model::timeline_slot(in_turn->actions.at(0)).ends_itself);
}

// Its state lasts until the undo, which comes when the load is over.
TEST(Actions, AHookWithAnUndoAndNoTimeLastsWithTheLoad) {
  const std::string hook =
      "[[action]]\nname = \"flag\"\nkind = \"exec\"\nat = \"3s\"\ncommand = [\"true\"]\n";
  const auto done = plan_with(hook, "http://127.0.0.1:1");
  EXPECT_EQ(done->phases.fault_to, seconds(3));
  const auto undone = plan_with(hook + "undo = [\"true\"]\n", "http://127.0.0.1:1");
  EXPECT_EQ(undone->phases.fault_to, undone->load.duration);
  const auto ended = plan_with(hook + "undo = [\"true\"]\nfor = \"4s\"\n", "http://127.0.0.1:1");
  EXPECT_EQ(ended->phases.fault_to, seconds(7));
}

}  // namespace
}  // namespace squall::plan
