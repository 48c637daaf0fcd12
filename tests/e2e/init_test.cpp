// squall init from the outside: what it writes validates, runs, and overwrites nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <httplib.h>

#include <filesystem>
#include <map>
#include <mutex>
#include <thread>

#include "loadgen/base/rng.hpp"
#include "tests/e2e/squall_process.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/hostile_server.hpp"

namespace squall::test {
namespace {

using ::testing::HasSubstr;

// Answers every request with what `status_of` says, and counts them by method and path.
class CountingService {
 public:
  using StatusOf = std::function<int(const std::string& method, const std::string& path)>;

  explicit CountingService(StatusOf status_of) {
    server_.set_tcp_nodelay(true);
    server_.set_keep_alive_max_count(1'000'000);
    server_.set_pre_routing_handler(
        [this, status_of](const httplib::Request& request, httplib::Response& response) {
          const std::lock_guard lock(mutex_);
          ++counts_[request.method + " " + request.path];
          response.status = status_of(request.method, request.path);
          response.set_content("{}", "application/json");
          return httplib::Server::HandlerResponse::Handled;
        });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    EXPECT_TRUE(eventually([this] { return server_.is_running(); }));
  }
  ~CountingService() {
    server_.stop();
    thread_.join();
  }
  CountingService(const CountingService&) = delete;
  CountingService& operator=(const CountingService&) = delete;

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::map<std::string, int> counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
  }

 private:
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
  mutable std::mutex mutex_;
  std::map<std::string, int> counts_;
};

int always_200(const std::string& /*method*/, const std::string& /*path*/) {
  return 200;
}

// One second of it, fast enough for every scenario to have arrivals; the machine may be busy.
// Times are not held against anything: this host may be busy with other things.
ProcessResult run_plan(const TestDirectory& directory, const std::string& plan,
                       const std::vector<std::pair<std::string, std::string>>& environment = {}) {
  return Process({.command = {squall_binary(), "run", plan, "--set", "vars.rate=20/s", "--set",
                              "load.duration=2s", "--set", "limits.lag_p99=2s", "--set",
                              "limits.started=1%", "--set", "checks.require=[\"error_rate < 1%\"]",
                              "--quiet"},
                  .directory = directory.path(),
                  .environment = environment})
      .wait();
}

TEST(Init, WritesAPlanThatRunsAsItStands) {
  CountingService service(always_200);
  const TestDirectory directory;
  const ProcessResult made = squall(directory, {"init", "--url", service.url()});
  EXPECT_EQ(made.exit_code, 0) << made.errors;
  EXPECT_EQ(squall(directory, {"validate", "squall.toml"}).exit_code, 0);
  const ProcessResult run = run_plan(directory, "squall.toml");
  EXPECT_EQ(run.exit_code, 0) << run.output << run.errors;
  EXPECT_GT(service.counts()["GET /"], 10);
}

TEST(Init, OverwritesNothingUnlessForced) {
  const TestDirectory directory;
  const std::string file = directory.write("mine.toml", "precious");
  const ProcessResult refused = squall(directory, {"init", "mine.toml"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.errors, HasSubstr("--force"));
  EXPECT_EQ(read_file(file), "precious");
  EXPECT_EQ(squall(directory, {"init", "mine.toml", "--force"}).exit_code, 0);
  EXPECT_THAT(read_file(file), HasSubstr("format = 1"));
  EXPECT_EQ(squall(directory, {"init", "no/such/folder.toml"}).exit_code, 9);
}

TEST(Init, PrintsThePlanWhenAsked) {
  const TestDirectory directory;
  const ProcessResult printed = squall(directory, {"init", "-"});
  EXPECT_EQ(printed.exit_code, 0);
  EXPECT_EQ(printed.output.find("# A plan"), 0U);
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

TEST(Init, RunsWhatACurlCommandSends) {
  CountingService service(
      [](const std::string& method, const std::string&) { return method == "POST" ? 201 : 200; });
  const TestDirectory directory;
  const ProcessResult made = squall(
      directory, {"init", "curl.toml", "--from-curl",
                  "curl '" + service.url() + "/items?q=a b' -H 'Authorization: Bearer t0p' " +
                      "--json '{\"a\":1}'; curl " + service.url() + "/items"});
  ASSERT_EQ(made.exit_code, 0) << made.errors;
  EXPECT_THAT(made.errors, HasSubstr("set TOKEN before a run"));
  EXPECT_EQ(read_file(directory / "curl.toml").find("t0p"), std::string::npos);
  EXPECT_EQ(squall(directory, {"validate", "curl.toml"}).exit_code, 2);  // TOKEN is not set
  const ProcessResult run = run_plan(directory, "curl.toml", {{"TOKEN", "t0p"}});
  EXPECT_EQ(run.exit_code, 0) << run.output << run.errors;
  EXPECT_GT(service.counts()["POST /items"], 10);
  EXPECT_GT(service.counts()["GET /items"], 10);
}

TEST(Init, RunsTheTwentyOperationsOfAnApi) {
  CountingService service([](const std::string& method, const std::string& path) {
    const auto ends = [&](std::string_view end) {
      return path.size() >= end.size() &&
             path.compare(path.size() - end.size(), end.size(), end) == 0;
    };
    return ends("/sessions")                      ? 303
           : ends("/checkout")                    ? 202
           : ends("/cover") || method == "DELETE" ? 204
           : method == "POST"                     ? 201
                                                  : 200;
  });
  const TestDirectory directory;
  const ProcessResult made =
      squall(directory, {"init", "api.toml", "--include-destructive", "--url", service.url(),
                         "--from-openapi", source_file("tests/fixtures/bookshop.openapi.yaml")});
  ASSERT_EQ(made.exit_code, 0) << made.errors;
  const ProcessResult run = run_plan(
      directory, "api.toml", {{"BEARER_AUTH", "b"}, {"API_KEY", "k"}, {"BASIC_AUTH", "dTpw"}});
  EXPECT_EQ(run.exit_code, 0) << run.output << run.errors;
  EXPECT_EQ(service.counts().size(), 20U);
}

TEST(Init, RunsWhatABrowserRecorded) {
  CountingService service([](const std::string& method, const std::string& path) {
    return path == "/login" ? 303 : path == "/favicon.ico" ? 404 : method == "POST" ? 201 : 200;
  });
  const TestDirectory directory;
  const ProcessResult made =
      squall(directory, {"init", "visit.toml", "--url", service.url(), "--from-har",
                         source_file("tests/fixtures/visit.har")});
  ASSERT_EQ(made.exit_code, 0) << made.errors;
  EXPECT_THAT(made.errors, HasSubstr("set PASSWORD before a run"));
  const ProcessResult run =
      run_plan(directory, "visit.toml", {{"PASSWORD", "p"}, {"COOKIE", "session=s"}});
  EXPECT_EQ(run.exit_code, 0) << run.output << run.errors;
  EXPECT_GT(service.counts()["POST /api/cart"], 10);
}

// A log of 100,000 requests at 100 a second, with what real logs have in them: bursts, other
// methods, garbage, and lines out of order.
std::string large_log() {
  std::string text;
  for (unsigned i = 0; i < 100'000; ++i) {
    const StreamId chance(11, "log", "line", i);
    const std::uint64_t late = chance.bits_at(0) % 3;  // servers write when they have answered
    const std::uint64_t second = i / 100 + late;
    const char* method = chance.bits_at(1) % 50 == 0 ? "POST" : "GET";
    const std::string request =
        chance.bits_at(2) % 1000 == 0
            ? "\\x16\\x03\\x01"
            : std::string(method) + " /items/" + std::to_string(chance.bits_at(3) % 5000) +
                  "?page=" + std::to_string(chance.bits_at(4) % 9) + " HTTP/1.1";
    const auto two = [](std::uint64_t value) {
      return (value < 10 ? "0" : "") + std::to_string(value);
    };
    text += "10.0.0." + std::to_string(i % 250) + " - - [14/Nov/2023:22:" + two(second / 60) + ":" +
            two(second % 60) + " +0000] \"" + request + "\" 200 512 \"-\" \"agent\"\n";
  }
  return text;
}

TEST(Init, RunsALogOfAHundredThousandLines) {
  CountingService service(always_200);
  const TestDirectory directory;
  const std::string log = directory.write("access.log", large_log());
  const ProcessResult made =
      squall(directory, {"init", "day.toml", "--url", service.url(), "--from-log", log});
  ASSERT_EQ(made.exit_code, 0) << made.errors;
  EXPECT_THAT(made.errors, HasSubstr("POST requests, whose bodies no log holds"));
  EXPECT_THAT(made.errors, HasSubstr("requests that are no HTTP"));
  EXPECT_EQ(squall(directory, {"validate", "day.toml"}).exit_code, 0);
  // The first three seconds, as they were.
  const ProcessResult run =
      Process({.command = {squall_binary(), "run", "day.toml", "--set", "load.duration=3s", "--set",
                           "limits.lag_p99=5s", "--set", "limits.started=1%", "--quiet"},
               .directory = directory.path()})
          .wait();
  EXPECT_EQ(run.exit_code, 0) << run.output << run.errors;
  int sent = 0;
  for (const auto& [request, count] : service.counts()) {
    EXPECT_EQ(request.find("GET /items/"), 0U) << request;
    sent += count;
  }
  // Requests of the log's first three seconds, and the preflight.
  const std::string csv = read_file(directory / "day.get.csv");
  int due = 0;
  for (std::size_t at = csv.find('\n') + 1; at < csv.size() && csv[at] < '3' && csv[at + 1] == '.';
       at = csv.find('\n', at) + 1) {
    ++due;
  }
  EXPECT_GT(due, 150);
  EXPECT_EQ(sent, due + 1);
  EXPECT_EQ(squall(directory, {"init", "-", "--from-log", log}).exit_code, 2);
}

TEST(Init, SaysWhatItCannotImport) {
  const TestDirectory directory;
  const std::string file = directory.write("broken.har", "{\"log\": 5}");
  const ProcessResult result = squall(directory, {"init", "--from-har", file});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.errors, HasSubstr(file + ":1:9: this is no HAR recording"));
  EXPECT_EQ(squall(directory, {"init", "--from-har", "none.har"}).exit_code, 2);
  EXPECT_EQ(squall(directory, {"init", "--from-har", file, "--from-curl", "curl x"}).exit_code, 2);
  EXPECT_EQ(squall(directory, {"init", "--exclude", "static"}).exit_code, 2);
  EXPECT_FALSE(std::filesystem::exists(directory / "squall.toml"));
}

}  // namespace
}  // namespace squall::test
