// Disks that are full or read-only and outputs that nobody reads: the message, the exit code, and a
// verdict that is never lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/e2e/plans.hpp"
#include "tests/e2e/squall_process.hpp"
#include "tests/support/hostile_server.hpp"

namespace squall::test {
namespace {

using testing::HasSubstr;

HostileServer::Script answering() {
  return {HostileServer::read_request(), HostileServer::send(ok_answer("hi")),
          HostileServer::again()};
}

// A plan that fails, so that code 0 would tell of a lost verdict.
std::string failing_plan(const std::string& url) {
  return simple_plan(url, "[checks]\nrequire = [\"response p50 < 1ns\"]\n");
}

// The script in a mount namespace of its own, where `disk` is a file system that it mounts; $1 is
// squall, $2 the plan.
class MountedDisk : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(directory_ / "disk");
    const ProcessResult possible = in_namespace("mount -t tmpfs none disk", "none");
    if (possible.exit_code != 0) {
      GTEST_SKIP() << "no file system can be mounted here: " << possible.errors;
    }
  }
  ProcessResult in_namespace(const std::string& script, const std::string& plan) {
    Process process({.command = {"unshare", "--mount", "--map-root-user", "/bin/sh", "-c", script,
                                 "sh", squall_binary(), plan},
                     .directory = directory_.path()});
    return process.wait();
  }

  TestDirectory directory_;
};

TEST_F(MountedDisk, ADiskThatIsFullCostsTheFilesAndNotTheVerdict) {
  HostileServer server(answering());
  const auto plan = directory_.write("plan.toml", failing_plan(server.url("")));
  const ProcessResult ended =
      in_namespace("mount -t tmpfs -o size=8k none disk && \"$1\" run \"$2\" --out disk/run", plan);
  EXPECT_EQ(ended.exit_code, 9) << ended.output << ended.errors;
  EXPECT_THAT(ended.output, HasSubstr("response p50 < 1ns"));  // judged and told all the same
  EXPECT_THAT(ended.output, HasSubstr("cannot write"));
  EXPECT_THAT(ended.output, HasSubstr("No space left on device"));
}

TEST_F(MountedDisk, ARunThatPassesSaysInOneLineMoreWhyItsCodeIsNotZero) {
  HostileServer server(answering());
  const auto plan = directory_.write("plan.toml", simple_plan(server.url("")));
  const ProcessResult ended = in_namespace(
      "mount -t tmpfs -o size=8k none disk && \"$1\" run \"$2\" --out disk/run --quiet", plan);
  EXPECT_EQ(ended.exit_code, 9) << ended.output << ended.errors;
  EXPECT_THAT(ended.output, HasSubstr("No space left on device"));
}

TEST_F(MountedDisk, ShardsAreJudgedWhenTheirReportDoesNotFit) {
  HostileServer server(answering());
  const auto plan = directory_.write("plan.toml", failing_plan(server.url("")));
  const ProcessResult ended = in_namespace(
      "for i in 1 2; do \"$1\" run \"$2\" --shard $i/2 --run-id r --seed 1 --out parts -q; done; "
      "mount -t tmpfs -o size=200k none disk && \"$1\" merge parts/shard-* -o disk/whole",
      plan);
  EXPECT_EQ(ended.exit_code, 9) << ended.output << ended.errors;
  EXPECT_THAT(ended.output, HasSubstr("response p50 < 1ns"));
  EXPECT_THAT(ended.output, HasSubstr("cannot write disk/whole/report.html"));
}

TEST_F(MountedDisk, AReadOnlyDirectoryIsToldOfBeforeAnythingIsSent) {
  HostileServer server(answering());
  const auto plan = directory_.write("plan.toml", failing_plan(server.url("")));
  const ProcessResult ended =
      in_namespace("mount -t tmpfs -o ro none disk && \"$1\" run \"$2\" --out disk/run", plan);
  EXPECT_EQ(ended.exit_code, 9) << ended.output << ended.errors;
  EXPECT_THAT(ended.errors, HasSubstr("Read-only file system"));
  EXPECT_EQ(server.requests(), 0U);
}

TEST_F(MountedDisk, AnEmptyDirectoryThatIsReadOnlyIsNoPlaceEither) {
  HostileServer server(answering());
  const auto plan = directory_.write("plan.toml", failing_plan(server.url("")));
  const ProcessResult ended = in_namespace(
      "mount -t tmpfs none disk && mkdir disk/run && mount -o remount,ro disk && "
      "\"$1\" run \"$2\" --out disk/run",
      plan);
  EXPECT_EQ(ended.exit_code, 9) << ended.output << ended.errors;
  EXPECT_EQ(server.requests(), 0U);
}

TEST_F(MountedDisk, AReportThatDoesNotFitLeavesTheOneBefore) {
  HostileServer server(answering());
  const auto plan = directory_.write("plan.toml", simple_plan(server.url("")));
  ASSERT_EQ(squall(directory_, {"run", plan, "--out", directory_ / "run"}).exit_code, 0);
  const ProcessResult ended = in_namespace(
      "mount -t tmpfs -o size=4k none disk && echo before > disk/out && "
      "\"$1\" report run --as json -o disk/out; echo $?; cat disk/out; ls disk",
      plan);
  EXPECT_EQ(ended.output, "9\nbefore\nout\n") << ended.errors;
  EXPECT_THAT(ended.errors, HasSubstr("No space left on device"));
}

TEST(HardEnds, NobodyReadsWhatSquallSays) {
  HostileServer server(answering());
  const TestDirectory directory;
  const auto plan = directory.write("plan.toml", failing_plan(server.url("")));
  for (const char* outputs : {"> /dev/full 2> /dev/full", ">&- 2>&-", "| true", "2>&1 | true"}) {
    const ProcessResult ended =
        run_program({"/bin/sh", "-c",
                     std::string("cd \"$1\" && { \"$2\" run \"$3\"; echo $? > code; } ") + outputs,
                     "sh", directory.path(), squall_binary(), plan});
    EXPECT_EQ(read_file(directory / "code"), "1\n") << outputs << ended.errors;
  }
  const std::string runs = directory / "squall-runs";
  for (const auto& run : std::filesystem::directory_iterator(runs)) {
    EXPECT_TRUE(std::filesystem::exists(run.path() / "record.json")) << run.path();
  }
}

}  // namespace
}  // namespace squall::test
