#include "reports/live/run_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "loadgen/model/response_cells.hpp"
#include "reports/live/dashboard_page.hpp"
#include "tests/support/sample_record.hpp"

namespace squall::reports {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

struct Message {
  std::string id;
  std::string type;
  Json data;
};

// As a browser reads an event stream.
std::vector<Message> read(const std::string& text) {
  std::vector<Message> messages;
  Message message;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = text.find('\n', at);
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    if (line.empty()) {
      messages.push_back(std::exchange(message, {}));
      continue;
    }
    const std::string value = line.substr(line.find(": ") + 2);
    if (line.rfind("id: ", 0) == 0) {
      message.id = value;
    } else if (line.rfind("event: ", 0) == 0) {
      message.type = value;
    } else {
      EXPECT_EQ(line.rfind("data: ", 0), 0U) << line;
      message.data = Json::parse(value);
    }
  }
  return messages;
}

std::vector<Message> all_of(RunStream& stream, const std::string& last_id = "") {
  const auto viewer = stream.watch(last_id);
  std::string text;
  for (std::string piece = stream.next(*viewer); !piece.empty(); piece = stream.next(*viewer)) {
    EXPECT_LT(piece.size(), 256U * 1024);
    text += piece;
  }
  return read(text);
}

model::Plan plan_of_20_seconds() {
  model::Plan plan;
  plan.name = "checkout";
  plan.run_id = "r-1";
  plan.load.warmup = 2s;
  plan.load.duration = 20s;
  plan.faults.resize(1);
  plan.faults[0].name = "twins";
  plan.faults[0].selection.window = expr::Window{5s, 60s};
  return plan;
}

model::SecondSummary second_of(std::int64_t number) {
  model::SecondSummary second;
  second.second = number;
  second.counters.due = 10;
  second.counters.started = 9;
  second.acked = 8;
  second.response_p50_us = 1'000;
  second.response_p99_us = 3'600'000'123;
  second.classes[static_cast<std::size_t>(model::AttemptClass::kTimeout)] = 2;
  second.faults = {{.eligible = 3, .planned = 2, .fired = 1}};
  second.cells.push_back({.step = 0, .counts = {{model::cell_of(1'000), 7}}});
  second.cells.push_back(
      {.step = 1, .counts = {{model::cell_of(1'000), 1}, {model::never_cell(), 1}}});
  return second;
}

TEST(RunStreamTest, TellsEverythingInOrder) {
  RunStream stream("t");
  EXPECT_TRUE(all_of(stream).empty());
  stream.begin(plan_of_20_seconds());
  stream.stage(model::Stage::kMeasured, "");
  stream.second(second_of(0));
  stream.event({500ms, "service", "gone"});
  stream.end(::squall::testing::sample_record());
  const auto messages = all_of(stream);
  ASSERT_EQ(messages.size(), 5U);
  EXPECT_EQ(messages[0].type, "begin");
  EXPECT_EQ(messages[0].data["plan"], "checkout");
  EXPECT_EQ(messages[0].data["bands"],
            Json::parse(R"([{"kind":"phase","label":"warm-up","from":-2.0,"to":0.0},
                            {"kind":"fault","label":"twins","from":5.0,"to":20.0}])"));
  EXPECT_EQ(messages[1].data["stage"], "measured");
  EXPECT_EQ(messages[2].type, "column");
  EXPECT_EQ(messages[2].data["acked"], 8);
  EXPECT_EQ(messages[2].data["errors"], Json::parse(R"({"timeout":2})"));
  EXPECT_EQ(messages[2].data["p99"], 3'600'000'000) << "what was given up, not a figure";
  EXPECT_TRUE(messages[2].data["p90"].is_null());
  EXPECT_EQ(messages[2].data["fired"], Json::parse("[1]"));
  EXPECT_EQ(messages[3].data["text"], "gone");
  EXPECT_EQ(messages[4].type, "end");
  EXPECT_EQ(messages[4].data["verdict"], "fail");
}

TEST(RunStreamTest, RowsOfTheHeatMapHoldTheirResponses) {
  RunStream stream("t");
  stream.begin(plan_of_20_seconds());
  stream.second(second_of(0));
  const auto messages = all_of(stream);
  const auto edges = messages[0].data["edges"].get<std::vector<std::int64_t>>();
  const auto heat = messages[1].data["heat"].get<std::vector<std::uint64_t>>();
  const std::uint64_t first = heat[0];
  EXPECT_LE(edges[first], 1'000);
  EXPECT_GT(edges[first + 1], 1'000);
  EXPECT_EQ(heat[1], 8U) << "of both steps";
  EXPECT_EQ(first + heat.size() - 2, edges.size() - 1) << "what was given up is above every edge";
  EXPECT_EQ(heat.back(), 1U);
}

TEST(RunStreamTest, AViewerGoesOnWhereHeWas) {
  RunStream stream("t");
  stream.begin(plan_of_20_seconds());
  stream.second(second_of(0));
  const std::string last = all_of(stream).back().id;
  EXPECT_TRUE(all_of(stream, last).empty());
  stream.second(second_of(1));
  ASSERT_EQ(all_of(stream, last).size(), 1U);
  EXPECT_EQ(all_of(stream, last)[0].data["t"], 1);
  for (const char* other :
       {"", "u-2", "t-", "t-x", "t-2x", "t", "-", "t-99999999999999999999999"}) {
    EXPECT_EQ(all_of(stream, other).size(), 3U) << other;
  }
}

TEST(RunStreamTest, ASecondRunIsToldFromItsBegin) {
  RunStream stream("t");
  stream.begin(plan_of_20_seconds());
  stream.second(second_of(0));
  stream.end(::squall::testing::sample_record());
  const std::string last = all_of(stream).back().id;
  stream.begin(plan_of_20_seconds());
  stream.second(second_of(0));
  const auto messages = all_of(stream, last);
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[0].type, "begin");
}

TEST(RunStreamTest, ALongRunIsToldWholeButCoarser) {
  RunStream stream("t");
  stream.begin(plan_of_20_seconds());
  constexpr std::int64_t kSeconds = 20'000;
  for (std::int64_t i = 0; i < kSeconds; ++i) {
    stream.second(second_of(i));
  }
  const auto messages = all_of(stream);
  EXPECT_LE(messages.size(), RunStream::kMostColumns + 1);
  std::int64_t at = 0;
  std::uint64_t acked = 0;
  std::uint64_t heat = 0;
  for (std::size_t i = 1; i < messages.size(); ++i) {
    const Json& column = messages[i].data;
    ASSERT_EQ(column["t"], at);
    at += column["width"].get<std::int64_t>();
    acked += column["acked"].get<std::uint64_t>();
    for (std::size_t j = 1; j < column["heat"].size(); ++j) {
      heat += column["heat"][j].get<std::uint64_t>();
    }
    if (column["width"] > 1) {
      EXPECT_GE(column["p50"], 1'000);
      EXPECT_LE(column["p50"], 1'100) << "cells are 9% wide";
      EXPECT_EQ(column["p99"], 3'600'000'000);
    }
  }
  EXPECT_EQ(at, kSeconds);
  EXPECT_EQ(acked, 8U * kSeconds);
  EXPECT_EQ(heat, 9U * kSeconds);
  EXPECT_EQ(messages.back().data["width"], 1) << "the last minutes stay fine";
}

TEST(RunStreamTest, WhoComesAfterManyEventsIsToldTheStageAllTheSame) {
  RunStream stream("t");
  stream.begin(plan_of_20_seconds());
  stream.stage(model::Stage::kWarmup, "");
  stream.stage(model::Stage::kMeasured, "");
  for (std::size_t i = 0; i < 2 * RunStream::kMostMessages; ++i) {
    stream.event({1s, "service", std::to_string(i)});
  }
  const auto messages = all_of(stream);
  ASSERT_EQ(messages.size(), 1 + RunStream::kMostMessages);
  EXPECT_EQ(messages[1].data["stage"], "measured");
  EXPECT_EQ(messages.back().data["text"], std::to_string(2 * RunStream::kMostMessages - 1));
}

TEST(RunStreamTest, KnowsWhetherEverybodyHasEverything) {
  RunStream stream("t");
  unsigned woken = 0;
  stream.on_message([&] { ++woken; });
  EXPECT_TRUE(stream.everybody_knows());
  auto viewer = stream.watch("");
  stream.begin(plan_of_20_seconds());
  stream.second(second_of(0));
  EXPECT_EQ(woken, 2U);
  EXPECT_FALSE(stream.everybody_knows());
  EXPECT_FALSE(stream.next(*viewer).empty());
  EXPECT_TRUE(stream.everybody_knows());
  stream.event({1s, "service", "gone"});
  EXPECT_FALSE(stream.everybody_knows());
  viewer.reset();
  EXPECT_TRUE(stream.everybody_knows()) << "who has left is not waited for";
}

TEST(RunStreamTest, AnyTextIsOneMessage) {
  RunStream stream("t");
  const std::string poison = ::squall::testing::poison_text();
  model::Plan plan = plan_of_20_seconds();
  plan.name = plan.run_id = plan.faults[0].name = poison;
  stream.begin(plan);
  stream.stage(model::Stage::kSetup, poison + "\n\nevent: end\ndata: {}\n\n");
  stream.event({1s, poison, poison});
  EXPECT_EQ(all_of(stream).size(), 3U);
}

TEST(DashboardPageTest, NeedsNothingFromElsewhere) {
  const std::string page = dashboard_page();
  EXPECT_THAT(page, Not(HasSubstr("src=")));
  EXPECT_THAT(page, Not(HasSubstr("@import")));
  EXPECT_THAT(dashboard_policy(), HasSubstr("default-src 'none'"));
  EXPECT_THAT(dashboard_policy(), Not(HasSubstr("unsafe")));
}

}  // namespace
}  // namespace squall::reports
