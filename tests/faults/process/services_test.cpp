#include "faults/process/services.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "faults/process/free_port.hpp"
#include "faults/process/process_tree.hpp"
#include "loadgen/base/clock.hpp"
#include "tests/faults/process/helper.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/files.hpp"
#include "tests/support/hostile_server.hpp"

namespace squall::faults {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::eventually;
using test::HostileServer;
using test::TestDirectory;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::helper_command;
using ::testing::Not;

class ServicesTest : public ::testing::Test {
 protected:
  static model::Service shell(const std::string& name, const std::string& script) {
    model::Service service;
    service.name = name;
    service.command = {"sh", "-c", script};
    service.ready_timeout = seconds(5);
    return service;
  }

  static model::Service server(const std::string& name, std::uint16_t port,
                               const std::string& status) {
    model::Service service;
    service.name = name;
    service.command = helper_command({"serve", std::to_string(port), status});
    service.ready = "GET http://127.0.0.1:" + std::to_string(port) + "/readyz";
    service.ready_timeout = seconds(20);
    return service;
  }

  std::string start_problem(const model::Service& service) {
    const Result<void> started = services_.start_all({service});
    return started ? "started" : to_string(started.error());
  }

  // What poll() told, once it told something.
  std::vector<ServiceEvent> next_events() {
    std::vector<ServiceEvent> events;
    EXPECT_TRUE(eventually([&] {
      events = services_.poll();
      return !events.empty();
    }));
    return events;
  }

  TestDirectory directory_;
  Services services_{{directory_ / "services", {}, {}, {}}};
};

TEST_F(ServicesTest, StartsAServiceAndWaitsUntilItIsReady) {
  const std::uint16_t port = free_port().value();
  ASSERT_EQ(start_problem(server("web", port, "204")), "started");
  const std::optional<pid_t> pid = services_.pid_of("web");
  ASSERT_TRUE(pid);
  EXPECT_TRUE(is_alive(*pid));
  // Another session than ours: the terminal's ^C does not reach it.
  EXPECT_NE(::getsid(*pid), ::getsid(0));
  EXPECT_TRUE(services_.stop_all().empty());
  EXPECT_FALSE(is_alive(*pid));
  EXPECT_FALSE(services_.pid_of("web"));
}

TEST_F(ServicesTest, CapturesBothOutputsAndPassesTheEnvironment) {
  ::setenv("SQUALL_TEST_INHERITED", "from squall", 1);
  ::setenv("SQUALL_TEST_REPLACED", "old", 1);
  model::Service service = shell("talker",
                                 "echo $SQUALL_TEST_INHERITED; echo $SQUALL_TEST_REPLACED >&2; "
                                 "echo $SQUALL_TEST_ADDED; exit 3");
  service.environment = {{"SQUALL_TEST_REPLACED", "new"}, {"SQUALL_TEST_ADDED", "a=b c"}};
  ASSERT_EQ(start_problem(service), "started");
  const std::vector<ServiceEvent> events = next_events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].text, "talker exited with status 3");
  EXPECT_EQ(test::read_file(directory_ / "services/talker.log"), "from squall\nnew\na=b c\n");
}

TEST_F(ServicesTest, RunsWhereItIsTold) {
  const TestDirectory folder;
  std::filesystem::create_directory(folder / "bin");
  std::ofstream(folder / "bin/here") << "#!/bin/sh\npwd -P; cat data; exit 3\n";
  std::filesystem::permissions(folder / "bin/here", std::filesystem::perms::owner_all);
  std::ofstream(folder / "data") << "found\n";
  Services services({directory_ / "logs", {}, {}, {}, folder.path()});
  model::Service service = shell("here", "");
  service.command = {"bin/here"};
  ASSERT_TRUE(services.start_all({service}));
  EXPECT_TRUE(eventually([&] { return !services.poll().empty(); }));
  EXPECT_EQ(test::read_file(services.log_path("here")),
            std::filesystem::canonical(folder.path()).string() + "\nfound\n");
}

TEST_F(ServicesTest, AnExitBecomesARunEventAtItsTime) {
  const TimePoint start = monotonic_now() - seconds(100);
  ASSERT_EQ(start_problem(shell("short", "exit 0")), "started");
  const std::vector<ServiceEvent> events = next_events();
  ASSERT_EQ(events.size(), 1U);
  const model::RunEvent event = events[0].as_run_event(start);
  EXPECT_EQ(event.kind, "service");
  EXPECT_EQ(event.text, "short exited with status 0");
  EXPECT_GE(event.at, seconds(100));
  EXPECT_LT(event.at, seconds(120));
  EXPECT_TRUE(services_.poll().empty());
}

TEST_F(ServicesTest, AProgramThatIsMissingIsNamedWithItsService) {
  model::Service service = shell("ghost", "");
  service.command = {"squall-no-such-program"};
  service.where = {"plan.toml", 7, 3};
  EXPECT_THAT(
      start_problem(service),
      AllOf(HasSubstr("plan.toml:7:3: service ghost: no program squall-no-such-program in "),
            HasSubstr("PATH")));
}

TEST_F(ServicesTest, AProgramWithAPathThatCannotBeExecutedIsRefused) {
  model::Service service = shell("dir", "");
  service.command = {"/etc/passwd"};
  EXPECT_THAT(start_problem(service),
              HasSubstr("service dir: /etc/passwd is not an executable file"));
}

TEST_F(ServicesTest, AnEarlyExitTellsTheStatusAndTheEndOfTheLog) {
  model::Service service = shell(
      "early", "for i in $(seq 1 40); do echo line $i; done; echo 'bad \033[31mport' >&2; exit 7");
  service.ready = "GET http://127.0.0.1:1/readyz";
  const TimePoint before = monotonic_now();
  EXPECT_THAT(start_problem(service),
              AllOf(HasSubstr("service early: exited with status 7 before it was ready"),
                    HasSubstr("line 40"), Not(HasSubstr("line 10\n")),
                    HasSubstr("bad \\x1b[31mport"), HasSubstr("early.log")));
  EXPECT_LT(monotonic_now() - before, service.ready_timeout);
}

TEST_F(ServicesTest, AServiceThatGoesToTheBackgroundIsToldToStay) {
  model::Service service = shell("daemon", "exit 0");
  service.ready = "GET http://127.0.0.1:1/readyz";
  EXPECT_THAT(start_problem(service),
              HasSubstr("exited with status 0 before it was ready; run it in the foreground"));
}

TEST_F(ServicesTest, AServiceThatDiesOfASignalBeforeItIsReady) {
  model::Service service = shell("crash", "kill -SEGV $$");
  service.ready = "GET http://127.0.0.1:1/readyz";
  EXPECT_THAT(
      start_problem(service),
      HasSubstr(
          "was killed by signal 11 (Segmentation fault) before it was ready; it wrote nothing"));
}

TEST_F(ServicesTest, ReadinessTimesOutWithTheLastAnswer) {
  // Answers from the first moment on, however long the service takes to start.
  const HostileServer sick({HostileServer::read_request(),
                            HostileServer::send("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"),
                            HostileServer::again()});
  model::Service service = shell("sick", "exec sleep 1000");
  service.ready = "GET " + sick.url("/readyz");
  service.ready_timeout = milliseconds(700);
  EXPECT_THAT(start_problem(service),
              AllOf(HasSubstr("service sick: not ready after 700ms: "), HasSubstr("answered 503"),
                    HasSubstr("it wrote nothing")));
}

TEST_F(ServicesTest, WaitingForReadinessCanBeStopped) {
  int asked = 0;
  Services services({directory_ / "services", {}, {}, [&] { return ++asked > 2; }});
  model::Service service = shell("slow", "exec sleep 1000");
  service.ready = "GET http://127.0.0.1:1/readyz";
  service.ready_timeout = seconds(60);
  const Result<void> started = services.start_all({service});
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().message, "service slow: stopped while it was starting");
}

TEST_F(ServicesTest, ASignalReachesTheWholeTree) {
  ASSERT_EQ(
      start_problem(shell("tree", "sleep 1000 & echo $! > " + directory_ / "child" + "; wait")),
      "started");
  const std::string file = directory_ / "child";
  ASSERT_TRUE(eventually([&] { return !testing::pids_in(file).empty(); }));
  const pid_t child = testing::pids_in(file)[0];
  const pid_t parent = services_.pid_of("tree").value();

  ASSERT_TRUE(services_.signal("tree", SIGSTOP, model::ExitIs::kUnplanned));
  EXPECT_TRUE(eventually(
      [&] { return testing::state_of(parent) == 'T' && testing::state_of(child) == 'T'; }));
  ASSERT_TRUE(services_.signal("tree", SIGCONT, model::ExitIs::kUnplanned));
  EXPECT_TRUE(eventually(
      [&] { return testing::state_of(parent) != 'T' && testing::state_of(child) != 'T'; }));
  ASSERT_TRUE(services_.signal("tree", SIGKILL, model::ExitIs::kUnplanned));
  EXPECT_TRUE(eventually([&] { return !is_alive(parent) && !is_alive(child); }));
  const std::vector<ServiceEvent> events = next_events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].text, "tree was killed by signal 9 (Killed)");
  EXPECT_FALSE(services_.signal("tree", SIGTERM, model::ExitIs::kUnplanned));
}

TEST_F(ServicesTest, StopEndsStoppedProcessesToo) {
  ASSERT_EQ(start_problem(shell("frozen", "exec sleep 1000")), "started");
  const pid_t pid = services_.pid_of("frozen").value();
  ASSERT_TRUE(services_.signal("frozen", SIGSTOP, model::ExitIs::kUnplanned));
  ASSERT_TRUE(eventually([&] { return testing::state_of(pid) == 'T'; }));
  const TimePoint before = monotonic_now();
  EXPECT_TRUE(services_.stop_all().empty());
  EXPECT_FALSE(is_alive(pid));
  EXPECT_LT(monotonic_now() - before, seconds(1)) << "SIGTERM must be enough";
}

model::HookCommand hook(std::vector<std::string> command, Duration timeout = seconds(20)) {
  return {.command = std::move(command),
          .environment = {},
          .timeout = timeout,
          .exit_code = 0,
          .log_name = "undo"};
}

TEST_F(ServicesTest, UndoCommandsRunYoungestFirstUnlessTheyHaveBeenRun) {
  const std::string out = directory_ / "undone";
  const auto echo = [&](const std::string& word) {
    return services_.add_undo(hook({"sh", "-c", "echo " + word + " >> " + out}));
  };
  ASSERT_TRUE(echo("first"));
  const Result<std::uint64_t> early = echo("early");
  ASSERT_TRUE(early);
  ASSERT_TRUE(echo("last"));
  EXPECT_THAT(to_string(services_.add_undo(hook({"squall-no-such-program"})).error()),
              HasSubstr("no program squall-no-such-program"));
  ASSERT_TRUE(services_.add_undo(hook({"sh", "-c", "echo complaint; exit 4"})));
  ASSERT_TRUE(services_.run_undo(*early));
  EXPECT_FALSE(services_.run_undo(*early)) << "it runs once";

  std::vector<std::string> problems;
  for (const ServiceEvent& event : services_.stop_all()) {
    problems.push_back(event.text);
    EXPECT_TRUE(event.failed_undo);
    EXPECT_EQ(event.as_run_event({}).kind, "undo");
  }
  EXPECT_THAT(problems, ElementsAre("undo failed: sh: exited with status 4"));
  EXPECT_EQ(test::read_file(out), "early\nlast\nfirst\n");
  EXPECT_THAT(test::read_file(directory_ / "services/undo.log"), HasSubstr("complaint\nsquall: "));
}

TEST_F(ServicesTest, NamesCannotLeaveTheLogDirectory) {
  ASSERT_EQ(start_problem(shell("../../etc/evil name", "echo here")), "started");
  ASSERT_EQ(next_events().size(), 1U);
  EXPECT_EQ(test::read_file(directory_ / "services/.._.._etc_evil_name.log"), "here\n");
}

TEST_F(ServicesTest, ArgumentsThatCannotReachAProgramAreRefused) {
  EXPECT_THAT(start_problem(shell("nul", std::string("echo a\0b", 8))),
              HasSubstr("service nul: a command or its environment holds a NUL byte"));
}

TEST_F(ServicesTest, OneThatIgnoresItsStopSignalIsKilledAfterItsTime) {
  model::Service stubborn = shell("stubborn", "trap '' INT; while :; do sleep 1000; done");
  stubborn.stop_signal = SIGINT;
  stubborn.stop_timeout = milliseconds(200);
  ASSERT_EQ(start_problem(stubborn), "started");
  const pid_t pid = services_.pid_of("stubborn").value();
  EXPECT_TRUE(services_.stop_all().empty());
  EXPECT_FALSE(is_alive(pid));
}

TEST_F(ServicesTest, EachIsAskedWithItsOwnStopSignal) {
  const std::string out = directory_ / "asked";
  model::Service polite =
      shell("polite", "trap 'echo INT > " + out + "; exit 0' INT; touch " + out +
                          ".ready; "
                          "while :; do sleep 0.01; done");
  polite.stop_signal = SIGINT;
  polite.stop_timeout = seconds(20);
  polite.ready_command = {"test", "-e", out + ".ready"};
  ASSERT_EQ(start_problem(polite), "started");
  EXPECT_TRUE(services_.stop_all().empty());
  EXPECT_EQ(test::read_file(out), "INT\n");
}

TEST_F(ServicesTest, OneReplicaThatDoesNotBecomeReadyIsNamed) {
  std::vector<model::Service> replicas;
  for (unsigned i = 1; i <= 3; ++i) {
    model::Service one = shell("shop", "exec sleep 1000");
    one.replica = i;
    one.replicas = 3;
    one.ready_command = {"sh", "-c", i == 2 ? "exit 1" : "exit 0"};
    one.ready_timeout = milliseconds(300);
    replicas.push_back(one);
  }
  const Result<void> started = services_.start_all(replicas);
  ASSERT_FALSE(started);
  EXPECT_THAT(to_string(started.error()),
              HasSubstr("service shop-2: not ready after 300ms: sh exited with status 1"));
  EXPECT_TRUE(services_.is_running("shop-1"));
  EXPECT_FALSE(services_.is_running("shop-3"));
}

TEST_F(ServicesTest, PreparationRunsBeforeAndItsFailureEndsTheStart) {
  model::Service service = shell("db", "cat " + directory_ / "data");
  service.prepare = {{{"sh", "-c", "echo made > " + directory_ / "data"}, seconds(10), {}}};
  ASSERT_EQ(start_problem(service), "started");
  ASSERT_EQ(next_events().size(), 1U);
  EXPECT_EQ(test::read_file(directory_ / "services/db.log"), "made\n");
}

TEST_F(ServicesTest, PreparationThatFailsQuotesItsLog) {
  model::Service service = shell("db", "true");
  service.prepare = {{{"sh", "-c", "echo no space; exit 2"}, seconds(10), {}}};
  EXPECT_THAT(
      start_problem(service),
      AllOf(HasSubstr("service db: prepare sh: exited with status 2"), HasSubstr("no space")));
}

TEST_F(ServicesTest, PreparationThatHangsIsKilled) {
  model::Service service = shell("db", "true");
  service.prepare = {{{"sleep", "1000"}, milliseconds(200), {}}};
  EXPECT_THAT(start_problem(service),
              HasSubstr("service db: prepare sleep: took longer than 200ms and was killed"));
}

TEST_F(ServicesTest, ADirectoryIsItsOwnAndGoesWithTheRun) {
  model::Service service = shell("db",
                                 "touch file; mkdir -p a/b; stat -c '%a %U' . > a/b/who; "
                                 "exec sleep 1000");
  service.data_directory = directory_ / "data";
  service.directory = service.data_directory;
  service.user = "nobody";
  service.ready_command = {"test", "-s", directory_ / "data/a/b/who"};
  // The directory of the test belongs to whoever runs it: others may pass through.
  std::filesystem::permissions(directory_.path(), std::filesystem::perms(0755));
  ASSERT_EQ(start_problem(service), "started");
  const std::string who = test::read_file(directory_ / "data/a/b/who");
  if (::geteuid() == 0) {
    EXPECT_EQ(who, "700 nobody\n");
  } else {
    EXPECT_THAT(who, HasSubstr("700 "));
  }
  EXPECT_TRUE(services_.stop_all().empty());
  EXPECT_FALSE(std::filesystem::exists(directory_ / "data"));
}

TEST_F(ServicesTest, ADirectoryThatIsThereBelongsToSomebodyElse) {
  std::filesystem::create_directory(directory_ / "data");
  model::Service service = shell("db", "true");
  service.data_directory = directory_ / "data";
  EXPECT_THAT(start_problem(service), AllOf(HasSubstr("cannot make"), HasSubstr("exists")));
  EXPECT_TRUE(services_.stop_all().empty());
  EXPECT_TRUE(std::filesystem::exists(directory_ / "data"));
}

TEST_F(ServicesTest, AUserThatThereIsNotIsTold) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "only root becomes somebody else";
  }
  model::Service service = shell("db", "true");
  service.user = "squall-no-such-user";
  EXPECT_THAT(start_problem(service), HasSubstr("this host has no user squall-no-such-user"));
}

TEST_F(ServicesTest, LimitsBite) {
  // A program that no sanitizer gives memory of its own.
  model::Service greedy = shell("greedy", "exec dd if=/dev/zero of=/dev/null bs=64M count=1");
  ASSERT_EQ(start_problem(greedy), "started");
  EXPECT_EQ(next_events().at(0).text, "greedy exited with status 0");

  Services limited({directory_ / "limited", {}, {}, {}});
  greedy.limits.memory = ByteCount{32U << 20};
  model::Service files = shell("files",
                               "ulimit -n; ulimit -Hn; exec 7</dev/null 2>/dev/null && "
                               "echo opened; sleep 0");
  files.limits.open_files = 16;
  model::Service burner = shell("burner", "while :; do :; done");
  burner.limits.cpu_time = seconds(1);
  ASSERT_TRUE(limited.start_all({greedy, files, burner}));
  std::vector<std::string> texts;
  ASSERT_TRUE(eventually(
      [&] {
        for (const ServiceEvent& event : limited.poll()) {
          texts.push_back(event.text);
        }
        return texts.size() == 3;
      },
      seconds(60)));
  EXPECT_THAT(texts, ::testing::UnorderedElementsAre("greedy exited with status 1",
                                                     "files exited with status 0",
                                                     HasSubstr("burner was killed by signal")));
  EXPECT_THAT(test::read_file(directory_ / "limited/greedy.log"), HasSubstr("memory exhausted"));
  EXPECT_EQ(test::read_file(directory_ / "limited/files.log"), "16\n16\nopened\n");
}

TEST_F(ServicesTest, TheDeathOfTheGuardianEndsTheServicesAndIsTold) {
  ASSERT_EQ(start_problem(shell("orphan", "exec sleep 1000")), "started");
  const pid_t pid = services_.pid_of("orphan").value();
  ::kill(testing::parent_of(pid), SIGKILL);
  EXPECT_TRUE(eventually([&] { return !is_alive(pid); }));
  const std::vector<ServiceEvent> events = next_events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_THAT(events[0].text, HasSubstr("the guardian process died"));
}

TEST_F(ServicesTest, TheGuardianDoesNotHeedTheSignalsThatStopSquall) {
  ASSERT_EQ(start_problem(shell("steady", "exec sleep 1000")), "started");
  const pid_t pid = services_.pid_of("steady").value();
  const pid_t guardian = testing::parent_of(pid);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    ::kill(guardian, signal);
  }
  // It still obeys: the signals came before this command.
  ASSERT_TRUE(services_.signal("steady", SIGUSR1, model::ExitIs::kUnplanned));
  const std::vector<ServiceEvent> events = next_events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].text, "steady was killed by signal 10 (User defined signal 1)");
}

}  // namespace
}  // namespace squall::faults
