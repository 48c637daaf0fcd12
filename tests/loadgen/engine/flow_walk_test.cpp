// Flows with groups, from arrival to the end of the iteration: which steps are done, when they are
// due, and under which keys.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>

#include "loadgen/base/hash.hpp"
#include "tests/loadgen/engine/flow_rig.hpp"
#include "tests/loadgen/engine/plan_fixture.hpp"
#include "tests/support/hostile_server.hpp"
#include "tests/support/run_loop.hpp"

namespace squall::test {
namespace {

using engine::Engines;
using engine::FlowRunner;
using engine::Recorder;
using model::FlowInstruction;
using std::chrono::milliseconds;
using testing::ElementsAre;
using Kind = FlowInstruction::Kind;

class FlowWalkTest : public testing::Test {
 protected:
  // Steps "s.a", "s.b"… that get /a, /b….
  void make_steps(std::string_view names) {
    const model::Step like = plan_.steps[0];
    plan_.steps.clear();
    plan_.scenarios[0].steps.clear();
    for (const char name : names) {
      model::Step step = like;
      step.name = std::string(1, name);
      step.full_name = "s." + step.name;
      step.index = static_cast<std::uint16_t>(plan_.steps.size());
      step.request.path = text("/" + step.name + "?{{key}}");
      plan_.scenarios[0].steps.push_back(step.index);
      plan_.steps.push_back(step);
    }
  }

  void make_repeated(std::uint16_t step, std::uint32_t times) {
    plan_.steps[step].max_visits = times;
    plan_.steps[step].visit_slot = plan_.scenarios[0].repeated_steps++;
  }

  void make_effect(std::uint16_t step) {
    plan_.steps[step].is_effect = true;
    plan_.steps[step].effect_key = text("{{key}}");
  }

  std::uint16_t condition(std::string_view source) {
    auto& all = program().conditions;
    all.push_back(expr::FlowCondition::parse(source, plan_.scenarios[0].extracted).value());
    return static_cast<std::uint16_t>(all.size() - 1);
  }

  model::FlowProgram& program() { return plan_.scenarios[0].program; }

  std::unique_ptr<model::WorkerSlice> run(const HostileServer& server, std::uint64_t arrival = 3) {
    plan_.targets[0].replicas[0].port = server.port();
    return run_flow(
        plan_,
        {.connections = 16, .arrivals = {arrival}, .on_turn = [this](const Engines& engines) {
           most_in_flight_ = std::max(most_in_flight_, engines.in_flight());
         }});
  }

  // The paths' first letters, in the order of arrival at the server.
  static std::string order(const HostileServer& server) {
    std::string letters;
    for (const std::string& request : server.request_texts()) {
      letters += request.at(5);
    }
    return letters;
  }

  static HostileServer::Script answer(const std::string& text, Duration wait = {}) {
    return {HostileServer::read_request(), HostileServer::wait(wait), HostileServer::send(text),
            HostileServer::again()};
  }

  model::Plan plan_ = one_step_plan();
  std::size_t most_in_flight_ = 0;
};

TEST_F(FlowWalkTest, WithoutAProgramStepsFollowOneAnother) {
  make_steps("abc");
  HostileServer server(answer(ok_answer("hi")));
  const auto slice = run(server);
  EXPECT_EQ(order(server), "abc");
  EXPECT_EQ(slice->counters.completed, 3U);
  EXPECT_EQ(slice->counters.started, 1U);
}

TEST_F(FlowWalkTest, AFailedStepEndsTheIterationUnlessItGoesOn) {
  make_steps("abc");
  plan_.steps[0].goes_on = true;
  HostileServer server(answer("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"));
  const auto slice = run(server);
  EXPECT_EQ(order(server), "ab");
  EXPECT_EQ(slice->counters.completed, 2U);
}

TEST_F(FlowWalkTest, EachPassIsAnOperationWithItsOwnKeyAndIndex) {
  make_steps("ab");
  make_repeated(0, 3);
  make_effect(0);
  plan_.steps[0].request.path = text("/a?{{key}}&{{index}}");
  program().code = {{.kind = Kind::kLoop, .target = 3, .low = 3, .high = 3},
                    {.kind = Kind::kStep, .index = 0},
                    {.kind = Kind::kAgain, .target = 1},
                    {.kind = Kind::kStep, .index = 1},
                    {}};
  HostileServer server(answer(ok_answer("hi")));
  const auto slice = run(server);
  EXPECT_EQ(order(server), "aaab");
  ASSERT_EQ(slice->effect_operations.size(), 3U);
  for (std::uint32_t visit = 0; visit < 3; ++visit) {
    const std::string key = model::make_key(plan_, plan_.steps[0], {3, visit});
    EXPECT_EQ(slice->effect_operations[visit].visit, visit);
    EXPECT_EQ(slice->effect_operations[visit].key, key);
    EXPECT_THAT(server.request_texts()[visit],
                testing::HasSubstr(key + "&" + std::to_string(visit) + " "));
  }
  EXPECT_EQ(slice->effect_operations[0].key, model::make_key(plan_, plan_.steps[0], 3));
}

TEST_F(FlowWalkTest, ARangeOfPassesIsDrawnFromTheSeed) {
  make_steps("a");
  make_repeated(0, 4);
  program().code = {{.kind = Kind::kLoop, .target = 3, .low = 0, .high = 4},
                    {.kind = Kind::kStep, .index = 0},
                    {.kind = Kind::kAgain, .target = 1},
                    {}};
  HostileServer server(answer(ok_answer("hi")));
  std::set<std::uint64_t> counts;
  std::vector<std::uint64_t> first;
  for (std::uint64_t arrival = 0; arrival < 40; ++arrival) {
    first.push_back(run(server, arrival)->counters.completed);
    counts.insert(first.back());
  }
  EXPECT_THAT(counts, ElementsAre(0U, 1U, 2U, 3U, 4U));
  for (std::uint64_t arrival = 0; arrival < 10; ++arrival) {
    EXPECT_EQ(run(server, arrival)->counters.completed, first[arrival]);
  }
}

TEST_F(FlowWalkTest, AWhileEndsWithItsConditionOrItsLimit) {
  make_steps("ab");
  make_repeated(0, 5);
  plan_.scenarios[0].extracted = {"state"};
  plan_.steps[0].extract = {expr::parse_extraction("state", "json /state").value()};
  plan_.steps[0].extract_slots = {0};
  program().code = {{.kind = Kind::kLoop, .target = 4, .low = 5, .high = 5},
                    {.kind = Kind::kWhile, .index = condition("state != \"done\""), .target = 4},
                    {.kind = Kind::kStep, .index = 0},
                    {.kind = Kind::kAgain, .target = 1},
                    {.kind = Kind::kStep, .index = 1},
                    {}};
  const std::string pending = ok_answer("{\"state\":\"pending\"}");
  HostileServer server({HostileServer::read_request(), HostileServer::send(pending),
                        HostileServer::read_request(), HostileServer::send(pending),
                        HostileServer::read_request(),
                        HostileServer::send(ok_answer("{\"state\":\"done\"}")),
                        HostileServer::read_request(), HostileServer::send(ok_answer("hi"))});
  run(server);
  EXPECT_EQ(order(server), "aaab");
  HostileServer endless(answer(pending));
  run(endless);
  EXPECT_EQ(order(endless), "aaaaab");
}

TEST_F(FlowWalkTest, AStepIsDoneWhenItsConditionHolds) {
  make_steps("abc");
  plan_.steps[0].goes_on = true;
  program().code = {
      {.kind = Kind::kStep, .index = 0},
      {.kind = Kind::kUnless, .index = condition("last.status == 404"), .target = 3},
      {.kind = Kind::kStep, .index = 1},
      {.kind = Kind::kUnless, .index = condition("not (last.outcome == \"acked\")"), .target = 5},
      {.kind = Kind::kStep, .index = 2},
      {}};
  HostileServer server({HostileServer::read_request(),
                        HostileServer::send("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"),
                        HostileServer::read_request(), HostileServer::send(ok_answer("hi"))});
  run(server);
  EXPECT_EQ(order(server), "ab");
}

TEST_F(FlowWalkTest, ChildrenOfAGroupAreUnderWayTogetherAndTheGroupEndsWithTheLast) {
  make_steps("abcdz");
  program().code = {{.kind = Kind::kParallel, .index = 0, .target = 1, .low = 4, .high = 4},
                    {.kind = Kind::kStep, .index = 4},
                    {},
                    {.kind = Kind::kStep, .index = 0},
                    {},
                    {.kind = Kind::kStep, .index = 1},
                    {},
                    {.kind = Kind::kStep, .index = 2},
                    {},
                    {.kind = Kind::kStep, .index = 3},
                    {}};
  program().children = {3, 5, 7, 9};
  HostileServer server(answer(ok_answer("hi"), milliseconds(20)));
  const auto slice = run(server);
  EXPECT_EQ(most_in_flight_, 4U);
  EXPECT_EQ(slice->counters.completed, 5U);
  EXPECT_EQ(order(server).back(), 'z');
}

TEST_F(FlowWalkTest, NoMoreChildrenThanThatAreUnderWayAtOnce) {
  make_steps("abcdefgz");
  program().code = {{.kind = Kind::kParallel, .index = 0, .target = 1, .low = 7, .high = 2},
                    {.kind = Kind::kStep, .index = 7},
                    {}};
  for (std::uint16_t step = 0; step < 7; ++step) {
    program().children.push_back(static_cast<std::uint16_t>(program().code.size()));
    program().code.push_back({.kind = Kind::kStep, .index = step});
    program().code.push_back({});
  }
  HostileServer server(answer(ok_answer("hi"), milliseconds(5)));
  const auto slice = run(server);
  EXPECT_EQ(most_in_flight_, 2U);
  EXPECT_EQ(slice->counters.completed, 8U);
  std::string all = order(server);
  EXPECT_EQ(all.back(), 'z');
  std::sort(all.begin(), all.end());
  EXPECT_EQ(all, "abcdefgz");
}

TEST_F(FlowWalkTest, GroupsNest) {
  make_steps("abcz");
  make_repeated(1, 2);
  make_repeated(2, 2);
  // a, beside twice (b beside c); then z
  program().code = {{.kind = Kind::kParallel, .index = 0, .target = 1, .low = 2, .high = 2},
                    {.kind = Kind::kStep, .index = 3},
                    {},
                    {.kind = Kind::kStep, .index = 0},
                    {},
                    {.kind = Kind::kLoop, .target = 8, .low = 2, .high = 2},
                    {.kind = Kind::kParallel, .index = 2, .target = 7, .low = 2, .high = 2},
                    {.kind = Kind::kAgain, .target = 6},
                    {},
                    {.kind = Kind::kStep, .index = 1},
                    {},
                    {.kind = Kind::kStep, .index = 2},
                    {}};
  program().children = {3, 5, 9, 11};
  HostileServer server(answer(ok_answer("hi"), milliseconds(5)));
  const auto slice = run(server);
  EXPECT_EQ(slice->counters.completed, 6U);
  std::string all = order(server);
  EXPECT_EQ(all.back(), 'z');
  std::sort(all.begin(), all.end());
  EXPECT_EQ(all, "abbccz");
}

TEST_F(FlowWalkTest, AFailedChildLetsTheOthersEndAndBeginsNothing) {
  make_steps("abcz");
  program().code = {{.kind = Kind::kParallel, .index = 0, .target = 1, .low = 3, .high = 2},
                    {.kind = Kind::kStep, .index = 3},
                    {},
                    {.kind = Kind::kStep, .index = 0},
                    {},
                    {.kind = Kind::kStep, .index = 1},
                    {},
                    {.kind = Kind::kStep, .index = 2},
                    {}};
  program().children = {3, 5, 7};
  HostileServer server(answer("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", milliseconds(5)));
  const auto slice = run(server);
  EXPECT_EQ(slice->counters.completed, 2U);
  std::string all = order(server);
  std::sort(all.begin(), all.end());
  EXPECT_EQ(all, "ab");
}

// The step after a group is due where its longest child would usually have ended.
TEST_F(FlowWalkTest, ChildrenShareTheIntendedStartAndTheNextStepDependsOnTheLongest) {
  make_steps("abz");
  for (std::uint16_t step = 0; step < 3; ++step) {
    make_effect(step);
  }
  program().code = {{.kind = Kind::kParallel, .index = 0, .target = 1, .low = 2, .high = 2},
                    {.kind = Kind::kStep, .index = 2},
                    {},
                    {.kind = Kind::kStep, .index = 0},
                    {},
                    {.kind = Kind::kStep, .index = 1},
                    {}};
  program().children = {3, 5};
  HostileServer server([](unsigned connection) {
    return answer(ok_answer("hi"), milliseconds(connection == 0 ? 5 : 60));
  });
  const auto slice = run(server);
  ASSERT_EQ(slice->effect_attempts.size(), 3U);
  const auto of = [&](std::uint16_t step) {
    return *std::find_if(slice->effect_attempts.begin(), slice->effect_attempts.end(),
                         [&](const auto& attempt) { return attempt.step == step; });
  };
  EXPECT_EQ(of(0).intended, Duration::zero());
  EXPECT_EQ(of(1).intended, Duration::zero());
  EXPECT_EQ(of(2).intended, std::max(of(0).end, of(1).end));
  EXPECT_GE(of(2).intended, milliseconds(60));
}

TEST_F(FlowWalkTest, ThinkTimeIsDrawnFromSeedStepArrivalAndVisit) {
  make_steps("ab");
  make_effect(1);
  make_repeated(1, 3);
  plan_.steps[1].think = {
      .kind = expr::DistributionKind::kUniform, .low = milliseconds(1), .high = milliseconds(9)};
  program().code = {{.kind = Kind::kStep, .index = 0},
                    {.kind = Kind::kLoop, .target = 4, .low = 3, .high = 3},
                    {.kind = Kind::kStep, .index = 1},
                    {.kind = Kind::kAgain, .target = 2},
                    {}};
  HostileServer server(answer(ok_answer("hi")));
  const auto slice = run(server, 17);
  ASSERT_EQ(slice->effect_attempts.size(), 3U);
  const StreamId stream(plan_.seed, "s.b", "think");
  for (std::uint32_t visit = 1; visit < 3; ++visit) {
    const Duration think =
        plan_.steps[1].think.at(stream.unit_at(17, visit * 2U), stream.unit_at(17, visit * 2U + 1));
    EXPECT_GE(think, milliseconds(1));
    EXPECT_LE(think, milliseconds(9));
    const Duration gap =
        slice->effect_attempts[visit].intended - slice->effect_attempts[visit - 1].end;
    // The response of the visit before counts at most with the median of all of them.
    EXPECT_LE(gap, think);
    EXPECT_GE(slice->effect_attempts[visit].first_byte - slice->effect_attempts[visit - 1].end,
              think);
  }
}

// Intended starts of the effect attempts, in ms, in the order of the steps.
std::vector<std::int64_t> intended_ms(const model::WorkerSlice& slice) {
  std::vector<std::pair<std::uint16_t, std::int64_t>> found;
  for (const auto& attempt : slice.effect_attempts) {
    found.emplace_back(attempt.step, std::chrono::floor<milliseconds>(attempt.intended).count());
  }
  std::sort(found.begin(), found.end());
  std::vector<std::int64_t> all;
  for (const auto& [step, at] : found) {
    all.push_back(at);
  }
  return all;
}

TEST_F(FlowWalkTest, AGroupsPauseComesBeforeWhatBeginsInItOnTopOfItsOwn) {
  make_steps("abc");
  for (const model::Step& step : plan_.steps) {
    make_effect(step.index);
  }
  plan_.steps[1].think = expr::Distribution::constant(milliseconds(20));
  program().pauses = {expr::Distribution::constant(milliseconds(30)),
                      expr::Distribution::constant(milliseconds(10))};
  program().code = {{.kind = Kind::kStep, .index = 0},  {.kind = Kind::kPause, .index = 0},
                    {.kind = Kind::kPause, .index = 1}, {.kind = Kind::kStep, .index = 1},
                    {.kind = Kind::kStep, .index = 2},  {}};
  HostileServer server(answer(ok_answer("hi")));
  const auto slice = run(server);
  ASSERT_EQ(slice->effect_attempts.size(), 3U);
  const auto gap = [&](std::size_t i) {
    return slice->effect_attempts[i].first_byte - slice->effect_attempts[i - 1].end;
  };
  EXPECT_GE(gap(1), milliseconds(60));
  EXPECT_GE(intended_ms(*slice)[1], 60);
  EXPECT_EQ(slice->effect_attempts[2].intended, slice->effect_attempts[1].end)
      << "it is waited once";
}

TEST_F(FlowWalkTest, NobodyPausesBeforeTheFirstStepButBeforeEachFurtherPass) {
  make_steps("a");
  make_effect(0);
  make_repeated(0, 3);
  program().pauses = {{.kind = expr::DistributionKind::kUniform,
                       .low = milliseconds(20),
                       .high = milliseconds(40)}};
  program().code = {{.kind = Kind::kLoop, .target = 4, .low = 3, .high = 3},
                    {.kind = Kind::kPause, .index = 0},
                    {.kind = Kind::kStep, .index = 0},
                    {.kind = Kind::kAgain, .target = 1},
                    {}};
  HostileServer server(answer(ok_answer("hi")));
  const auto slice = run(server);
  ASSERT_EQ(slice->effect_attempts.size(), 3U);
  EXPECT_EQ(slice->effect_attempts[0].intended, Duration::zero());
  std::set<Duration> drawn;
  for (const std::size_t pass : {1U, 2U}) {
    const auto& attempts = slice->effect_attempts;
    const Duration pause = model::drawn_pause(
        program().pauses[0], model::pass_stream(plan_.seed, "s"), 3, hash_combine(2, pass));
    EXPECT_GE(attempts[pass].first_byte - attempts[pass - 1].end, pause);
    EXPECT_GE(pause, milliseconds(20));
    drawn.insert(pause);
  }
  EXPECT_EQ(drawn.size(), 2U) << "each pass draws anew";
}

TEST_F(FlowWalkTest, TheChildrenOfAGroupPauseTogether) {
  make_steps("abc");
  for (const model::Step& step : plan_.steps) {
    make_effect(step.index);
  }
  program().pauses = {expr::Distribution::constant(milliseconds(25))};
  program().code = {{.kind = Kind::kStep, .index = 0},
                    {.kind = Kind::kPause, .index = 0},
                    {.kind = Kind::kParallel, .index = 0, .target = 3, .low = 2, .high = 2},
                    {},
                    {.kind = Kind::kStep, .index = 1},
                    {},
                    {.kind = Kind::kStep, .index = 2},
                    {}};
  program().children = {4, 6};
  HostileServer server(answer(ok_answer("hi")));
  const auto slice = run(server);
  ASSERT_EQ(slice->effect_attempts.size(), 3U);
  const Duration end = slice->effect_attempts[0].end;
  for (const std::size_t child : {1U, 2U}) {
    EXPECT_EQ(slice->effect_attempts[child].intended, end + milliseconds(25));
  }
}

TEST_F(FlowWalkTest, WhatIsOpenAtTheEndOfTheDrainEndsOnceWhateverTheGroup) {
  make_steps("abcz");
  program().code = {{.kind = Kind::kParallel, .index = 0, .target = 1, .low = 3, .high = 2},
                    {.kind = Kind::kStep, .index = 3},
                    {},
                    {.kind = Kind::kStep, .index = 0},
                    {},
                    {.kind = Kind::kStep, .index = 1},
                    {},
                    {.kind = Kind::kStep, .index = 2},
                    {}};
  program().children = {3, 5, 7};
  plan_.steps[1].think = expr::Distribution::constant(std::chrono::hours(1));
  HostileServer server({HostileServer::stall()});
  plan_.targets[0].replicas[0].port = server.port();
  net::Loop loop;
  Engines native(loop, plan_, {.connections = 2});
  Recorder recorder(plan_, 0);
  const TimePoint now = monotonic_now();
  FlowRunner runner(
      {.plan = plan_, .engine = native, .recorder = recorder, .zero = now, .max_waiting = 10});
  runner.begin({.offset = {}, .index = 0, .scenario = 0}, now);
  EXPECT_EQ(runner.active(), 1U);
  runner.abandon_all(monotonic_now());
  EXPECT_EQ(runner.active(), 0U);
  EXPECT_EQ(recorder.counters().completed, 1U) << "the one that thinks asked for nothing";
}

TEST_F(FlowWalkTest, CallersTakeTurnsByArrivalAndAStepMayHaveItsOwn) {
  make_steps("ab");
  plan_.callers = {{.name = "alice", .headers = {{"X-Who", text("alice")}}},
                   {.name = "bob", .headers = {{"X-Who", text("bob")}}}};
  plan_.scenarios[0].callers = {0, 1};
  plan_.steps[1].caller = 0;
  make_effect(0);
  HostileServer server(answer(ok_answer("hi")));
  EXPECT_EQ(run(server, 0)->effect_attempts.at(0).caller, "alice");
  EXPECT_EQ(run(server, 1)->effect_attempts.at(0).caller, "bob");
  const auto requests = server.request_texts();
  ASSERT_EQ(requests.size(), 4U);
  EXPECT_THAT(requests[0], testing::HasSubstr("X-Who: alice\r\n"));
  EXPECT_THAT(requests[1], testing::HasSubstr("X-Who: alice\r\n"));
  EXPECT_THAT(requests[2], testing::HasSubstr("X-Who: bob\r\n"));
  EXPECT_THAT(requests[3], testing::HasSubstr("X-Who: alice\r\n"));
}

}  // namespace
}  // namespace squall::test
