#include "loadgen/run/launcher.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace squall::test {
namespace {

using ::testing::HasSubstr;

using Variables = std::map<std::string, std::string>;

run::Environment environment(const Variables& variables) {
  return [variables](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

void expect_shard(const Variables& variables, unsigned index, unsigned count,
                  const std::optional<std::string>& launch, const std::string& source) {
  const auto launched = run::launched_shard(environment(variables));
  ASSERT_TRUE(launched.has_value()) << to_string(launched.error());
  EXPECT_EQ(launched->shard, (model::Shard{.index = index, .count = count}));
  EXPECT_EQ(launched->launch, launch);
  EXPECT_THAT(launched->source, HasSubstr(source));
}

void expect_refusal(const Variables& variables, const std::string& why) {
  const auto launched = run::launched_shard(environment(variables));
  ASSERT_FALSE(launched.has_value());
  EXPECT_EQ(launched.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(launched.error().message, HasSubstr(why));
  EXPECT_THAT(launched.error().message, HasSubstr("--shard i/n"));
}

TEST(Launcher, ReadsKubernetesIndexedJob) {
  expect_shard({{"JOB_COMPLETION_INDEX", "2"}, {"SQUALL_SHARDS", "8"}}, 2, 8, std::nullopt,
               "Kubernetes");
  expect_refusal({{"JOB_COMPLETION_INDEX", "2"}}, "SQUALL_SHARDS is not");
}

TEST(Launcher, ReadsSlurmTasks) {
  const Variables step = {{"SLURM_JOB_ID", "17"},
                          {"SLURM_STEP_ID", "0"},
                          {"SLURM_PROCID", "3"},
                          {"SLURM_STEP_NUM_TASKS", "4"}};
  expect_shard(step, 3, 4, "slurm-17.0", "Slurm (SLURM_PROCID 3 of SLURM_STEP_NUM_TASKS 4)");
  Variables again = step;
  again["SLURM_RESTART_COUNT"] = "1";
  expect_shard(again, 3, 4, "slurm-17.0r1", "Slurm");
}

TEST(Launcher, ABatchScriptIsNoShard) {
  expect_refusal({{"SLURM_JOB_ID", "17"}, {"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "4"}}, "srun");
}

TEST(Launcher, ReadsSlurmArrays) {
  Variables array = {{"SLURM_ARRAY_JOB_ID", "20"},    {"SLURM_JOB_ID", "23"},
                     {"SLURM_PROCID", "0"},           {"SLURM_ARRAY_TASK_ID", "14"},
                     {"SLURM_ARRAY_TASK_COUNT", "4"}, {"SLURM_ARRAY_TASK_MIN", "10"},
                     {"SLURM_ARRAY_TASK_STEP", "2"}};
  expect_shard(array, 2, 4, "slurm-20", "SLURM_ARRAY_TASK_ID 14 of 4 from 10");
  // srun within each task: four times three.
  Variables both = array;
  both.insert({{"SLURM_STEP_ID", "0"}, {"SLURM_STEP_NUM_TASKS", "3"}});
  both["SLURM_PROCID"] = "1";
  expect_shard(both, 7, 12, "slurm-20.0", "SLURM_PROCID 1");
  array["SLURM_ARRAY_TASK_ID"] = "15";
  expect_refusal(array, "does not lie on the steps");
  array["SLURM_ARRAY_TASK_ID"] = "18";
  expect_refusal(array, "evenly spaced");
}

TEST(Launcher, ReadsMpi) {
  expect_shard({{"OMPI_COMM_WORLD_RANK", "0"},
                {"OMPI_COMM_WORLD_SIZE", "4"},
                {"PMIX_NAMESPACE", "host@12 1"}},
               0, 4, "mpi-host-12-1", "Open MPI");
  expect_shard({{"PMI_RANK", "1"}, {"PMI_SIZE", "2"}}, 1, 2, std::nullopt, "PMI");
  // mpirun within a job: it starts the processes, a task of srun only its daemon.
  expect_shard({{"OMPI_COMM_WORLD_RANK", "5"},
                {"OMPI_COMM_WORLD_SIZE", "8"},
                {"OMPI_MCA_ess_base_jobid", "99"},
                {"SLURM_JOB_ID", "17"},
                {"SLURM_PROCID", "1"},
                {"SLURM_STEP_NUM_TASKS", "2"}},
               5, 8, "mpi-99", "Open MPI");
}

TEST(Launcher, SaysWhatContradicts) {
  expect_refusal(
      {{"JOB_COMPLETION_INDEX", "1"}, {"SQUALL_SHARDS", "4"}, {"PMI_RANK", "2"}, {"PMI_SIZE", "4"}},
      "contradict each other: Kubernetes (JOB_COMPLETION_INDEX 1 of SQUALL_SHARDS 4) "
      "says 2/4, but PMI");
  expect_shard({{"SLURM_JOB_ID", "17"},
                {"SLURM_STEP_ID", "1"},
                {"SLURM_PROCID", "3"},
                {"SLURM_STEP_NUM_TASKS", "4"},
                {"PMI_RANK", "3"},
                {"PMI_SIZE", "4"}},
               3, 4, "slurm-17.1", "Slurm");
}

TEST(Launcher, RefusesWhatMakesNoSense) {
  expect_refusal({}, "no launcher says");
  expect_refusal({{"PMI_RANK", "one"}, {"PMI_SIZE", "2"}}, "not a number");
  expect_refusal({{"PMI_RANK", "2"}, {"PMI_SIZE", "2"}}, "counts from 0");
  expect_refusal({{"PMI_RANK", "0"}, {"PMI_SIZE", "0"}}, "1 to 10000");
  expect_refusal({{"PMI_RANK", "-1"}, {"PMI_SIZE", "2"}}, "not a number");
}

TEST(Launcher, NamesTheLaunchAlsoOfShardsThatWereGivenByHand) {
  EXPECT_EQ(run::launch_of(environment({{"SLURM_JOB_ID", "4"}})), "slurm-4");
  EXPECT_EQ(run::launch_of(environment({})), std::nullopt);
  const auto hostile =
      run::launch_of(environment({{"SLURM_JOB_ID", std::string(100, 'x') + "\n\"; rm"}}));
  ASSERT_TRUE(hostile.has_value());
  EXPECT_LE(hostile->size(), 48U);
}

}  // namespace
}  // namespace squall::test
