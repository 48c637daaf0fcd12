// A target behind a unix socket that asks for a password: everything that squall sends to it gets
// there the same way, the load and what stands beside it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "loadgen/model/run_record.hpp"
#include "tests/e2e/plans.hpp"
#include "tests/e2e/squall_process.hpp"
#include "tests/support/loopback_port.hpp"
#include "tests/support/nginx.hpp"

namespace squall::test {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string replaced(std::string text, const std::string& part, const std::string& by) {
  const std::size_t at = text.find(part);
  EXPECT_NE(at, std::string::npos) << part;
  return at == std::string::npos ? text : text.replace(at, part.size(), by);
}

class TargetRoute : public testing::Test {
 protected:
  TargetRoute() {
    ::close(bind_loopback(shop_port_));
    const std::string users = directory_.write("users", "alice:{PLAIN}s3cr3t\n");
    nginx_ = std::make_unique<Nginx>(
        Nginx::Speaks::kHttp1,
        "listen unix:" + socket() + "; auth_basic shop; auth_basic_user_file " + users +
            "; location ~ ^/(payments|ledger|readyz) { proxy_pass http://127.0.0.1:" +
            std::to_string(shop_port_) + "; }");
  }

  [[nodiscard]] std::string socket() const { return directory_ / "socket"; }

  // The shop's plan, whose target is a name that no resolver knows.
  [[nodiscard]] std::string plan() const {
    std::string text = shop_plan("atomic",
                                 "[[setup]]\nrequest = \"GET /readyz?setup\"\n"
                                 "[[teardown]]\nrequest = \"GET /readyz?teardown\"\n");
    text = replaced(text, "urls = [\"http://127.0.0.1:{{port.shop}}\"]",
                    "urls = [\"http://shop.invalid\"]\nunix_socket = \"" + socket() +
                        "\"\nauth = { kind = \"basic\", user = \"alice\", password = \"s3cr3t\" }");
    for (const std::string port = "{{port.shop}}"; text.find(port) != std::string::npos;) {
      text = replaced(text, port, std::to_string(shop_port_));
    }
    return replaced(text, "spacing = \"together\"", "spacing = \"after_response\"");
  }

  [[nodiscard]] std::size_t answered(const std::string& line) const {
    const std::string log = nginx_->access_log();
    std::size_t count = 0;
    for (std::size_t at = log.find(line); at != std::string::npos; at = log.find(line, at + 1)) {
      ++count;
    }
    return count;
  }

  TestDirectory directory_;
  std::uint16_t shop_port_ = 0;
  std::unique_ptr<Nginx> nginx_;
};

TEST_F(TargetRoute, IsTheSameForSetupLoadOraclesTeardownAndReplay) {
  const std::string file = directory_.write("plan.toml", plan());
  const ProcessResult run = squall(directory_, {"run", file, "--out", directory_ / "run"});
  ASSERT_EQ(run.exit_code, 0) << run.output << run.errors << nginx_->error_log();
  EXPECT_EQ(answered("GET /readyz HTTP/1.1 200"), 2U) << "set-up and teardown";
  EXPECT_GE(answered("GET /ledger HTTP/1.1 200"), 2U);
  EXPECT_GE(answered("POST /payments HTTP/1.1 201"), 100U);
  EXPECT_THAT(nginx_->access_log(), Not(HasSubstr(" 401 ")));

  const std::string ledger = read_file(directory_ / "run/ledger.ndjson");
  const std::string mark = "\"key\":\"";
  const std::size_t at = ledger.find(mark);
  ASSERT_NE(at, std::string::npos);
  const std::string key =
      ledger.substr(at + mark.size(), ledger.find('"', at + mark.size()) - at - mark.size());
  const std::size_t before = answered("POST /payments");
  const ProcessResult replay =
      squall(directory_, {"replay", directory_ / "run", "--key", key, "--times", "3"});
  EXPECT_EQ(replay.exit_code, 0) << replay.output << replay.errors;
  EXPECT_GE(answered("POST /payments"), before + 3);
  EXPECT_THAT(nginx_->access_log(), Not(HasSubstr(" 401 ")));
}

TEST_F(TargetRoute, IsTheSameForOneIteration) {
  const std::string file = directory_.write("plan.toml", plan());
  const ProcessResult once = squall(directory_, {"run", file, "--once", "--debug"});
  EXPECT_EQ(once.exit_code, 0) << once.output << once.errors << nginx_->error_log();
  EXPECT_EQ(answered("POST /payments HTTP/1.1 201"), 1U);
  EXPECT_THAT(nginx_->access_log(), Not(HasSubstr(" 401 ")));
}

}  // namespace
}  // namespace squall::test
