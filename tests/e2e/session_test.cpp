// A thousand users log in at the shop, take their cookie and a canary from the answer, think, and
// look at their session: each must see its own canary, whatever happens beside it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "loadgen/model/run_record.hpp"
#include "tests/e2e/squall_process.hpp"

namespace squall::test {
namespace {

// `cookie`: which session's cookie the look is sent with.
std::string session_plan(const std::string& cookie) {
  return R"(format = 1
name = "sessions"
seed = 11
[[service]]
name = "psp"
command = ["squall-shop", "psp", "--port", "{{port.psp}}"]
ready = "GET http://127.0.0.1:{{port.psp}}/readyz"
[[service]]
name = "shop"
command = ["squall-shop", "shop", "--port", "{{port.shop}}", "--psp", "http://127.0.0.1:{{port.psp}}"]
ready = "GET http://127.0.0.1:{{port.shop}}/readyz"
[[target]]
name = "shop"
urls = ["http://127.0.0.1:{{port.shop}}"]
timeout = "20s"
[load]
duration = "5s"
drain = "40s"
connections = 24
threads = 2
[limits]
lag_p99 = "30s"
started = "1%"
[[scenario]]
name = "user"
arrivals = { process = "constant", rate = "200/s" }
  [[scenario.step]]
  name = "login"
  request = "POST /sessions"
  json = { user = "u{{seq}}" }
  expect = ["status == 201", "header \"Set-Cookie\" matches \"^sid=[0-9a-f]{32};\""]
  extract = { sid = "cookie \"sid\"", canary = "json /canary", user = "json /user" }
  [[scenario.step]]
  name = "again"
  request = "POST /sessions"
  json = { user = "u{{seq}}" }
  extract = { other = "cookie \"sid\"" }
  [[scenario.step]]
    parallel = true
    [[scenario.step.step]]
    name = "look"
    request = "GET /session"
    headers = { Cookie = "sid=)" +
         cookie + R"(" }
    think = { distribution = "uniform", from = "20ms", to = "300ms" }
    expect = ["status == 200", "size < 1KiB"]
    extract = { seen = "regex \"\\\"canary\\\":\\\"([0-9a-f]{32})\\\"\"", who = "json /user" }
    [[scenario.step.step]]
    name = "stranger"
    request = "GET /session"
    expect = ["status == 401"]
  [[scenario.step]]
  name = "leak"
  when = "seen != canary or who != user"
  request = "GET /readyz"
)";
}

struct Seen {
  std::uint64_t acked = 0;
  std::uint64_t all = 0;
};

class Sessions : public testing::Test {
 protected:
  void run(const std::string& cookie) {
    const std::string plan = directory_.write("plan.toml", session_plan(cookie));
    const std::string out = directory_ / "out";
    const ProcessResult result = squall(directory_, {"run", plan, "--out", out, "--no-preflight"},
                                        std::chrono::seconds(120));
    EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
    const auto record = model::record_from_json(read_file(out + "/record.json"));
    ASSERT_TRUE(record) << record.error().message;
    record_ = *record;
  }

  [[nodiscard]] Seen of(std::string_view step) const {
    Seen seen;
    for (const auto& [key, histogram] : record_.operations) {
      if (record_.steps.at(key.step).name == step) {
        const std::uint64_t count = histogram.count() + histogram.overflow();
        seen.all += count;
        seen.acked += key.outcome == model::OperationOutcome::kAcked ? count : 0;
      }
    }
    return seen;
  }

  TestDirectory directory_;
  model::RunRecord record_;
};

TEST_F(Sessions, EachOfAThousandUsersSeesItsOwnCanary) {
  run("{{sid}}");
  EXPECT_EQ(of("user.login").acked, 1000U);
  EXPECT_EQ(of("user.look").acked, 1000U);
  EXPECT_EQ(of("user.stranger").acked, 1000U);
  EXPECT_EQ(of("user.leak").all, 0U);
  EXPECT_TRUE(record_.unmet.empty());
}

// The same with the other session's cookie: a canary that is not one's own is seen each time.
TEST_F(Sessions, ACanaryOfAnotherSessionIsSeen) {
  run("{{other}}");
  EXPECT_EQ(of("user.look").acked, 1000U);
  EXPECT_EQ(of("user.leak").acked, 1000U);
}

}  // namespace
}  // namespace squall::test
