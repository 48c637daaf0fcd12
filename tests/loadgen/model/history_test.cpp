#include "loadgen/model/history.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/model/history_line.hpp"
#include "loadgen/model/history_report.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::model {
namespace {

using testing::HasSubstr;

const std::vector<std::string> kSteps = {"buy.put", "buy.get"};

HistoryOperation sample() {
  return {.process = 3,
          .client = (std::uint64_t{1} << 48) + 7,
          .step = 1,
          .arrival = 7,
          .visit = 2,
          .attempt = 1,
          .copy = 4,
          .op = HistoryOp::kRead,
          .key = "item \"1\"",
          .value = HistoryList{std::int64_t{-5}, std::string("x\ny"), std::monostate()},
          .version = -9,
          .invoke = Duration(-100),
          .complete = Duration(2500),
          .outcome = HistoryOutcome::kOk,
          .problem = "odd"};
}

TEST(HistoryValue, TextThatIsAWholeNumberIsOne) {
  EXPECT_EQ(history_scalar("17"), HistoryScalar(std::int64_t{17}));
  EXPECT_EQ(history_scalar("-3"), HistoryScalar(std::int64_t{-3}));
  for (const char* text : {"", "007", "-0", "1.0", "1e3", "99999999999999999999", " 1"}) {
    EXPECT_EQ(history_scalar(text), HistoryScalar(std::string(text))) << text;
  }
}

TEST(HistoryValue, IsReadFromJson) {
  EXPECT_EQ(history_value_from_json("null"), HistoryValue());
  EXPECT_EQ(history_value_from_json("\"12\""), HistoryValue(std::int64_t{12}));
  EXPECT_EQ(history_value_from_json("1.50"), HistoryValue(std::string("1.50")));
  EXPECT_EQ(history_value_from_json("[12.50,-1e3,123456789012345678901,18446744073709551615]"),
            HistoryValue(HistoryList{std::string("12.50"), std::string("-1e3"),
                                     std::string("123456789012345678901"),
                                     std::string("18446744073709551615")}))
      << "as the request wrote them, so that what was put there is found";
  EXPECT_EQ(history_value_from_json(R"([[1,{"a":[2.50]}],{"b":{}},{"b":1,"b":2}])"),
            HistoryValue(HistoryList{std::string(R"([1,{"a":["2.50"]}])"),
                                     std::string(R"({"b":{}})"), std::string(R"({"b":2})")}));
  EXPECT_EQ(history_value_from_json("[1,\"a\",null]"),
            HistoryValue(HistoryList{std::int64_t{1}, std::string("a"), std::monostate()}));
  EXPECT_EQ(history_value_from_json(R"([{"id":1},{"id":"b"},{}])", "/id"),
            HistoryValue(HistoryList{std::int64_t{1}, std::string("b"), std::monostate()}));
  EXPECT_EQ(history_value_from_json(R"({"bob":{"n":2},"al":{"n":1}})", "/n"),
            HistoryValue(HistoryMap{{"bob", std::int64_t{2}}, {"al", std::int64_t{1}}}));
  EXPECT_EQ(history_value_from_json("[1,"), std::nullopt);
  EXPECT_EQ(history_value_from_json("1 2"), std::nullopt);
  EXPECT_EQ(history_value_from_json(""), std::nullopt);
  EXPECT_EQ(history_value_from_json("[1]", "no pointer"), std::nullopt);
  EXPECT_EQ(history_value_from_json("[[1]]", "/99999999999999999999"),
            HistoryValue(HistoryList{std::monostate()}));
}

TEST(HistoryValue, IsShownShort) {
  EXPECT_EQ(to_text(HistoryValue()), "nil");
  EXPECT_EQ(to_text(HistoryValue(std::string("a\x1b"))), "\"a\\x1b\"");
  EXPECT_EQ(to_text(HistoryValue(HistoryMap{{"al", std::int64_t{1}}, {"bo", std::int64_t{2}}})),
            "{al 1, bo 2}");
  HistoryList long_list(100, HistoryScalar(std::int64_t{12345}));
  EXPECT_LT(to_text(HistoryValue(long_list)).size(), 90U);
  EXPECT_THAT(to_text(HistoryValue(long_list)), HasSubstr("100 in all]"));
}

TEST(HistoryLine, SaysAllOfAnOperation) {
  std::string line;
  append_line(line, sample(), "buy.get");
  ASSERT_TRUE(line.ends_with("\n"));
  const auto read = parse_history_line(line, kSteps);
  ASSERT_TRUE(read.has_value()) << to_string(read.error());
  std::string again;
  append_line(again, *read, "buy.get");
  EXPECT_EQ(line, again);
  EXPECT_EQ(read->value, sample().value);
  EXPECT_EQ(read->version, sample().version);
  EXPECT_EQ(read->client, sample().client);
  EXPECT_EQ(read->invoke, sample().invoke);
}

TEST(HistoryLine, WhatIsNoneIsRefused) {
  std::string good;
  append_line(good, sample(), "buy.get");
  const auto problem = [&](const std::string& from, const std::string& to) {
    std::string line = good;
    line.replace(line.find(from), from.size(), to);
    const auto read = parse_history_line(line, kSteps);
    return read ? std::string("read") : read.error().message;
  };
  EXPECT_EQ(problem("\"process\":3", "\"process\":-3"), "\"process\" is not a whole number from 0");
  EXPECT_EQ(problem("\"process\":3", "\"processes\":3"), "\"process\" is not there");
  EXPECT_EQ(problem("\"copy\":4", "\"copy\":4294967296"), "\"copy\" is not a whole number from 0");
  EXPECT_EQ(problem("\"invoke_ns\":-100", "\"invoke_ns\":18446744073709551615"),
            "\"invoke_ns\" is not a whole number");
  EXPECT_EQ(problem("\"read\"", "\"rede\""), "\"f\" is not a word of a history");
  EXPECT_EQ(problem("buy.get", "buy.got"), "a step that the record does not have");
  EXPECT_EQ(parse_history_line("[]", kSteps).error().message, "not a line of a history");
  EXPECT_EQ(parse_history_line("{", kSteps).error().message, "not a line of a history");
}

TEST(History, IsForPeople) {
  HistoryOperation one = sample();
  one.value = std::int64_t{4};
  one.version.reset();
  EXPECT_THAT(witness_line(one), HasSubstr("read -> 4 "));
  EXPECT_THAT(witness_line(one), HasSubstr("process 3 "));
  EXPECT_THAT(witness_line(one), HasSubstr("-0.000000s to 0.000003s ok"));
  one.op = HistoryOp::kCas;
  one.value = HistoryList{std::int64_t{1}, std::string("b")};
  one.outcome = HistoryOutcome::kInfo;
  EXPECT_THAT(witness_line(one), HasSubstr("cas 1 -> \"b\" "));
  EXPECT_THAT(witness_line(one), HasSubstr(" to ? info"));
}

TEST(HistoryReport, IsPartOfTheRecord) {
  RunRecord record;
  auto report = std::make_shared<HistoryReport>();
  report->ok = 5;
  report->unread = 1;
  HistoryCheckReport& check = report->checks.emplace_back();
  check.name = "stock";
  check.check = "register";
  check.steps = {"buy.put"};
  check.verdict = Verdict::kFail;
  check.violations = 2;
  check.summary = "2 of 3 keys not linearizable";
  check.counts = {{"linearizable", 1}};
  check.witness = {"write 1"};
  record.history = report;
  const auto read = record_from_json(to_json(record));
  ASSERT_TRUE(read.has_value()) << to_string(read.error());
  ASSERT_NE(read->history, nullptr);
  EXPECT_EQ(to_json(*read), to_json(record));
  EXPECT_EQ(read->history->checks.at(0).verdict, Verdict::kFail);
  EXPECT_EQ(record_from_json(to_json(RunRecord()))->history, nullptr);
}

}  // namespace
}  // namespace squall::model
