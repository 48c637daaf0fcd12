// Services and actions of a plan, seen from the outside: PostgreSQL that the plan itself makes,
// kill -9, undo.
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>

#include "tests/e2e/plans.hpp"
#include "tests/e2e/squall_process.hpp"
#include "tests/support/eventually.hpp"

namespace squall::test {
namespace {

using std::chrono::seconds;

constexpr const char* kPostgres = "/usr/lib/postgresql/15/bin/";

std::string postgres_service() {
  const std::string bin = kPostgres;
  return "[[service]]\nname = \"db\"\nuser = \"postgres\"\ndirectory = \"{{dir.db}}\"\n"
         "command = [\"" +
         bin +
         "postgres\", \"-D\", \"{{dir.db}}/data\", \"-p\", "
         "\"{{port.db}}\", \"-c\", \"listen_addresses=127.0.0.1\", \"-c\", "
         "\"unix_socket_directories={{dir.db}}\", \"-c\", \"fsync=off\"]\n"
         "ready_command = [\"" +
         bin +
         "pg_isready\", \"-h\", \"127.0.0.1\", \"-p\", "
         "\"{{port.db}}\"]\nready_timeout = \"60s\"\nstop_signal = \"SIGINT\"\n"
         "stop_timeout = \"10s\"\n"
         "[[service.prepare]]\ncommand = [\"" +
         bin +
         "initdb\", \"-D\", \"{{dir.db}}/data\", "
         "\"--no-sync\", \"-A\", \"trust\"]\n"
         "[[proxy]]\nname = \"db\"\nupstream = \"127.0.0.1:{{port.db}}\"\n";
}

// Through the proxy of the database.
std::string psql(const std::string& action, const std::string& sql, const std::string& more) {
  return "[[action]]\nname = \"" + action + "\"\nkind = \"exec\"\nat = \"200ms\"\ncommand = [\"" +
         std::string(kPostgres) +
         "psql\", \"-h\", \"127.0.0.1\", \"-p\", "
         "\"{{proxy.db.port}}\", \"-U\", \"postgres\", \"-c\", \"" +
         sql + "\", \"postgres\"]\n" + more;
}

std::string in_place_of(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

TEST(Actions, KilledSquallLeavesNothingOfPostgresServicesAndProxiesAndUndoes) {
  const TestDirectory directory;
  const std::string undone = directory / "undone";
  const std::string text = in_place_of(
      shop_plan("atomic", postgres_service() +
                              psql("table", "create table t (n int)",
                                   "undo = [\"sh\", \"-c\", \"echo undone > " + undone + "\"]\n") +
                              "[[action]]\nname = \"freeze\"\nkind = \"stop\"\nservice = \"psp\"\n"
                              "at = \"500ms\"\n"),
      "duration = \"3s\"", "duration = \"60s\"");
  const std::string mark = std::filesystem::path(directory.path()).filename().string();
  Process process({.command = {squall_binary(), "run", directory.write("plan.toml", text), "--out",
                               directory / "run"},
                   .directory = directory.path(),
                   .environment = {{"SQUALL_TEST_MARK", mark}, {"TMPDIR", "/tmp"}}});
  const std::string events = directory / "run/events.ndjson";
  ASSERT_TRUE(eventually([&] { return read_file(events).find("on: freeze") != std::string::npos; },
                         seconds(120)))
      << read_file(events);
  EXPECT_NE(read_file(directory / "run/services/action-table.log").find("CREATE TABLE"),
            std::string::npos);
  // Where the database lives stands in its command line.
  std::string data;
  for (const pid_t pid : processes_marked(mark)) {
    const std::string words = read_file("/proc/" + std::to_string(pid) + "/cmdline");
    const std::size_t at = words.find("/squall-");
    if (words.find("postgres") != std::string::npos && at != std::string::npos) {
      const std::size_t begin = words.rfind('\0', at) + 1;
      data = words.substr(begin, words.find("/data", at) - begin);
    }
  }
  ASSERT_TRUE(std::filesystem::exists(data + "/data/PG_VERSION")) << data;

  process.signal(SIGKILL);
  EXPECT_EQ(process.wait(seconds(5)).exit_code, 137);
  EXPECT_TRUE(eventually([&] { return processes_marked(mark).empty(); }, seconds(30)))
      << processes_marked(mark).size() << " processes are left";
  EXPECT_EQ(read_file(undone), "undone\n");
  EXPECT_FALSE(std::filesystem::exists(data)) << data;
}

TEST(Actions, AnUndoThatFailsMakesTheRunInvalid) {
  const TestDirectory directory;
  const std::string text = in_place_of(shop_plan("atomic",
                                                 "[[action]]\nname = \"hook\"\nkind = \"exec\"\n"
                                                 "command = [\"true\"]\nat = \"200ms\"\n"
                                                 "undo = [\"sh\", \"-c\", \"exit 6\"]\n"),
                                       "duration = \"3s\"", "duration = \"1s\"");
  const ProcessResult result =
      squall(directory, {"run", directory.write("plan.toml", text), "--out", directory / "run"});
  EXPECT_EQ(result.exit_code, 3) << result.output << result.errors;
  EXPECT_NE(result.output.find("undo: sh exited with status 6"), std::string::npos)
      << result.output;
}

// Whose log, with what it told, is quoted.
TEST(Actions, ARestartThatFailsTellsNoSecret) {
  const TestDirectory directory;
  const std::string text =
      shop_plan("atomic",
                "[[service]]\nname = \"once\"\nenvironment = { TOKEN = \"${env:E2E_TOKEN}\" }\n"
                "command = [\"sh\", \"-c\", \"echo token $TOKEN; mkdir {{dir.once}}/up || exit 4; "
                "exec sleep 1000\"]\n"
                "ready_command = [\"sh\", \"-c\", \"test -e {{dir.once}}/up && mkdir "
                "{{dir.once}}/seen\"]\n"
                "[[action]]\nname = \"bounce\"\nkind = \"restart\"\nservice = \"once\"\n"
                "at = \"500ms\"\n");
  Process process({.command = {squall_binary(), "run", directory.write("plan.toml", text), "--out",
                               directory / "run"},
                   .directory = directory.path(),
                   .environment = {{"E2E_TOKEN", "s3cr3t"}}});
  const ProcessResult result = process.wait();
  EXPECT_EQ(result.exit_code, 3) << result.output << result.errors;
  EXPECT_NE(result.output.find("exited with status 4"), std::string::npos) << result.output;
  EXPECT_EQ((result.output + result.errors).find("s3cr3t"), std::string::npos) << result.output;
  EXPECT_EQ(result.output.find("\\x0a"), std::string::npos) << "a reason is one line";
  for (const auto& file : std::filesystem::directory_iterator(directory / "run")) {
    if (file.is_regular_file()) {
      EXPECT_EQ(read_file(file.path().string()).find("s3cr3t"), std::string::npos) << file.path();
    }
  }
}

TEST(Actions, APlannedRestartIsNoAccident) {
  const TestDirectory directory;
  std::string text = shop_plan("atomic",
                               "[[action]]\nname = \"bounce\"\nkind = \"restart\"\n"
                               "service = \"psp\"\nat = \"500ms\"\n");
  const ProcessResult result =
      squall(directory, {"run", directory.write("plan.toml", text), "--out", directory / "run"});
  EXPECT_EQ(result.output.find("service psp"), std::string::npos) << result.output;
  const std::string events = read_file(directory / "run/events.ndjson");
  EXPECT_NE(events.find("on: bounce: restart psp: stopped"), std::string::npos) << events;
  EXPECT_NE(events.find(", as planned"), std::string::npos) << events;
  EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
}

TEST(Actions, ValidateShowsServicesAndTheTimeline) {
  const TestDirectory directory;
  const std::string text =
      shop_plan("atomic",
                "[[service]]\nname = \"extra\"\nreplicas = 3\ncommand = [\"sleep\", "
                "\"1\"]\nlimits = { open_files = 64 }\n"
                "[[action]]\nname = \"roll\"\nkind = \"restart\"\nservice = \"extra\"\n"
                "order = \"one_at_a_time\"\nat = \"1s\"\n");
  const ProcessResult result = squall(directory, {"validate", directory.write("plan.toml", text)});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_NE(result.output.find("service   extra: sleep, 3 replicas, limits: 64 open files"),
            std::string::npos)
      << result.output;
  EXPECT_NE(result.output.find("roll: restart extra-1, extra-2, extra-3"), std::string::npos)
      << result.output;
}

}  // namespace
}  // namespace squall::test
