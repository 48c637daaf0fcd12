#include "loadgen/model/verdict.hpp"

#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "loadgen/model/progress.hpp"

namespace squall::model {
namespace {

// DESIGN §7: "the first in this order wins: 8 2 9 4 5 3 1 6 7", then a signal, then 0.
TEST(ExitCode, TheWorseOneWinsInTheDocumentedOrder) {
  const std::vector<int> order = {8, 2, 9, 4, 5, 3, 1, 6, 7, 130, 0};
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (std::size_t j = i; j < order.size(); ++j) {
      const auto heavy = static_cast<ExitCode>(order[i]);
      const auto light = static_cast<ExitCode>(order[j]);
      EXPECT_EQ(worse(heavy, light), heavy);
      EXPECT_EQ(worse(light, heavy), heavy);
    }
  }
  EXPECT_EQ(worse(ExitCode::kTerminated, ExitCode::kPass), ExitCode::kTerminated);
  EXPECT_EQ(worse(ExitCode::kTerminated, ExitCode::kInconclusive), ExitCode::kInconclusive);
}

TEST(ExitCode, EachHasAMeaningOfItsOwn) {
  std::set<std::string_view> meanings;
  for (const int code : {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 130, 143}) {
    meanings.insert(meaning(static_cast<ExitCode>(code)));
  }
  EXPECT_EQ(meanings.size(), 12U);
  EXPECT_FALSE(meanings.contains(""));
  EXPECT_EQ(meaning(static_cast<ExitCode>(77)), "");
}

TEST(Verdict, HasNames) {
  EXPECT_EQ(to_string(Verdict::kPass), "pass");
  EXPECT_EQ(to_string(Verdict::kFail), "fail");
  EXPECT_EQ(to_string(Verdict::kInvalid), "invalid");
  EXPECT_EQ(to_string(Verdict::kInconclusive), "inconclusive");
}

TEST(Stage, EachHasAName) {
  std::set<std::string_view> names;
  for (int i = static_cast<int>(Stage::kServices); i <= static_cast<int>(Stage::kTeardown); ++i) {
    names.insert(to_string(static_cast<Stage>(i)));
  }
  EXPECT_EQ(names.size(), 12U);
  EXPECT_FALSE(names.contains(""));
}

}  // namespace
}  // namespace squall::model
