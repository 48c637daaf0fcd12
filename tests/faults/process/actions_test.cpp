// Actions of a plan on real processes: every kind, in every order, and what is left when one fails.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <future>
#include <thread>

#include "faults/process/planned_actions.hpp"
#include "faults/process/process_tree.hpp"
#include "faults/process/resource_limits.hpp"
#include "faults/process/services.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/expr/value.hpp"
#include "tests/faults/process/helper.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/files.hpp"

namespace squall::faults {
namespace {

using model::ReplicaOrder;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::eventually;
using test::read_file;
using test::TestDirectory;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const model::ActionRegistry& kinds() {
  static const model::ActionRegistry registry = [] {
    model::ActionRegistry filled;
    register_actions(filled);
    return filled;
  }();
  return registry;
}

// Every line of its log is one start: "PID".
model::Service replica(unsigned number, unsigned of) {
  model::Service service;
  service.name = "shop";
  service.replica = number;
  service.replicas = of;
  service.command = {"sh", "-c", "echo $$; exec sleep 1000"};
  service.ready_timeout = seconds(10);
  return service;
}

class ActionsTest : public ::testing::Test {
 protected:
  void start(unsigned count) {
    std::vector<model::Service> all;
    for (unsigned i = 1; i <= count; ++i) {
      all.push_back(replica(i, count));
      labels_.push_back(all.back().label());
    }
    const Result<void> started = services_.start_all(all);
    ASSERT_TRUE(started) << to_string(started.error());
  }

  static Diagnostics problems(const std::string& kind, const std::string& keys) {
    const expr::Value document = expr::parse_toml(keys, "plan.toml").value();
    const expr::Scope scope({});
    Diagnostics diagnostics;
    const model::ActionKind& found = *kinds().find(kind);
    expr::TableReader reader(document, *found.keys, scope, diagnostics);
    (void)found.compile(reader);
    return diagnostics;
  }

  // The action of that kind with these keys, as a plan would give it.
  model::PlannedAction planned(const std::string& kind, const std::string& keys = "") {
    const model::ActionKind* found = kinds().find(kind);
    EXPECT_NE(found, nullptr) << kind;
    document_ = expr::parse_toml(keys, "plan.toml").value();
    const expr::Scope scope({});
    Diagnostics diagnostics;
    expr::TableReader reader(document_, *found->keys, scope, diagnostics);
    model::PlannedAction action;
    action.name = "test";
    action.kind = found;
    action.recipe = found->compile(reader);
    action.processes = labels_;
    EXPECT_FALSE(diagnostics.has_errors()) << diagnostics.to_text();
    return action;
  }

  std::shared_ptr<model::TimelineAction> make(const model::PlannedAction& action) {
    actions_ = {action};
    return make_timeline_actions(actions_, services_)[0];
  }

  std::string log(const std::string& label) { return read_file(services_.log_path(label)); }
  std::vector<std::string> texts(const std::vector<ServiceEvent>& events) {
    std::vector<std::string> all;
    for (const ServiceEvent& event : events) {
      all.push_back(event.text);
      planned_ = planned_ && event.planned;
    }
    return all;
  }

  TestDirectory directory_;
  Services services_{{directory_ / "services", {}, {}, {}}};
  std::vector<std::string> labels_;
  std::vector<model::PlannedAction> actions_;
  expr::Value document_;
  bool planned_ = true;
};

TEST_F(ActionsTest, KillEndsAndStartsAgainWhenThePlanSaysUntilWhen) {
  start(2);
  model::PlannedAction kill = planned("kill");
  kill.processes = {"shop-2"};
  kill.lasts = seconds(1);
  const auto action = make(kill);
  EXPECT_EQ(action->slot().until, seconds(1));
  const pid_t before = services_.pid_of("shop-2").value();
  ASSERT_TRUE(action->start());
  EXPECT_FALSE(is_alive(before));
  EXPECT_TRUE(services_.is_running("shop-1"));
  EXPECT_THAT(texts(services_.poll()),
              ElementsAre("shop-2 was killed by signal 9 (Killed), as planned"));
  EXPECT_TRUE(planned_);
  ASSERT_TRUE(action->undo());
  EXPECT_NE(services_.pid_of("shop-2"), before);
  EXPECT_TRUE(services_.is_running("shop-2"));
}

TEST_F(ActionsTest, KillWithoutAnEndStaysAndCannotKillTwice) {
  start(1);
  const auto action = make(planned("kill", "signal = \"SIGTERM\""));
  EXPECT_FALSE(action->slot().until) << "down until the load is over";
  ASSERT_TRUE(action->start());
  ASSERT_TRUE(action->undo());
  EXPECT_FALSE(services_.is_running("shop"));
  const Result<void> again = action->start();
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().message, "shop does not run");
}

TEST_F(ActionsTest, StopFreezesUntilItIsUndone) {
  start(1);
  const pid_t pid = services_.pid_of("shop").value();
  const auto action = make(planned("stop"));
  ASSERT_TRUE(action->start());
  EXPECT_TRUE(eventually([&] { return testing::state_of(pid) == 'T'; }));
  ASSERT_TRUE(action->undo());
  EXPECT_TRUE(eventually([&] { return testing::state_of(pid) == 'S'; }));
  EXPECT_TRUE(services_.poll().empty());
}

// A worker whose parent has left it belongs to the guardian by now, and still to the service.
TEST_F(ActionsTest, StopAndLimitReachWhatItsParentHasLeft) {
  const std::string pids = directory_ / "pids";
  model::Service forking = replica(1, 1);
  forking.command = {"sh", "-c", "(sleep 1000 & echo $! > " + pids + "); exec sleep 1000"};
  ASSERT_TRUE(services_.start_all({forking}));
  labels_ = {"shop"};
  ASSERT_TRUE(eventually([&] { return testing::pids_in(pids).size() == 1; }));
  const pid_t worker = testing::pids_in(pids)[0];
  const pid_t root = services_.pid_of("shop").value();
  ASSERT_TRUE(eventually([&] { return testing::parent_of(worker) != root; }));

  const auto stop = make(planned("stop"));
  ASSERT_TRUE(stop->start());
  EXPECT_TRUE(eventually([&] { return testing::state_of(worker) == 'T'; }));
  ASSERT_TRUE(stop->undo());
  EXPECT_TRUE(eventually([&] { return testing::state_of(worker) == 'S'; }));

  const auto limit = make(planned("limit", "open_files = 16"));
  ASSERT_TRUE(limit->start());
  rlimit files{};
  ASSERT_EQ(::prlimit(worker, RLIMIT_NOFILE, nullptr, &files), 0);
  EXPECT_EQ(files.rlim_cur, 16U);
}

// Without the end of the load the first turn would last an hour.
TEST_F(ActionsTest, TurnsThatTheLoadDoesNotReachAreNotTaken) {
  start(3);
  const pid_t first = services_.pid_of("shop-1").value();
  model::PlannedAction stop = planned("stop");
  stop.order = ReplicaOrder::kOneAtATime;
  stop.lasts = std::chrono::hours(1);
  const auto action = make(stop);
  std::future<Result<void>> turns = std::async(std::launch::async, [&] { return action->start(); });
  EXPECT_TRUE(eventually([&] { return testing::state_of(first) == 'T'; }));
  action->hurry();
  ASSERT_TRUE(turns.get());
  EXPECT_EQ(testing::state_of(services_.pid_of("shop-2").value()), 'S');
  ASSERT_TRUE(action->undo());
  EXPECT_TRUE(eventually([&] { return testing::state_of(first) == 'S'; }));
}

TEST_F(ActionsTest, ContinueWakesOneThatIsStopped) {
  start(1);
  const pid_t pid = services_.pid_of("shop").value();
  ASSERT_TRUE(services_.signal("shop", SIGSTOP, model::ExitIs::kUnplanned));
  ASSERT_TRUE(eventually([&] { return testing::state_of(pid) == 'T'; }));
  const auto action = make(planned("continue"));
  EXPECT_EQ(action->slot().until, *action->slot().at + Duration(1)) << "over once it is done";
  ASSERT_TRUE(action->start());
  EXPECT_TRUE(eventually([&] { return testing::state_of(pid) == 'S'; }));
}

TEST_F(ActionsTest, RestartOneAtATimeNeverTakesTwoDown) {
  start(3);
  model::PlannedAction restart = planned("restart", "how = \"kill\"");
  restart.order = ReplicaOrder::kOneAtATime;
  std::map<std::string, pid_t> before;
  for (const std::string& label : labels_) {
    before[label] = services_.pid_of(label).value();
  }
  const auto action = make(restart);
  ASSERT_TRUE(action->start());
  for (const std::string& label : labels_) {
    EXPECT_TRUE(services_.is_running(label));
    EXPECT_NE(services_.pid_of(label), before[label]);
  }
  // In the order of the replicas, each dead before the next one is touched.
  EXPECT_THAT(texts(services_.poll()),
              ElementsAre("shop-1 was killed by signal 9 (Killed), as planned",
                          "shop-2 was killed by signal 9 (Killed), as planned",
                          "shop-3 was killed by signal 9 (Killed), as planned"));
}

TEST_F(ActionsTest, ARestartWhoseServiceDoesNotComeBackFails) {
  const std::string mark = directory_ / "started";
  model::Service once = replica(1, 1);
  once.command = {"sh", "-c", "[ -e " + mark + " ] && exit 4; touch " + mark + "; exec sleep 1000"};
  // Ready the first time only.
  once.ready_command = {"sh", "-c", "[ -e " + mark + " ] && mkdir " + mark + ".seen"};
  ASSERT_TRUE(services_.start_all({once}));
  labels_ = {"shop"};
  const Result<void> done = make(planned("restart"))->start();
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("shop: exited with status 4 before it was ready"));
}

TEST_F(ActionsTest, AHookIsJudgedByHowItExits) {
  const auto hook = [&](const std::string& keys) { return make(planned("exec", keys))->start(); };
  EXPECT_TRUE(
      hook("command = [\"sh\", \"-c\", \"echo done $WORD\"]\nenvironment = { WORD = \"so\" }"));
  EXPECT_TRUE(hook("command = [\"sh\", \"-c\", \"exit 3\"]\nexit_code = 3"));
  EXPECT_EQ(hook("command = [\"sh\", \"-c\", \"exit 3\"]").error().message,
            "sh exited with status 3");
  EXPECT_EQ(hook("command = [\"true\"]\nexit_code = 3").error().message,
            "true exited with status 0, not 3");
  EXPECT_THAT(hook("command = [\"squall-no-such-program\"]").error().message,
              HasSubstr("no program squall-no-such-program"));
  EXPECT_THAT(log("action-test"), HasSubstr("done so\n"));
}

TEST_F(ActionsTest, AHookThatHangsIsKilledWithWhatItStarted) {
  const std::string pids = directory_ / "pids";
  const auto action =
      make(planned("exec", "command = [\"sh\", \"-c\", \"sleep 1000 & echo $! > " + pids +
                               "; trap '' TERM; wait\"]\ntimeout = \"300ms\""));
  const Result<void> done = action->start();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "sh: took longer than 300ms and was killed");
  ASSERT_EQ(testing::pids_in(pids).size(), 1U);
  EXPECT_TRUE(eventually([&] { return !is_alive(testing::pids_in(pids)[0]); }));
}

TEST_F(ActionsTest, LimitsBiteAndAreTakenBack) {
  start(1);
  const pid_t pid = services_.pid_of("shop").value();
  const auto files = [&] {
    rlimit limit{};
    EXPECT_EQ(::prlimit(pid, RLIMIT_NOFILE, nullptr, &limit), 0);
    return limit;
  };
  const rlimit before = files();
  const auto action = make(planned("limit", "open_files = 16"));
  ASSERT_TRUE(action->start());
  EXPECT_EQ(files().rlim_cur, 16U);
  EXPECT_EQ(files().rlim_max, before.rlim_max) << "else it could not be taken back";
  ASSERT_TRUE(action->undo());
  EXPECT_EQ(files().rlim_cur, before.rlim_cur);
}

TEST_F(ActionsTest, OfALimitThatIsRefusedInPartNothingStays) {
  model::Service limited = replica(1, 1);
  limited.limits.open_files = 64;
  ASSERT_TRUE(services_.start_all({limited}));
  labels_ = {"shop"};
  const auto memory = [&] {
    rlimit limit{};
    EXPECT_EQ(::prlimit(services_.pid_of("shop").value(), RLIMIT_DATA, nullptr, &limit), 0);
    return limit.rlim_cur;
  };
  const rlim_t before = memory();
  const auto action = make(planned("limit", "memory = \"900MiB\"\nopen_files = 128"));
  const Result<void> done = action->start();
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("the kernel refuses 128 open files"));
  EXPECT_EQ(memory(), before);
  EXPECT_TRUE(action->undo());
}

TEST_F(ActionsTest, NiceReachesEveryThreadAndIsOnlyForWhoCanTakeItBack) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "only root can take it back";
  }
  const auto own = static_cast<id_t>(::getpid());
  const int before = ::getpriority(PRIO_PROCESS, own);
  const int nicer = before + 3;
  std::promise<id_t> id;
  std::promise<void> seen;
  std::thread other([&] {
    id.set_value(static_cast<id_t>(::gettid()));
    seen.get_future().wait();
  });
  const id_t thread = id.get_future().get();
  model::ResourceLimits limits;
  limits.nice = nicer;
  const Result<model::ResourceLimits> old = change_limits(::getpid(), limits);
  EXPECT_EQ(::getpriority(PRIO_PROCESS, own), nicer);
  EXPECT_EQ(::getpriority(PRIO_PROCESS, thread), nicer);
  ASSERT_TRUE(old);
  EXPECT_EQ(old->nice, before);
  EXPECT_TRUE(change_limits(::getpid(), *old));
  EXPECT_EQ(::getpriority(PRIO_PROCESS, thread), before);
  seen.set_value();
  other.join();

  EXPECT_FALSE(problems("limit", "nice = 10").has_errors());
  const auto ask_as_nobody = [] {
    const rlimit none{0, 0};
    const bool nobody = ::setrlimit(RLIMIT_NICE, &none) == 0 && ::setuid(65534) == 0;
    const std::string refused = problems("limit", "nice = 10").to_text();
    ::_exit(nobody && refused.find("only root can take this back") != std::string::npos ? 0 : 1);
  };
  EXPECT_EXIT(ask_as_nobody(), ::testing::ExitedWithCode(0), "");
}

TEST_F(ActionsTest, AnExplicitUndoRunsOnceAndItsFailureIsTold) {
  start(1);
  const std::string out = directory_ / "undone";
  model::PlannedAction stop = planned("stop");
  stop.undo = model::HookCommand{.command = {"sh", "-c", "echo undone >> " + out + "; exit 5"},
                                 .environment = {},
                                 .timeout = seconds(10),
                                 .exit_code = 0,
                                 .log_name = "action-test"};
  const auto action = make(stop);
  ASSERT_TRUE(action->start());
  const Result<void> undone = action->undo();
  ASSERT_FALSE(undone);
  EXPECT_EQ(undone.error().message, "undo: sh exited with status 5");
  EXPECT_TRUE(services_.stop_all().empty()) << "the guardian has nothing left to undo";
  EXPECT_EQ(read_file(out), "undone\n");
}

TEST_F(ActionsTest, TheGuardianUndoesWhatNobodyUndid) {
  start(1);
  const std::string out = directory_ / "undone";
  model::PlannedAction stop = planned("stop");
  // The service is awake by then: what an undo puts right may be in it.
  stop.undo = model::HookCommand{
      .command = {"sh", "-c",
                  "grep -q '^State:.[SR]' /proc/$(head -1 " + services_.log_path("shop") +
                      ")/status && echo awake > " + out},
      .environment = {},
      .timeout = seconds(10),
      .exit_code = 0,
      .log_name = "action-test"};
  const auto action = make(stop);
  const pid_t pid = services_.pid_of("shop").value();
  ASSERT_TRUE(eventually([&] { return !log("shop").empty(); }));
  ASSERT_TRUE(action->start());
  ASSERT_TRUE(eventually([&] { return testing::state_of(pid) == 'T'; }));
  EXPECT_TRUE(services_.stop_all().empty());
  EXPECT_EQ(read_file(out), "awake\n");
  EXPECT_FALSE(is_alive(pid));
}

}  // namespace
}  // namespace squall::faults
