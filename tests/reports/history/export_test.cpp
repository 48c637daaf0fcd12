#include "reports/history/export.hpp"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/reports/history/histories.hpp"

namespace squall::reports {
namespace {

using model::HistoryMap;
using model::HistoryOp;
using model::HistoryOperation;
using model::HistoryOutcome;

std::string render(std::string_view name, const std::vector<HistoryOperation>& history) {
  for (const HistoryExport& one : history_exports()) {
    if (one.name == name) {
      return one.render(history, {"s.put"});
    }
  }
  ADD_FAILURE() << name;
  return {};
}

std::vector<HistoryOperation> registers() {
  HistoryOperation retry = made(1, HistoryOp::kWrite, std::string("a\"b"), 10, 12);
  retry.attempt = 1;
  return {made(1, HistoryOp::kWrite, std::string("a\"b"), 0, 5, HistoryOutcome::kInfo), retry,
          made(2, HistoryOp::kRead, std::monostate(), 6, 7, HistoryOutcome::kFail),
          made(2, HistoryOp::kRead, std::string("a\"b"), 20, 21)};
}

TEST(HistoryExport, EdnHasInvokesAndCompletionsInOrderOfTime) {
  EXPECT_EQ(
      render("edn", registers()),
      R"({:index 0, :type :invoke, :process 0, :f :write, :key "k", :value "a\"b", :time 0, :step "s.put"}
{:index 1, :type :invoke, :process 1, :f :read, :key "k", :value nil, :time 6000, :step "s.put"}
{:index 2, :type :fail, :process 1, :f :read, :key "k", :value nil, :time 7000, :step "s.put"}
{:index 3, :type :ok, :process 0, :f :write, :key "k", :value "a\"b", :time 12000, :step "s.put"}
{:index 4, :type :invoke, :process 1, :f :read, :key "k", :value nil, :time 20000, :step "s.put"}
{:index 5, :type :ok, :process 1, :f :read, :key "k", :value "a\"b", :time 21000, :step "s.put"}
)");
}

TEST(HistoryExport, TransactionsAreOfOneMicroOperation) {
  const std::string text = render("edn-txn", registers());
  EXPECT_THAT(text, testing::StartsWith("{:index 0, :type :invoke, :process 0, :f :txn, :value "
                                        "[[:w \"k\" \"a\\\"b\"]], :time 0,"));
  EXPECT_THAT(text, testing::HasSubstr(":type :ok, :process 1, :f :txn, :value [[:r \"k\" "));
}

TEST(HistoryExport, AppendsAreTransactionsEverywhere) {
  HistoryOperation read = made(2, HistoryOp::kRead, list({5}), 6, 7);
  read.key = "9";
  HistoryOperation append = made(1, HistoryOp::kAppend, std::int64_t{5}, 0, 1);
  append.key = "9";
  EXPECT_EQ(
      render("history-json", {append, read}),
      R"([{"index":0,"type":"invoke","process":0,"f":"txn","value":[["append",9,5]],"time":0,"step":"s.put"},
{"index":1,"type":"ok","process":0,"f":"txn","value":[["append",9,5]],"time":1000,"step":"s.put"},
{"index":2,"type":"invoke","process":1,"f":"txn","value":[["r",9,null]],"time":6000,"step":"s.put"},
{"index":3,"type":"ok","process":1,"f":"txn","value":[["r",9,[5]]],"time":7000,"step":"s.put"}]
)");
}

TEST(HistoryExport, ListsMapsAndNumbers) {
  HistoryOperation add = made(1, HistoryOp::kAdd, std::int64_t{-4}, 5, 6);
  add.arrival = 2;
  const HistoryMap accounts{{"al", std::int64_t{3}}, {"7", {}}};
  const std::string text =
      render("edn", {made(1, HistoryOp::kRead, accounts, 0, 1),
                     made(1, HistoryOp::kCas, list({1, 2}), 3, 4, HistoryOutcome::kInfo), add});
  EXPECT_THAT(text, testing::HasSubstr(":value {\"al\" 3, 7 nil}"));
  EXPECT_THAT(text,
              testing::HasSubstr(":type :info, :process 0, :f :cas, :key \"k\", :value [1 2]"));
  // The process is retired.
  EXPECT_THAT(text, testing::HasSubstr(":type :ok, :process 1, :f :add, :key \"k\", :value -4"));
}

TEST(HistoryExport, OfNothingIsNothing) {
  EXPECT_EQ(render("edn", {}), "");
  EXPECT_EQ(render("history-json", {}), "[]\n");
}

// At any time at most one operation of a process is open, and none follows an info.
TEST(HistoryExport, ProcessesAreSequential) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Dice dice(seed);
    std::vector<HistoryOperation> history;
    for (std::int64_t i = 0; i < 40; ++i) {
      const std::int64_t from = dice.below(100);
      HistoryOperation one = made(static_cast<std::uint64_t>(dice.below(4)), HistoryOp::kWrite, i,
                                  from, from + 1 + dice.below(20),
                                  dice.chance(0.2) ? HistoryOutcome::kInfo : HistoryOutcome::kOk);
      one.arrival = static_cast<std::uint64_t>(dice.below(30));
      history.push_back(std::move(one));
    }
    const std::string text = render("edn", history);
    std::map<std::string, char> open;
    std::size_t at = 0;
    while (at < text.size()) {
      const std::string line = text.substr(at, text.find('\n', at) - at);
      at += line.size() + 1;
      const std::size_t from = line.find(":process ") + 9;
      char& state = open[line.substr(from, line.find(',', from) - from)];
      if (line.find(":type :invoke") != std::string::npos) {
        ASSERT_NE(state, 'o') << line;
        ASSERT_NE(state, 'r') << line;
        state = 'o';
      } else {
        ASSERT_EQ(state, 'o') << line;
        state = line.find(":type :info") != std::string::npos ? 'r' : 'f';
      }
    }
  }
}

}  // namespace
}  // namespace squall::reports
