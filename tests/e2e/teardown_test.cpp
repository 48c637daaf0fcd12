// Set-up and teardown of the commands beside `run`: what was set up is taken down, whatever happens
// in between.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>

#include "loadgen/model/run_record.hpp"
#include "loadgen/net/http_server.hpp"
#include "tests/e2e/plans.hpp"
#include "tests/e2e/squall_process.hpp"

namespace squall::test {
namespace {

using ::testing::ElementsAre;

// Takes payments and never books one: every acknowledged one is lost.
class ForgetfulShop {
 public:
  ForgetfulShop() {
    auto started = net::HttpServer::start(
        {}, [this](const net::ServerRequest& request) { return answer(request); });
    EXPECT_TRUE(started.has_value());
    server_ = std::move(*started);
  }

  [[nodiscard]] std::string plan() const {
    return simple_plan("http://127.0.0.1:" + std::to_string(server_->port()),
                       "  headers = { K = \"{{key}}\" }\n  effect = \"{{key}}\"\n"
                       "[[setup]]\nrequest = \"POST /tables\"\n"
                       "[[teardown]]\nrequest = \"DELETE /tables\"\n"
                       "[[effects.oracle]]\nkind = \"http\"\nrequest = \"GET /ledger\"\n"
                       "items = \"/effects\"\nkey = \"/key\"\n[effects]\nsettle = \"50ms\"\n");
  }
  // The requests for and against its tables since the last call.
  std::vector<std::string> tables() {
    const std::lock_guard lock(mutex_);
    return std::exchange(tables_, {});
  }
  void refuse_set_up() {
    const std::lock_guard lock(mutex_);
    set_up_status_ = 500;
  }

 private:
  net::ServerReply answer(const net::ServerRequest& request) {
    net::ServerReply reply;
    reply.body = "{\"effects\":[]}";
    const std::lock_guard lock(mutex_);
    if (request.target == "/tables") {
      tables_.push_back(request.method);
      reply.status = request.method == "POST" ? set_up_status_ : 200;
    }
    return reply;
  }

  std::mutex mutex_;
  std::vector<std::string> tables_;
  int set_up_status_ = 200;
  std::unique_ptr<net::HttpServer> server_;
};

TEST(Teardown, FollowsAReplayAlsoWhenItFails) {
  ForgetfulShop shop;
  const TestDirectory directory;
  const std::string run = directory / "run";
  const ProcessResult first =
      squall(directory, {"run", directory.write("plan.toml", shop.plan()), "--out", run});
  ASSERT_EQ(first.exit_code, 0) << first.output << first.errors;
  EXPECT_THAT(shop.tables(), ElementsAre("POST", "DELETE"));
  const auto record = model::record_from_json(read_file(run + "/record.json"));
  ASSERT_TRUE(record.has_value());
  ASSERT_FALSE(record->effects.cases.empty());
  const std::string key = record->effects.cases.front().operation.key;

  const ProcessResult again = squall(directory, {"replay", run, "--key", key, "--times", "1"});
  EXPECT_EQ(again.exit_code, 5) << again.output << again.errors;
  EXPECT_THAT(shop.tables(), ElementsAre("POST", "DELETE"));

  shop.refuse_set_up();
  const ProcessResult failed = squall(directory, {"replay", run, "--key", key, "--times", "1"});
  EXPECT_EQ(failed.exit_code, 4) << failed.output << failed.errors;
  EXPECT_NE(failed.errors.find("set-up: POST /tables answered 500"), std::string::npos)
      << failed.errors;
  EXPECT_THAT(shop.tables(), ElementsAre("POST", "DELETE"));
}

TEST(Teardown, FollowsOneIterationAlsoWhenItFails) {
  ForgetfulShop shop;
  const TestDirectory directory;
  const std::string plan = directory.write("plan.toml", shop.plan());
  EXPECT_EQ(squall(directory, {"run", plan, "--once"}).exit_code, 0);
  EXPECT_THAT(shop.tables(), ElementsAre("POST", "DELETE"));
  shop.refuse_set_up();
  EXPECT_EQ(squall(directory, {"run", plan, "--once"}).exit_code, 4);
  EXPECT_THAT(shop.tables(), ElementsAre("POST", "DELETE"));
}

}  // namespace
}  // namespace squall::test
