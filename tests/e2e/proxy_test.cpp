// squall proxy serve and its clients, also under the names of Toxiproxy's programs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "loadgen/net/http_client.hpp"
#include "tests/e2e/squall_process.hpp"
#include "tests/support/eventually.hpp"

namespace squall::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;

std::string beside_squall(const std::string& name) {
  const std::string binary = squall_binary();
  return binary.substr(0, binary.rfind('/') + 1) + name;
}

// A server on a free port.
class Serving {
 public:
  explicit Serving(std::vector<std::string> command,
                   std::vector<std::pair<std::string, std::string>> environment = {})
      : process_({.command = std::move(command), .environment = std::move(environment)}) {
    EXPECT_TRUE(eventually([this] { return process_.output().ends_with("\n"); }))
        << process_.errors();
  }
  static std::vector<std::string> squall(std::vector<std::string> more = {}) {
    std::vector<std::string> command{squall_binary(), "proxy", "serve", "--port", "0"};
    command.insert(command.end(), more.begin(), more.end());
    return command;
  }

  [[nodiscard]] std::string url() const {
    const std::string line = process_.output();
    const std::size_t colon = line.rfind(':');
    return "http://127.0.0.1:" + line.substr(colon + 1, line.size() - colon - 2);
  }
  [[nodiscard]] ProcessResult run(std::vector<std::string> command) const {
    return Process({.command = std::move(command),
                    .environment = {{"TOXIPROXY_URL", url()}, {"PATH", std::getenv("PATH")}}})
        .wait();
  }
  // squall proxy WORDS…
  [[nodiscard]] ProcessResult proxy(std::vector<std::string> words) const {
    words.insert(words.begin(), {squall_binary(), "proxy"});
    return run(std::move(words));
  }
  [[nodiscard]] ProcessResult toxiproxy_cli(std::vector<std::string> words) const {
    words.insert(words.begin(), beside_squall("toxiproxy-cli"));
    return run(std::move(words));
  }
  [[nodiscard]] int get(const std::string& path, std::string* body = nullptr) const {
    const auto response = net::send(
        {.method = "GET", .url = url() + path, .headers = {}, .body = {}, .tls = {}, .route = {}});
    if (response && body != nullptr) {
      *body = response->body;
    }
    return response ? response->status : 0;
  }
  Process& process() { return process_; }

 private:
  Process process_;
};

TEST(ProxyServe, says_where_it_listens_and_ends_in_order_on_a_signal) {
  for (const int signal : {SIGINT, SIGTERM}) {
    Serving serving(Serving::squall({"--seed", "7"}));
    EXPECT_THAT(serving.process().output(),
                MatchesRegex("squall proxy: the control API listens on http://localhost:[0-9]+\n"));
    EXPECT_EQ(serving.get("/version"), 200);
    EXPECT_EQ(serving.get("/metrics"), 404);
    serving.process().signal(signal);
    const ProcessResult result = serving.process().wait();
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    EXPECT_THAT(result.errors, AllOf(HasSubstr(" info start seed=7\n"), HasSubstr(" info stop\n")));
  }
}

TEST(ProxyServe, is_controlled_by_its_clients) {
  const Serving serving(Serving::squall());
  EXPECT_EQ(serving.proxy({"list"}).output, "");
  EXPECT_EQ(serving.proxy({"create", "-l", "localhost:0", "-u", "localhost:9", "db"}).output,
            "Created new proxy db\n");
  EXPECT_THAT(serving.proxy({"ls"}).output,
              MatchesRegex("db\t127\\.0\\.0\\.1:[0-9]+\tlocalhost:9\tenabled\t0\n"));
  EXPECT_EQ(serving
                .proxy({"toxic", "add", "-t", "latency", "-a", "latency=100,jitter=2", "--tox",
                        "0.5", "--ttl", "1h", "db"})
                .output,
            "Added downstream latency toxic 'latency_downstream' on proxy 'db'\n");
  const ProcessResult updated =
      serving.proxy({"t", "u", "-n", "latency_downstream", "--attribute", "latency=7", "db"});
  EXPECT_EQ(updated.output, "Updated toxic 'latency_downstream' on proxy 'db'\n") << updated.errors;
  EXPECT_EQ(serving.proxy({"inspect", "db"}).output,
            "latency_downstream\ttype=latency\tstream=downstream\ttoxicity=0.50\tattributes=["
            "\tjitter=2\tlatency=7\t]\n");
  EXPECT_EQ(serving.proxy({"toxic", "remove", "-n", "latency_downstream", "db"}).output,
            "Removed toxic 'latency_downstream' on proxy 'db'\n");
  EXPECT_EQ(serving.proxy({"toggle", "db"}).output, "Proxy db is now disabled\n");
  EXPECT_EQ(serving.proxy({"delete", "db"}).output, "Deleted proxy db\n");
  const ProcessResult gone = serving.proxy({"delete", "db"});
  EXPECT_EQ(gone.exit_code, 1);
  EXPECT_EQ(gone.output, "");
  EXPECT_EQ(gone.errors, "Failed to retrieve proxy db: HTTP 404: proxy not found\n");
}

TEST(ProxyServe, usage_errors_name_the_command) {
  const TestDirectory directory;
  const ProcessResult missing = squall(directory, {"proxy", "toxic", "add", "db"});
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_THAT(missing.errors, HasSubstr("squall proxy toxic add: "));
  const ProcessResult unknown = squall(directory, {"proxy", "lst"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.errors, HasSubstr("did you mean list?"));
}

TEST(ProxyServe, begins_with_the_proxies_of_a_file) {
  const TestDirectory directory;
  const std::string config = directory.write(
      "proxies.json", R"([{"name":"web","listen":"localhost:0","upstream":"web:80"}])");
  const Serving serving(Serving::squall({"--config", config}));
  EXPECT_EQ(serving.get("/proxies/web"), 200);
}

TEST(ProxyServe, starts_with_a_bad_file_all_the_same) {
  const TestDirectory directory;
  Serving serving(Serving::squall({"--config", directory.write("proxies.json", "[{]")}));
  EXPECT_EQ(serving.get("/version"), 200);
  EXPECT_THAT(serving.process().errors(),
              MatchesRegex("(.|\n)* error config file=\".*\" problem=\"bad request body: .*\"\n"));
}

TEST(ProxyServe, an_address_that_is_taken_is_told_of) {
  const Serving first(Serving::squall());
  const std::string port = first.url().substr(first.url().rfind(':') + 1);
  const TestDirectory directory;
  const ProcessResult second = squall(directory, {"proxy", "serve", "--port", port});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_EQ(second.output, "");
  EXPECT_THAT(second.errors, HasSubstr(port));
}

TEST(ProxyServe, has_a_token_metrics_and_another_version) {
  const Serving serving(Serving::squall({"--token", "s3cret", "--version-string", "git"}));
  EXPECT_EQ(serving.get("/version"), 401);
  const ProcessResult refused = serving.proxy({"list"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.errors, HasSubstr("HTTP 401"));
  EXPECT_EQ(serving.proxy({"list", "--token", "s3cret"}).exit_code, 0);
  const Serving open(
      Serving::squall({"--version-string", "git", "--proxy-metrics", "--runtime-metrics"}));
  std::string body;
  EXPECT_EQ(open.get("/version", &body), 200);
  EXPECT_EQ(body, "{\"version\": \"git\"}\n");
  EXPECT_EQ(open.get("/metrics", &body), 200);
  EXPECT_THAT(body, AllOf(HasSubstr("toxiproxy_proxy_sent_bytes_total"), HasSubstr("process_")));
}

TEST(ProxyServe, logs_what_it_is_told_to) {
  Serving serving(Serving::squall(), {{"LOG_LEVEL", "debug"}});
  EXPECT_EQ(serving.proxy({"create", "-l", "localhost:0", "-u", "u:1", "db"}).exit_code, 0);
  EXPECT_TRUE(eventually([&] {
    const std::string log = serving.process().errors();
    return log.find(" info proxy_created proxy=db\n") != std::string::npos &&
           log.find(" debug request method=POST target=/proxies status=201\n") != std::string::npos;
  })) << serving.process().errors();
  Serving quiet(Serving::squall(), {{"LOG_LEVEL", "disabled"}});
  quiet.process().signal(SIGTERM);
  EXPECT_EQ(quiet.process().wait().errors, "");
}

TEST(ToxiproxyNames, the_server_takes_gos_flags) {
  Serving serving({beside_squall("toxiproxy-server"), "-host=127.0.0.1", "-port", "0", "--seed=1",
                   "-proxy-metrics", "-runtime-metrics=false"});
  EXPECT_EQ(serving.get("/metrics"), 200);
  serving.process().signal(SIGTERM);
  EXPECT_EQ(serving.process().wait().exit_code, 0);
  EXPECT_EQ(run_program({beside_squall("toxiproxy-server"), "-version"}).output,
            "toxiproxy-server version 2.12.0\n");
  EXPECT_EQ(run_program({beside_squall("toxiproxy-server"), "-bogus"}).exit_code, 1);
}

TEST(ToxiproxyNames, the_client_takes_gos_flags) {
  const Serving serving(Serving::squall());
  EXPECT_EQ(serving.toxiproxy_cli({"create", "-listen=localhost:0", "-u=localhost:9", "db"}).output,
            "Created new proxy db\n");
  EXPECT_EQ(serving
                .toxiproxy_cli({"t", "a", "-t=latency", "-tox", "0.5", "-toxicName=slow", "-u",
                                "-a", "latency=5", "db"})
                .output,
            "Added upstream latency toxic 'slow' on proxy 'db'\n");
  EXPECT_EQ(serving.toxiproxy_cli({"inspect", "db"}).output,
            "slow\ttype=latency\tstream=upstream\ttoxicity=0.50\tattributes=[\tjitter=0\tlatency=5"
            "\t]\n");
  // Without toxicity it sends 1.
  EXPECT_EQ(
      serving.toxiproxy_cli({"toxic", "update", "-n", "slow", "-a", "latency=6", "db"}).output,
      "Updated toxic 'slow' on proxy 'db'\n");
  EXPECT_THAT(serving.toxiproxy_cli({"i", "db"}).output, HasSubstr("toxicity=1.00"));
  EXPECT_EQ(serving.toxiproxy_cli({"toxic", "d", "-n", "slow", "db"}).output,
            "Removed toxic 'slow' on proxy 'db'\n");
  const ProcessResult elsewhere = serving.toxiproxy_cli({"-h", "http://127.0.0.1:1", "list"});
  EXPECT_EQ(elsewhere.exit_code, 1);
  EXPECT_THAT(elsewhere.errors, HasSubstr("Failed to retrieve proxies: "));
  EXPECT_EQ(serving.toxiproxy_cli({"create", "db"}).exit_code, 1);
  EXPECT_EQ(serving.toxiproxy_cli({"--version"}).output, "toxiproxy-cli version 2.12.0\n");
}

}  // namespace
}  // namespace squall::test
