// Every plan in tests/plans_broken says in comments at its top what is wrong with it: "# expect:
// 12:3: part of the message", one line for each problem, in the order of the diagnostics. This
// holds the loader with the real registries against them.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "loadgen/base/text.hpp"
#include "loadgen/plan/loader.hpp"
#include "tests/paths.hpp"
#include "tests/support/all_registries.hpp"
#include "tests/support/files.hpp"

namespace squall::plan {
namespace {

std::vector<std::filesystem::path> broken_plans() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry :
       std::filesystem::directory_iterator(SQUALL_SOURCE_DIR "/tests/plans_broken")) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

struct Expected {
  std::string position;  // "12:3: "
  std::string part;
};

std::vector<Expected> expectations(const std::string& text) {
  constexpr std::string_view kMark = "# expect: ";
  std::vector<Expected> expected;
  for (const std::string_view line : split(text, '\n')) {
    if (line.starts_with(kMark)) {
      const std::string_view rest = line.substr(kMark.size());
      const std::size_t end = rest.find(": ");
      expected.push_back({std::string(rest.substr(0, end + 2)), std::string(rest.substr(end + 2))});
    }
  }
  return expected;
}

Diagnostics diagnostics_of(const std::string& text) {
  LoadOptions options;
  std::uint16_t port = 40000;
  options.free_port = [&] { return Result<std::uint16_t>(++port); };
  options.environment = [](const std::string&) { return std::optional<std::string>(); };
  options.entropy = [] { return std::uint64_t{1}; };
  const Loaded loaded = load(text, "plan.toml", test::all_registries().for_plans(), options);
  EXPECT_EQ(loaded.plan, nullptr);
  EXPECT_TRUE(loaded.diagnostics.has_errors());
  return loaded.diagnostics;
}

class BrokenPlan : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(BrokenPlan, IsRefusedWithExactlyTheseProblems) {
  const std::string text = test::read_file(GetParam());
  const std::vector<Expected> expected = expectations(text);
  ASSERT_FALSE(expected.empty()) << "the plan does not say what is wrong with it";
  const std::string found = diagnostics_of(text).to_text();
  std::vector<std::string_view> lines = split(found, '\n');
  lines.pop_back();  // behind the last line break
  ASSERT_EQ(lines.size(), expected.size()) << found;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    EXPECT_TRUE(lines[i].starts_with("plan.toml:" + expected[i].position)) << lines[i];
    EXPECT_NE(lines[i].find(expected[i].part), std::string_view::npos) << lines[i];
  }
}

std::string stem_of(const testing::TestParamInfo<std::filesystem::path>& info) {
  return info.param.stem().string();
}

INSTANTIATE_TEST_SUITE_P(Files, BrokenPlan, testing::ValuesIn(broken_plans()), stem_of);

TEST(BrokenPlans, AreManyEnough) {
  EXPECT_GE(broken_plans().size(), 30u);
}

}  // namespace
}  // namespace squall::plan
