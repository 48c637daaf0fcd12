#include "reports/live/json_view.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include <nlohmann/json.hpp>

#include "tests/support/sample_record.hpp"

namespace squall::reports {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

struct Reader {
  std::vector<std::string> writes;
  bool there = true;

  Writer writer() {
    return [this](std::string_view text) {
      writes.emplace_back(text);
      return there;
    };
  }
};

model::Plan plan_with_a_fault() {
  model::Plan plan;
  plan.name = "checkout";
  plan.seed = 7;
  plan.run_id = "r-1";
  plan.load.warmup = 2s;
  plan.load.duration = 20s;
  plan.faults.resize(1);
  plan.faults[0].name = "twins";
  return plan;
}

// Every write is one whole line that an independent parser reads.
Json parsed(const std::string& line) {
  EXPECT_EQ(line.find('\n'), line.size() - 1) << line;
  return Json::parse(line);
}

TEST(JsonViewTest, EachCallIsOneLine) {
  Reader reader;
  JsonView view(reader.writer());
  view.begin(plan_with_a_fault());
  view.stage(model::Stage::kMeasured, "");
  view.tick(1s, {}, {});
  model::SecondSummary second;
  second.second = -1;
  second.counters.due = 200;
  second.acked = 180;
  second.response_p99_us = 31'000;
  second.classes[static_cast<std::size_t>(model::AttemptClass::kTimeout)] = 3;
  second.faults = {{.eligible = 9, .planned = 4, .fired = 3}};
  view.second(second);
  view.event({1500ms, "service", "psp ended with status 1"});
  ASSERT_EQ(reader.writes.size(), 4U);
  EXPECT_EQ(parsed(reader.writes[0]),
            Json::parse(R"({"type":"begin","format":1,"plan":"checkout","seed":7,"run_id":"r-1",
                            "warmup_ns":2000000000,"duration_ns":20000000000})"));
  EXPECT_EQ(parsed(reader.writes[1]),
            Json::parse(R"({"type":"stage","stage":"measured","detail":""})"));
  const Json line = parsed(reader.writes[2]);
  EXPECT_EQ(line["type"], "second");
  EXPECT_EQ(line["second"], -1);
  EXPECT_EQ(line["due"], 200);
  EXPECT_EQ(line["acked"], 180);
  EXPECT_EQ(line["response_p99_us"], 31'000);
  EXPECT_TRUE(line["response_p50_us"].is_null()) << "no answer is not an answer in 0 us";
  EXPECT_EQ(line["classes"], Json::parse(R"({"timeout":3})"));
  EXPECT_EQ(line["faults"],
            Json::parse(R"([{"name":"twins","eligible":9,"planned":4,"fired":3}])"));
  EXPECT_EQ(
      parsed(reader.writes[3]),
      Json::parse(
          R"({"type":"event","at_ns":1500000000,"kind":"service","text":"psp ended with status 1"})"));
}

TEST(JsonViewTest, TheLastLineHasVerdictAndExitCode) {
  const model::RunRecord record = ::squall::testing::sample_record();
  const Json line = parsed(json_end_line(record, "squall-runs/x"));
  EXPECT_EQ(line["type"], "end");
  EXPECT_EQ(line["verdict"], "fail");
  EXPECT_EQ(line["exit_code"], 5);
  EXPECT_EQ(line["directory"], "squall-runs/x");
  EXPECT_EQ(line["reasons"].size(), record.reasons.size());
  EXPECT_EQ(line["checks"].size(), record.checks.size());
  EXPECT_EQ(line["findings"].size(), record.findings.size());
  EXPECT_FALSE(line.contains("capacity_per_s"));
}

TEST(JsonViewTest, WithoutARunThereIsNoVerdictButAnExitCode) {
  const Json line = parsed(json_refusal_line(model::ExitCode::kUsage));
  EXPECT_EQ(line["type"], "end");
  EXPECT_TRUE(line["verdict"].is_null());
  EXPECT_EQ(line["exit_code"], 2);
}

TEST(JsonViewTest, AnyTextIsValidJson) {
  Reader reader;
  JsonView view(reader.writer());
  const std::string poison = ::squall::testing::poison_text();
  model::Plan plan = plan_with_a_fault();
  plan.name = plan.run_id = plan.faults[0].name = poison;
  view.begin(plan);
  view.stage(model::Stage::kSetup, poison);
  view.event({1s, poison, poison});
  model::SecondSummary second;
  second.faults.resize(3);
  view.second(second);
  for (const std::string& line : reader.writes) {
    EXPECT_TRUE(parsed(line).is_object());
  }
  EXPECT_TRUE(parsed(json_end_line(::squall::testing::hostile_record(poison), poison)).is_object());
}

TEST(JsonViewTest, GoesSilentWhenNobodyReads) {
  Reader reader;
  reader.there = false;
  JsonView view(reader.writer());
  view.begin(plan_with_a_fault());
  view.second({});
  view.second({});
  EXPECT_EQ(reader.writes.size(), 1U);
}

TEST(JsonViewTest, AReaderThatTakesNothingLosesLinesAndIsTold) {
  Reader reader;
  bool busy = false;
  JsonView view(reader.writer(), [&] { return busy; });
  view.begin(plan_with_a_fault());
  busy = true;
  view.second({});
  view.second({});
  busy = false;
  view.stage(model::Stage::kDrain, "");
  view.second({});
  ASSERT_EQ(reader.writes.size(), 3U);
  const std::string& told = reader.writes[1];
  EXPECT_EQ(Json::parse(told.substr(0, told.find('\n'))),
            Json::parse(R"({"type":"lost","lines":2})"));
  EXPECT_EQ(parsed(told.substr(told.find('\n') + 1))["type"], "stage");
  EXPECT_EQ(parsed(reader.writes[2])["type"], "second");
  busy = true;
  view.second({});
  view.end({});
  ASSERT_EQ(reader.writes.size(), 4U);
  EXPECT_EQ(parsed(reader.writes[3]), Json::parse(R"({"type":"lost","lines":1})"));
}

// A pipe that says it can be written to takes a page and no more.
TEST(JsonViewTest, ALineThatIsLongerThanThePipeHasRoomForNeitherBlocksNorIsTorn) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_NONBLOCK), 0);
  JsonView view(descriptor_writer(ends[1]), [&] { return would_block(ends[1]); });
  const std::string text(10'000, 'x');
  for (int i = 0; i < 40; ++i) {
    view.event({1s, "service", text});
  }
  std::string said;
  const auto read_all = [&] {
    char buffer[4096];
    for (ssize_t got = 0; (got = ::read(ends[0], buffer, sizeof buffer)) > 0;) {
      said.append(buffer, static_cast<std::size_t>(got));
    }
  };
  read_all();
  EXPECT_NE(said.back(), '\n') << "the last line that was begun did not fit";
  view.end({});
  read_all();
  ::close(ends[0]);
  ::close(ends[1]);
  std::uint64_t events = 0;
  std::uint64_t lost = 0;
  std::istringstream lines(said);
  for (std::string line; std::getline(lines, line);) {
    const Json read = Json::parse(line, nullptr, false);
    ASSERT_TRUE(read.is_object()) << line.substr(0, 100);
    events += read["type"] == "event" ? 1U : 0U;
    lost += read["type"] == "lost" ? read["lines"].get<std::uint64_t>() : 0U;
  }
  EXPECT_GT(events, 0U);
  EXPECT_EQ(events + lost, 40U);
}

TEST(JsonViewTest, StagesHaveNamesOfTheirOwn) {
  std::vector<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(model::Stage::kTeardown); ++i) {
    const std::string_view name = key_of(static_cast<model::Stage>(i));
    EXPECT_THAT(names, ::testing::Not(::testing::Contains(name)));
    EXPECT_FALSE(name.empty());
    names.push_back(name);
  }
}

}  // namespace
}  // namespace squall::reports
