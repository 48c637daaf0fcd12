#include "loadgen/plan/loader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/loadgen/plan/plan_fixture.hpp"

namespace squall::plan::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kWholePlan = R"(format = 1
name = "whole"
seed = 9
preflight = false
allow = ["Books.Example:8443"]
[vars]
rate = "50/s"
base = "{{var.rate}}"
[[service]]
name = "psp"
command = ["psp", "--port", "{{port.psp}}", "--run", "{{run}}"]
environment = { MODE = "{{var.rate}}" }
ready = "GET http://127.0.0.1:{{port.psp}}/readyz"
ready_timeout = "3s"
[[target]]
name = "shop"
urls = ["http://127.0.0.1:{{port.psp}}/api", "http://shop.example"]
headers = { Authorization = "Bearer ${env:TOKEN}" }
timeout = "2s"
[[target]]
name = "other"
urls = ["http://127.0.0.1:1"]
[load]
warmup = "2s"
duration = "30s"
drain = "5s"
connections = 8
max_waiting = 10
threads = 2
pace = "timer"
[limits]
lag_p99 = "5ms"
started = "90%"
min_idle_share = "10%"
[[scenario]]
name = "buy"
arrivals = { process = "even", rate = "{{var.base}}" }
  [[scenario.step]]
  name = "charge"
  request = "POST /payments?run={{run}}"
  headers = { Idempotency-Key = "{{key}}" }
  json = { order = "{{seq}}", amount = 1999 }
  expect = ["status == 201"]
  extract = { payment = "json /id", state = "json /state" }
  retry = { on = ["timeout", "5xx"], attempts = 4, backoff = "50ms", jitter = "none", budget = "10%" }
  effect = "{{key}}"
  [[scenario.step]]
  name = "read"
  request = "GET /payments/{{payment}}"
  extract = { state = "json /now" }
  timeout = "1s"
  think = "100ms"
  target = "other"
[[scenario]]
name = "idle"
target = "other"
arrivals = { process = "even", rate = "1/s" }
  [[scenario.step]]
  name = "ping"
  request = "GET /"
  body = "raw {{seq}}"
[[fault]]
name = "lost"
kind = "cut"
on = ["buy.charge"]
share = "5%"
window = ["5s", "25s"]
attempts = "all"
every_nth = 2
first_n = 100
[[fault]]
name = "slow"
kind = "hold"
on = ["buy"]
[[effects.oracle]]
kind = "books"
name = "ledger"
request = "GET http://books.example:8443/x"
[[effects.oracle]]
kind = "ear"
name = "mail"
[effects]
settle = "500ms"
settle_timeout = "9s"
[checks]
require = ["buy.charge response p99 < 250ms", "duplicate_effects == 0"]
findings = ["double-charge"]
abort_when = ["error_rate > 50% for 5s"]
[[setup]]
request = "DELETE /all"
[[teardown]]
request = "POST /done"
json = { run = "{{run}}" }
)";

std::shared_ptr<const model::Plan> whole_plan() {
  World world;
  world.environment["TOKEN"] = "s3cret-token";
  world.options.run_id = "run-1";
  return world.plan(kWholePlan);
}

TEST(Loader, ReadsThePlanItself) {
  const auto plan = whole_plan();
  ASSERT_NE(plan, nullptr);
  EXPECT_EQ(plan->name, "whole");
  EXPECT_EQ(plan->file, "plan.toml");
  EXPECT_EQ(plan->seed, 9u);
  EXPECT_EQ(plan->run_id, "run-1");
  EXPECT_FALSE(plan->preflight);
  EXPECT_EQ(plan->load.warmup, seconds(2));
  EXPECT_EQ(plan->load.duration, seconds(30));
  EXPECT_EQ(plan->load.drain, seconds(5));
  EXPECT_EQ(plan->load.connections, 8u);
  EXPECT_EQ(plan->load.max_waiting, 10u);
  EXPECT_EQ(plan->load.threads, 2u);
  EXPECT_EQ(plan->load.pace, model::PaceMode::kTimer);
  EXPECT_EQ(plan->limits.lag_p99, milliseconds(5));
  EXPECT_DOUBLE_EQ(plan->limits.started.fraction, 0.9);
  EXPECT_DOUBLE_EQ(plan->limits.min_idle_share, 0.1);
}

TEST(Loader, ReadsServicesAndTheirPorts) {
  const auto plan = whole_plan();
  ASSERT_NE(plan, nullptr);
  ASSERT_EQ(plan->services.size(), 1u);
  const model::Service& service = plan->services[0];
  EXPECT_EQ(service.port, 40001);
  EXPECT_THAT(service.command, ElementsAre("psp", "--port", "40001", "--run", "run-1"));
  EXPECT_THAT(service.environment,
              ElementsAre(std::pair<std::string, std::string>("MODE", "50/s")));
  EXPECT_EQ(service.ready, "GET http://127.0.0.1:40001/readyz");
  EXPECT_EQ(service.ready_timeout, seconds(3));
}

TEST(Loader, ReadsTargets) {
  const auto plan = whole_plan();
  ASSERT_NE(plan, nullptr);
  ASSERT_EQ(plan->targets.size(), 2u);
  const model::Target& shop = plan->targets[0];
  ASSERT_EQ(shop.replicas.size(), 2u);
  EXPECT_EQ(shop.replicas[0].url(), "http://127.0.0.1:40001/api");
  EXPECT_EQ(shop.timeout, seconds(2));
  EXPECT_EQ(shop.connect_timeout, seconds(3));
  EXPECT_EQ(shop.idle_limit, seconds(4));
  EXPECT_EQ(shop.max_header.bytes, 64u * 1024);
  EXPECT_EQ(shop.max_body_kept.bytes, 1024u * 1024);
  ASSERT_EQ(shop.headers.size(), 1u);
  EXPECT_EQ(shop.headers[0].second.literal(), "Bearer s3cret-token");
  EXPECT_THAT(plan->allowed_hosts, ElementsAre("127.0.0.1", "books.example:8443", "shop.example"));
}

TEST(Loader, ReadsStepsAndTheirValues) {
  const auto plan = whole_plan();
  ASSERT_NE(plan, nullptr);
  ASSERT_EQ(plan->steps.size(), 3u);
  const model::Step& charge = plan->steps[0];
  EXPECT_EQ(charge.full_name, "buy.charge");
  EXPECT_EQ(charge.request.method, "POST");
  EXPECT_EQ(charge.request.path.literal(), "/payments?run=run-1");
  EXPECT_TRUE(charge.request.json);
  ASSERT_TRUE(charge.request.body.has_value());
  EXPECT_EQ(charge.request.body->source(), R"({"order":{{seq}},"amount":1999})");
  EXPECT_EQ(charge.expect.size(), 1u);
  EXPECT_EQ(charge.timeout, seconds(2)) << "the target's";
  EXPECT_TRUE(charge.is_effect);
  EXPECT_THAT(charge.extract_slots, ElementsAre(0, 1));
  EXPECT_EQ(charge.retry.attempts, 4u);
  EXPECT_THAT(charge.retry.on,
              ElementsAre(model::AttemptClass::kServerError, model::AttemptClass::kTimeout));
  EXPECT_EQ(charge.retry.backoff, milliseconds(50));
  EXPECT_EQ(charge.retry.max_backoff, seconds(10));
  EXPECT_EQ(charge.retry.jitter, model::Jitter::kNone);
  EXPECT_DOUBLE_EQ(charge.retry.budget.fraction, 0.1);

  const model::Step& read = plan->steps[1];
  EXPECT_EQ(read.target, 1);
  EXPECT_EQ(read.timeout, seconds(1));
  EXPECT_EQ(read.think.center, milliseconds(100));
  EXPECT_FALSE(read.is_effect);
  EXPECT_EQ(read.retry.attempts, 1u);
  EXPECT_TRUE(read.request.path.uses(expr::Token::kExtracted));
  EXPECT_THAT(read.extract_slots, ElementsAre(1)) << "a name extracted again overwrites";

  EXPECT_EQ(plan->steps[2].target, 1) << "the scenario's";
  EXPECT_FALSE(plan->steps[2].request.json);
  ASSERT_EQ(plan->scenarios.size(), 2u);
  EXPECT_THAT(plan->scenarios[0].steps, ElementsAre(0, 1));
  EXPECT_THAT(plan->scenarios[0].extracted, ElementsAre("payment", "state"));
  EXPECT_EQ(plan->scenarios[0].arrivals_text, "even 50/s");
  EXPECT_DOUBLE_EQ(plan->scenarios[0].arrivals->peak_rate({}).per_second, 50);
}

// small_plan() with this in place of its arrivals.
std::shared_ptr<const model::Plan> with_traffic(const std::string& traffic) {
  World world;
  std::string text = small_plan();
  const std::string arrivals = "arrivals = { process = \"even\", rate = \"100/s\" }";
  text.replace(text.find(arrivals), arrivals.size(), traffic);
  return world.plan(text);
}

TEST(Loader, ReadsUsersAsANumberAStageOrAList) {
  const auto number = with_traffic(
      "users = 50\nthink = { distribution = \"exponential\", mean = \"1s\" }\niterations = 9");
  ASSERT_NE(number, nullptr);
  const model::Users& fifty = *number->scenarios[0].users;
  EXPECT_EQ(number->scenarios[0].arrivals, nullptr);
  EXPECT_EQ(fifty.most(), 50u);
  EXPECT_EQ(fifty.iterations, 9u);
  EXPECT_EQ(fifty.think.kind, expr::DistributionKind::kExponential);
  EXPECT_EQ(number->scenarios[0].arrivals_text,
            "50 users, think exponential, mean 1s, 9 iterations");

  const auto stage = with_traffic("users = { to = 100, over = \"30s\" }");
  ASSERT_NE(stage, nullptr);
  EXPECT_EQ(stage->scenarios[0].arrivals_text, "0 to 100 users over 30s");

  const auto list = with_traffic(
      "users = [{ to = 10, over = \"5s\" }, { to = 10, over = \"1m\" }, { to = 0, over = \"5s\" "
      "}]");
  ASSERT_NE(list, nullptr);
  const auto& stages = list->scenarios[0].users->stages;
  ASSERT_EQ(stages.size(), 3u);
  EXPECT_EQ(stages[1].from, 10u) << "where the stage before it ended";
  EXPECT_EQ(stages[2].from, 10u);
  EXPECT_EQ(stages[2].to, 0u);
}

TEST(Loader, ReadsFaultSelections) {
  const auto plan = whole_plan();
  ASSERT_NE(plan, nullptr);
  ASSERT_EQ(plan->faults.size(), 2u);
  const model::FaultSelection& lost = plan->faults[0].selection;
  EXPECT_THAT(lost.steps, ElementsAre(0));
  EXPECT_DOUBLE_EQ(lost.share.fraction, 0.05);
  EXPECT_EQ(lost.window, (expr::Window{seconds(5), seconds(25)}));
  EXPECT_EQ(lost.attempts, model::AttemptScope::kAll);
  EXPECT_EQ(lost.every_nth, 2u);
  EXPECT_EQ(lost.first_n, 100u);
  const model::FaultSelection& slow = plan->faults[1].selection;
  EXPECT_THAT(slow.steps, ElementsAre(0, 1)) << "all steps of the scenario";
  EXPECT_DOUBLE_EQ(slow.share.fraction, 1);
  EXPECT_EQ(slow.window, std::nullopt);
  EXPECT_EQ(slow.every_nth, 0u);
  EXPECT_NE(slow.stream.value(), lost.stream.value());
}

TEST(Loader, ReadsEffectsChecksAndSurroundings) {
  const auto plan = whole_plan();
  ASSERT_NE(plan, nullptr);
  ASSERT_EQ(plan->effects.oracles.size(), 2u);
  EXPECT_EQ(plan->effects.oracles[0].name, "ledger");
  const auto& mail = dynamic_cast<const FakeOracle&>(*plan->effects.oracles[1].oracle);
  EXPECT_EQ(mail.address(), "127.0.0.1:40002");
  EXPECT_EQ(plan->effects.settle, milliseconds(500));
  EXPECT_EQ(plan->effects.settle_timeout, seconds(9));
  ASSERT_EQ(plan->checks.require.size(), 2u);
  EXPECT_EQ(plan->checks.require[1].first.metric, expr::Metric::kDuplicateEffects);
  ASSERT_EQ(plan->checks.abort_when.size(), 1u);
  EXPECT_EQ(plan->checks.findings.size(), 1u);
  ASSERT_EQ(plan->setup.size(), 1u);
  EXPECT_EQ(plan->setup[0].method, "DELETE");
  ASSERT_EQ(plan->teardown.size(), 1u);
  EXPECT_EQ(plan->teardown[0].body->literal(), R"({"run":"run-1"})");
}

TEST(Loader, FillsDefaultsIn) {
  World world;
  const auto plan = world.plan(small_plan());
  ASSERT_NE(plan, nullptr);
  EXPECT_EQ(plan->load.warmup, Duration::zero());
  EXPECT_EQ(plan->load.drain, seconds(10));
  EXPECT_EQ(plan->load.connections, 64u);
  EXPECT_EQ(plan->load.max_waiting, 100'000u);
  EXPECT_EQ(plan->load.threads, 1u);
  EXPECT_EQ(plan->load.pace, model::PaceMode::kAuto);
  EXPECT_EQ(plan->limits.lag_p99, milliseconds(10));
  EXPECT_DOUBLE_EQ(plan->limits.started.fraction, 0.99);
  EXPECT_EQ(plan->effects.settle, seconds(1));
  EXPECT_EQ(plan->effects.settle_timeout, seconds(30));
  EXPECT_EQ(plan->targets[0].timeout, seconds(10));
  EXPECT_TRUE(plan->preflight);
  EXPECT_EQ(plan->effects.oracles[0].name, "books") << "the kind";
}

TEST(Loader, SecretsStandInThePlanButNotInItsText) {
  const auto plan = whole_plan();
  ASSERT_NE(plan, nullptr);
  EXPECT_THAT(plan->secrets, ElementsAre("s3cret-token"));
  EXPECT_THAT(plan->effective_text, HasSubstr("Bearer ${env:TOKEN}"));
  EXPECT_THAT(plan->effective_text, Not(HasSubstr("s3cret")));
}

TEST(Loader, SecretsStandInNoMessage) {
  World world;
  world.environment["URL"] = "ftp://hidden.example/" + std::string(300, 'x');
  const std::string problems = world.problems(small_plan("", "[vars]\nu = \"${env:URL}\"\n") +
                                              "[[service]]\nname = \"a\"\ncommand = [\"a\"]\n"
                                              "ready = \"{{var.u}}\"\n"
                                              "[[target]]\nname = \"b\"\nurls = [\"{{var.u}}\"]\n");
  EXPECT_THAT(problems, HasSubstr("***"));
  EXPECT_THAT(problems, Not(HasSubstr("hidden")));
}

TEST(Loader, MessagesHoldNoControlBytes) {
  World world;
  const std::string problems =
      world.problems(small_plan("[[target]]\nname = \"\\u001b[31mred\"\nurls = [\"http://x\"]\n"));
  EXPECT_THAT(problems, HasSubstr("\\x1b[31mred"));
  EXPECT_EQ(problems.find('\x1b'), std::string::npos);
}

TEST(Loader, VariablesOfOtherTypesKeepThem) {
  World world;
  const auto plan = world.plan(R"(format = 1
name = "typed"
[vars]
amount = 1999
connections = 16
fast = true
[[target]]
name = "t"
urls = ["http://127.0.0.1:1"]
[load]
duration = "1s"
connections = "{{var.connections}}"
[[scenario]]
name = "s"
arrivals = { process = "even", rate = "1/s" }
  [[scenario.step]]
  name = "a"
  request = "POST /"
  json = { amount = "{{var.amount}}", fast = "{{var.fast}}", text = "n{{var.amount}}" }
)");
  ASSERT_NE(plan, nullptr);
  EXPECT_EQ(plan->load.connections, 16u);
  EXPECT_EQ(plan->steps[0].request.body->literal(),
            R"({"amount":1999,"fast":true,"text":"n1999"})");
}

TEST(Loader, ASeedIsDrawnAndWrittenDownWhenNobodyChoseOne) {
  World world;
  const auto plan = world.plan(small_plan());
  ASSERT_NE(plan, nullptr);
  EXPECT_EQ(plan->seed, 1u);
  EXPECT_THAT(plan->effective_text, HasSubstr("seed = 1\n"));
  EXPECT_EQ(world.plan(small_plan("", "seed = 5\n"))->seed, 5u);
  world.options.seed = 77;
  EXPECT_EQ(world.plan(small_plan("", "seed = 5\n"))->seed, 77u);
}

TEST(Loader, RunIdsAreShortFreshAndForcible) {
  World world;
  const std::string first = world.plan(small_plan())->run_id;
  EXPECT_THAT(first, testing::MatchesRegex("[0-9a-hjkmnp-tv-z]{10}"));
  EXPECT_NE(world.plan(small_plan())->run_id, first);
  world.options.run_id = "night-42";
  EXPECT_EQ(world.plan(small_plan())->run_id, "night-42");
  world.options.run_id = "../../etc";
  EXPECT_THAT(world.problems(small_plan()),
              HasSubstr("--run-id:1:1: \"../../etc\" cannot be a run id"));
}

TEST(Loader, FaultsDrawTheSameWhateverElseThePlanHolds) {
  World world;
  world.options.seed = 1;
  const std::string fault =
      "[[fault]]\nname = \"slow\"\nkind = \"hold\"\nshare = \"50%\"\non = [\"buy.charge\"]\n";
  const auto alone = world.plan(small_plan(fault));
  const auto beside =
      world.plan(small_plan("[[fault]]\nname = \"first\"\nkind = \"hold\"\n" + fault));
  ASSERT_NE(alone, nullptr);
  ASSERT_NE(beside, nullptr);
  for (std::uint64_t arrival = 0; arrival < 100; ++arrival) {
    EXPECT_EQ(alone->faults[0].selection.chooses(0, {}, arrival, 0),
              beside->faults[1].selection.chooses(0, {}, arrival, 0));
  }
}

TEST(Loader, TheEffectiveTextLoadsToTheSamePlan) {
  World world;
  world.environment["TOKEN"] = "s3cret-token";
  world.options.run_id = "run-1";
  world.options.set = {{"load.duration", "6s"}, {"fault.lost.window", "[\"1s\", \"2s\"]"}};
  const auto plan = world.plan(kWholePlan);
  ASSERT_NE(plan, nullptr);
  World again;
  again.environment["TOKEN"] = "s3cret-token";
  again.options.run_id = "run-1";
  const auto reloaded = again.plan(plan->effective_text);
  ASSERT_NE(reloaded, nullptr);
  EXPECT_EQ(reloaded->effective_text, plan->effective_text);
  EXPECT_EQ(reloaded->load.duration, seconds(6));
  EXPECT_EQ(reloaded->seed, plan->seed);
}

TEST(Loader, NoFreePortIsADiagnostic) {
  World world;
  world.options.free_port = [] {
    return Result<std::uint16_t>(fail(ErrorCode::kExhausted, "all taken"));
  };
  EXPECT_THAT(world.problems(small_plan("[[service]]\nname = \"a\"\ncommand = [\"a\"]\n")),
              HasSubstr("no free port: all taken"));
}

TEST(Loader, AListeningOracleMayAskForItsPort) {
  World world;
  const auto plan = world.plan(small_plan("[[effects.oracle]]\nkind = \"ear\"\nport = 9099\n"));
  ASSERT_NE(plan, nullptr);
  const auto& ear = dynamic_cast<const FakeOracle&>(*plan->effects.oracles[1].oracle);
  EXPECT_EQ(ear.address(), "127.0.0.1:9099");
  EXPECT_EQ(world.last_port, 40000) << "none was reserved";
}

TEST(Loader, AWindowBeyondTheLoadIsAWarning) {
  World world;
  const Loaded loaded = world.load(
      small_plan("[[fault]]\nname = \"slow\"\nkind = \"hold\"\nwindow = [\"20s\", \"40s\"]\n"));
  EXPECT_NE(loaded.plan, nullptr);
  EXPECT_THAT(loaded.diagnostics.to_text(), HasSubstr("warning: \"window\" ends at 40s"));
}

TEST(Loader, EffectsThatNobodyCountsAreAWarning) {
  World world;
  std::string text = small_plan();
  text.resize(text.find("[[effects.oracle]]"));
  const Loaded loaded = world.load(text);
  EXPECT_NE(loaded.plan, nullptr);
  EXPECT_THAT(loaded.diagnostics.to_text(), HasSubstr("warning: nobody counts these effects"));
}

TEST(Loader, HugeAndUnreadablePlansAreDiagnostics) {
  World world;
  EXPECT_THAT(world.problems(std::string(5'000'000, '#')),
              HasSubstr("plan.toml:1:1: a plan has at most"));
  const Loaded missing = load_file("/no/such/plan.toml", world.registries(), world.options);
  EXPECT_THAT(missing.diagnostics.to_text(),
              HasSubstr("/no/such/plan.toml:1:1: cannot read the plan"));
  const Loaded folder = load_file("/tmp", world.registries(), world.options);
  EXPECT_THAT(folder.diagnostics.to_text(), HasSubstr("/tmp:1:1: cannot read the plan"));
}

TEST(Loader, IsQuietAboutAGoodPlan) {
  World world;
  EXPECT_THAT(world.problems(small_plan()), IsEmpty());
}

}  // namespace
}  // namespace squall::plan::test
