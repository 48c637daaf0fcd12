// Runs over TLS, from the outside: the shop behind it, and a server that is not ours.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "loadgen/model/run_record.hpp"
#include "tests/e2e/plans.hpp"
#include "tests/e2e/squall_process.hpp"
#include "tests/paths.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/loopback_port.hpp"
#include "tests/tls/identity.hpp"

namespace squall::test {
namespace {

using ::testing::HasSubstr;

std::string replaced(std::string text, std::string_view what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

model::RunRecord record_of(const std::string& out) {
  auto record = model::record_from_json(read_file(out + "/record.json"));
  EXPECT_TRUE(record.has_value());
  return record.value_or(model::RunRecord{});
}

class TlsRun : public testing::Test {
 protected:
  void SetUp() override {
    const ProcessResult made = run_program(
        {SQUALL_BIN_DIR "/squall-shop", "certificate", "--directory", directory_ / "tls"});
    ASSERT_EQ(made.exit_code, 0) << made.errors;
  }

  // The plan of the racy shop, its shop behind TLS; `tls` is the target's table.
  [[nodiscard]] std::string shop_plan_over_tls(const std::string& tls) const {
    std::string text = shop_plan("racy");
    text = replaced(text, "\"--payments\", \"racy\"",
                    "\"--payments\", \"racy\", \"--tls-certificate\", \"tls/certificate.pem\", "
                    "\"--tls-key\", \"tls/key.pem\"");
    text = replaced(text, "http://127.0.0.1:{{port.shop}}", "https://127.0.0.1:{{port.shop}}");
    return replaced(text, "timeout = \"5s\"\n", "timeout = \"5s\"\ntls = " + tls + "\n");
  }

  TestDirectory directory_;
};

// Set-up, readiness, preflight and the oracle speak TLS by the target's settings, too, or this
// would not come to a verdict.
TEST_F(TlsRun, TheRacyShopIsCaughtBehindTls) {
  const std::string plan =
      directory_.write("plan.toml", shop_plan_over_tls("{ ca = \"tls/ca.pem\" }"));
  const std::string out = directory_ / "run";
  const ProcessResult result = squall(directory_, {"run", plan, "--out", out});
  EXPECT_EQ(result.exit_code, 5) << result.output << result.errors;
  EXPECT_THAT(result.output, HasSubstr("TLS with shop: "));
  EXPECT_THAT(result.output, testing::Not(HasSubstr("NOT verified")));
  const model::RunRecord record = record_of(out);
  ASSERT_EQ(record.tls.size(), 1U);
  EXPECT_GT(record.tls[0].use.handshakes, 0U);
  EXPECT_FALSE(record.tls[0].insecure);
  ASSERT_FALSE(record.effects.cases.empty());
  // The first duplicate, in the order of time, is within the first second and a half of three.
  Duration first = Duration::max();
  for (const model::EffectCase& wrong : record.effects.cases) {
    if (wrong.verdict == model::EffectVerdict::kDuplicate) {
      first = std::min(first, wrong.timeline.front().intended);
    }
  }
  EXPECT_LT(first, std::chrono::milliseconds(1500));
}

TEST_F(TlsRun, AnAuthorityThatNobodyNamedIsAnUnreadyService) {
  const std::string plan = directory_.write(
      "plan.toml", replaced(shop_plan_over_tls("{ }"), "[[service]]\nname = \"shop\"\n",
                            "[[service]]\nname = \"shop\"\nready_timeout = \"5s\"\n"));
  const ProcessResult result = squall(directory_, {"run", plan, "--out", directory_ / "run"});
  EXPECT_NE(result.exit_code, 0);
  EXPECT_THAT(result.errors + result.output, HasSubstr("certificate"));
}

TEST_F(TlsRun, InsecureIsSaidLoudly) {
  const std::string plan = directory_.write("plan.toml", shop_plan_over_tls("{ insecure = true }"));
  const ProcessResult result = squall(directory_, {"run", plan, "--out", directory_ / "run"});
  EXPECT_EQ(result.exit_code, 5) << result.output << result.errors;
  EXPECT_THAT(result.output, HasSubstr("warning: target shop was NOT verified"));
}

// nginx with TLS, its access log beside what squall counted.
class Nginx {
 public:
  explicit Nginx(const TestDirectory& directory) : directory_(directory) {
    const Identity authority = make_authority({.name = "squall test CA"});
    const Identity identity = authority.issue({});
    ca_ = directory.write("nginx-ca.pem", authority.certificate_pem);
    static_cast<void>(directory.write("nginx.pem", identity.certificate_pem));
    static_cast<void>(directory.write("nginx-key.pem", identity.key_pem));
    {
      std::uint16_t port = 0;
      ::close(bind_loopback(port));
      port_ = port;
    }
    const std::string config = directory.write("nginx.conf", config_text());
    process_ = std::make_unique<Process>(
        Process::Options{.command = {"/usr/sbin/nginx", "-p", directory.path(), "-c", config}});
  }
  [[nodiscard]] std::string url() const { return "https://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] const std::string& ca() const { return ca_; }
  [[nodiscard]] bool is_up() const {
    return eventually([&] {
             return process_->has_ended() ||
                    run_program({"curl", "-sf", "--cacert", ca_, url() + "/up"}).exit_code == 0;
           }) &&
           !process_->has_ended();
  }
  // Ends it, which writes its log out: the lines of requests to /item.
  [[nodiscard]] std::size_t requests_logged() {
    process_->signal(SIGQUIT);
    static_cast<void>(process_->wait());
    const std::string log = read_file(directory_ / "access.log");
    std::size_t count = 0;
    for (std::size_t at = log.find("/item"); at != std::string::npos;
         at = log.find("/item", at + 1)) {
      ++count;
    }
    return count;
  }

 private:
  [[nodiscard]] std::string config_text() const {
    const std::string dir = directory_.path();
    std::string text =
        "daemon off; master_process off; worker_processes 1; pid nginx.pid; error_log error.log;\n"
        "events { worker_connections 1000; }\nhttp {\n"
        "  log_format uri '$request_uri'; access_log access.log uri buffer=64k;\n"
        "  keepalive_requests 1000000; keepalive_timeout 300s;\n"
        "  client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u;\n"
        "  scgi_temp_path s;\n"
        "  ssl_certificate DIR/nginx.pem; ssl_certificate_key DIR/nginx-key.pem;\n"
        "  server { listen 127.0.0.1:PORT ssl; location / { return 200 'good'; } }\n}\n";
    return replaced(replaced(text, "DIR", dir), "PORT", std::to_string(port_));
  }

  const TestDirectory& directory_;
  std::string ca_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Process> process_;
};

TEST_F(TlsRun, NginxHasLoggedEachRequestAndNoOther) {
  Nginx nginx(directory_);
  ASSERT_TRUE(nginx.is_up()) << read_file(directory_ / "error.log");
  std::string text = simple_plan(nginx.url(), "", "2s");
  text = replaced(text, "connections = 8", "connections = 64");
  text = replaced(text, "\"50/s\"", "\"2000/s\"");
  text = replaced(text, "\"GET /\"", "\"GET /item?n={{seq}}\"");
  text = replaced(text, "timeout = \"500ms\"\n",
                  "timeout = \"5s\"\ntls = { ca = \"" + nginx.ca() + "\" }\n");
  const std::string plan =
      directory_.write("plan.toml", text + "[checks]\nrequire = [\"error_rate == 0%\"]\n");
  const std::string out = directory_ / "run";
  const ProcessResult result = squall(directory_, {"run", plan, "--out", out});
  EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
  const model::RunRecord record = record_of(out);
  EXPECT_EQ(record.totals.attempts, record.totals.completed);
  EXPECT_EQ(record.totals.dropped, 0U);
  EXPECT_GE(record.totals.attempts, 3900U);
  EXPECT_EQ(nginx.requests_logged(), record.totals.attempts);
  ASSERT_EQ(record.tls.size(), 1U);
  EXPECT_EQ(record.tls[0].use.handshakes, record.totals.connections_opened);
}

}  // namespace
}  // namespace squall::test
