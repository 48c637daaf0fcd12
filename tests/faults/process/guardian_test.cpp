#include "faults/process/guardian.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>

#include "faults/process/guardian_protocol.hpp"
#include "faults/process/process_tree.hpp"
#include "loadgen/base/clock.hpp"
#include "tests/faults/process/helper.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/files.hpp"
#include "tests/support/process.hpp"

namespace squall::faults {
namespace {

using std::chrono::seconds;
using test::eventually;
using test::TestDirectory;
using testing::pids_in;

// A squall that has started its services.
class StartedSquall {
 public:
  explicit StartedSquall(const TestDirectory& directory)
      : process_({.command = testing::helper_command({"squall", directory.path()})}) {}

  [[nodiscard]] bool is_up() const {
    return eventually([this] { return process_.output() == "up\n"; });
  }
  void end(int signal) {
    process_.signal(signal);
    process_.wait();
  }

 private:
  test::Process process_;
};

TEST(Guardian, NothingIsLeftTwoSecondsAfterSquallIsKilled) {
  const TestDirectory directory;
  StartedSquall squall(directory);
  ASSERT_TRUE(squall.is_up());
  const std::string file = directory / "pids";
  // Per brood: itself, its child, its daemon. All ignore SIGTERM.
  ASSERT_TRUE(eventually([&] { return pids_in(file).size() == 6; }));
  const std::vector<pid_t> pids = pids_in(file);
  const auto alive = [&] { return std::count_if(pids.begin(), pids.end(), is_alive); };
  ASSERT_EQ(alive(), 6);
  // The daemons have left their service's session and parents.
  const pid_t guardian = testing::parent_of(pids[0]);
  const auto at_guardian = [&] {
    return std::count_if(pids.begin(), pids.end(),
                         [&](pid_t pid) { return testing::parent_of(pid) == guardian; });
  };
  ASSERT_TRUE(eventually([&] { return at_guardian() == 4; }));

  const TimePoint killed = monotonic_now();
  squall.end(SIGKILL);
  EXPECT_TRUE(eventually([&] { return alive() == 0 && !is_alive(guardian); }, seconds(5)));
  EXPECT_LT(monotonic_now() - killed, seconds(2));
  EXPECT_EQ(test::read_file(directory / "undone"), "undone\n");
}

TEST(Guardian, EndsEverythingWhenSquallDiesOfAPlainSignal) {
  const TestDirectory directory;
  StartedSquall squall(directory);
  ASSERT_TRUE(squall.is_up());
  ASSERT_TRUE(eventually([&] { return pids_in(directory / "pids").size() == 6; }));
  const std::vector<pid_t> pids = pids_in(directory / "pids");
  squall.end(SIGTERM);
  EXPECT_TRUE(
      eventually([&] { return std::none_of(pids.begin(), pids.end(), is_alive); }, seconds(2)));
}

TEST(Guardian, OtherArgumentsDoNotMakeOne) {
  const std::array<const char*, 3> run = {"squall", "run", "plan.toml"};
  EXPECT_FALSE(run_as_guardian(3, run.data()));
  const std::array<const char*, 3> bad = {"squall", "__guardian", "three"};
  EXPECT_EQ(run_as_guardian(3, bad.data()), 2);
  const std::array<const char*, 3> closed = {"squall", "__guardian", "1000"};
  EXPECT_EQ(run_as_guardian(3, closed.data()), 2);
}

TEST(GuardianProtocol, CommandsSurviveTheWire) {
  GuardianCommand command;
  command.kind = GuardianCommand::Kind::kStart;
  command.id = 42;
  command.argv = {"a b", "\"quoted\"\n", "ü"};
  command.environment = {{"NAME", "x=y"}, {"EMPTY", ""}};
  command.log = "/tmp/x.log";
  command.signal = 15;
  command.directory = "/tmp";
  command.user = "postgres";
  command.limits.memory = ByteCount{1 << 20};
  command.limits.nice = 5;
  command.limit = seconds(3);
  const Result<std::string> line = encode(command);
  ASSERT_TRUE(line);
  EXPECT_EQ(line->find('\n'), std::string::npos);
  const Result<GuardianCommand> read = decode_command(*line);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->kind, command.kind);
  EXPECT_EQ(read->id, command.id);
  EXPECT_EQ(read->argv, command.argv);
  EXPECT_EQ(read->environment, command.environment);
  EXPECT_EQ(read->log, command.log);
  EXPECT_EQ(read->signal, command.signal);
  EXPECT_EQ(read->directory, command.directory);
  EXPECT_EQ(read->user, command.user);
  EXPECT_EQ(read->limits.text(), command.limits.text());
  EXPECT_EQ(read->limit, command.limit);
}

TEST(GuardianProtocol, RefusesWhatIsNotAMessage) {
  for (const std::string line :
       {"", "null", "[]", "{}", R"({"do":"dance","id":1})", R"({"do":"end","id":"x"})"}) {
    EXPECT_FALSE(decode_command(line)) << line;
    EXPECT_FALSE(decode_report(line)) << line;
  }
  GuardianCommand latin1;
  latin1.argv = {"caf\xe9"};
  EXPECT_FALSE(encode(latin1));
}

}  // namespace
}  // namespace squall::faults
