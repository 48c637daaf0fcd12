// A thousand users log in at the shop, take their cookie and a canary from the answer, think, and
// look at their session: each must see its own canary, whatever happens beside it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/model/run_record.hpp"
#include "tests/e2e/squall_process.hpp"

namespace squall::test {
namespace {

struct Traffic {
  std::string target;  // keys of it
  std::string load;    // keys of the scenario
  unsigned connections = 24;
};

// Sessions that arrive openly, on few connections; each shows its cookie itself.
Traffic open_traffic() {
  return {.target = {}, .load = "arrivals = { process = \"constant\", rate = \"200/s\" }"};
}

// Users on connections of their own, who think and come back: 3,000 times in all.
Traffic closed_traffic(const std::string& target = {}) {
  return {.target = target,
          .load = R"(users = 1000
iterations = 3000
think = { distribution = "exponential", mean = "500ms" })",
          .connections = 1000};
}

// A step of the user's own session and one without a session.
std::string looks_with(const std::string& cookie) {
  return R"(
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
    expect = ["status == 401"])";
}

// The same look where the engine keeps the cookies: the step names none.
constexpr std::string_view kLookWithJar = R"(
  [[scenario.step]]
  name = "look"
  request = "GET /session"
  think = { distribution = "uniform", from = "20ms", to = "300ms" }
  expect = ["status == 200", "size < 1KiB"]
  extract = { seen = "regex \"\\\"canary\\\":\\\"([0-9a-f]{32})\\\"\"", who = "json /user" })";

std::string session_plan(const Traffic& traffic, std::string_view look) {
  return fmt::format(fmt::runtime(R"(format = 1
name = "sessions"
seed = 11
[[service]]
name = "psp"
command = ["squall-shop", "psp", "--port", "{{{{port.psp}}}}"]
ready = "GET http://127.0.0.1:{{{{port.psp}}}}/readyz"
[[service]]
name = "shop"
command = ["squall-shop", "shop", "--port", "{{{{port.shop}}}}", "--psp", "http://127.0.0.1:{{{{port.psp}}}}",
  "--threads", "1200"]
ready = "GET http://127.0.0.1:{{{{port.shop}}}}/readyz"
[[target]]
name = "shop"
urls = ["http://127.0.0.1:{{{{port.shop}}}}"]
timeout = "20s"
{}
[load]
duration = "{}"
drain = "40s"
connections = {}
threads = 2
[limits]
lag_p99 = "30s"
started = "1%"
[[scenario]]
name = "user"
{}
  [[scenario.step]]
  name = "other"
  request = "POST /sessions"
  json = {{ user = "u{{{{seq}}}}" }}
  extract = {{ other = "cookie \"sid\"" }}
  [[scenario.step]]
  name = "login"
  request = "POST /sessions"
  json = {{ user = "u{{{{seq}}}}" }}
  expect = ["status == 201", "header \"Set-Cookie\" matches \"^sid=[0-9a-f]{{32}};\""]
  extract = {{ sid = "cookie \"sid\"", canary = "json /canary", user = "json /user" }}
{}
  [[scenario.step]]
  name = "leak"
  when = "seen != canary or who != user"
  request = "GET /readyz"
)"),
                     traffic.target, traffic.load.rfind("users", 0) == 0 ? "60s" : "5s",
                     traffic.connections, traffic.load, look);
}

struct Seen {
  std::uint64_t acked = 0;
  std::uint64_t all = 0;
};

class Sessions : public testing::Test {
 protected:
  void run(const Traffic& traffic, std::string_view look) {
    const std::string plan = directory_.write("plan.toml", session_plan(traffic, look));
    const std::string out = directory_ / "out";
    const ProcessResult result = squall(directory_, {"run", plan, "--out", out, "--no-preflight"},
                                        std::chrono::seconds(120));
    // A host that is busy with other things makes the measurement invalid; what users saw is
    // counted all the same.
    EXPECT_THAT(result.exit_code, testing::AnyOf(0, 3)) << result.output << result.errors;
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

  void expect_own_canaries(std::uint64_t sessions) const {
    EXPECT_EQ(of("user.login").acked, sessions);
    EXPECT_EQ(of("user.look").acked, sessions);
    EXPECT_EQ(of("user.leak").all, 0U);
    EXPECT_TRUE(record_.unmet.empty());
  }

  TestDirectory directory_;
  model::RunRecord record_;
};

TEST_F(Sessions, EachOfAThousandThatArriveSeesItsOwnCanary) {
  run(open_traffic(), looks_with("{{sid}}"));
  expect_own_canaries(1000);
  EXPECT_EQ(of("user.stranger").acked, 1000U);
}

// The same with the other session's cookie: a canary that is not one's own is seen each time.
TEST_F(Sessions, ACanaryOfAnotherSessionIsSeen) {
  run(open_traffic(), looks_with("{{other}}"));
  EXPECT_EQ(of("user.look").acked, 1000U);
  EXPECT_EQ(of("user.leak").acked, 1000U);
}

TEST_F(Sessions, EachOfAThousandUsersSeesItsOwnCanary) {
  run(closed_traffic(), looks_with("{{sid}}"));
  expect_own_canaries(3000);
  EXPECT_EQ(of("user.stranger").acked, 3000U);
}

TEST_F(Sessions, EachOfAThousandJarsKeepsItsOwnCookie) {
  run(closed_traffic("engine = \"curl\"\ncookies = true"), kLookWithJar);
  expect_own_canaries(3000);
}

}  // namespace
}  // namespace squall::test
