// What every detector and every report format promises, whoever wrote it.
#include <gtest/gtest.h>

#include <set>

#include "loadgen/model/report_format.hpp"
#include "tests/contract/plan_case.hpp"
#include "tests/support/sample_record.hpp"

namespace squall::contract {
namespace {

using model::DetectorKind;
using model::FormatKind;
using model::RunRecord;

const model::FormatRegistry& formats() {
  static const model::FormatRegistry registry = [] {
    model::FormatRegistry all;
    reports::register_formats(all);
    return all;
  }();
  return registry;
}

std::vector<RunRecord> records() {
  std::vector<RunRecord> all;
  all.emplace_back();
  all.push_back(testing::sample_record());
  all.push_back(testing::clean_record());
  all.push_back(testing::hostile_record(testing::poison_text()));
  return all;
}

std::string test_name(std::string_view name) {
  std::string result(name);
  std::replace(result.begin(), result.end(), '-', '_');
  return result;
}

class DetectorContract : public ::testing::TestWithParam<DetectorKind> {};

TEST_P(DetectorContract, DescribesItself) {
  expect_good_name(GetParam().name);
  expect_good_summary(GetParam().summary);
  EXPECT_FALSE(GetParam().needs.empty());
  ASSERT_NE(GetParam().detect, nullptr);
}

TEST_P(DetectorContract, FindsTheSameInTheSameRecordAndNothingInAnEmptyOne) {
  EXPECT_TRUE(GetParam().detect(RunRecord()).empty()) << "a plan without what it needs: no finding";
  for (const RunRecord& record : records()) {
    const auto first = GetParam().detect(record);
    const auto second = GetParam().detect(record);
    ASSERT_EQ(first.size(), second.size());
    std::set<std::string> ids;
    for (std::size_t i = 0; i < first.size(); ++i) {
      EXPECT_EQ(first[i].detector, GetParam().name);
      EXPECT_TRUE(first[i].id.starts_with(std::string(GetParam().name) + ":")) << first[i].id;
      EXPECT_TRUE(ids.insert(first[i].id).second) << "one finding for each subject";
      EXPECT_EQ(first[i].id, second[i].id);
      EXPECT_EQ(first[i].verdict, second[i].verdict);
      EXPECT_EQ(first[i].summary, second[i].summary);
      EXPECT_EQ(first[i].evidence, second[i].evidence);
      EXPECT_FALSE(first[i].summary.empty());
      EXPECT_EQ(first[i].summary.find('\n'), std::string::npos);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Registered, DetectorContract,
                         ::testing::ValuesIn(all_registries().detectors.entries()),
                         [](const auto& tested) { return test_name(tested.param.name); });

class FormatContract : public ::testing::TestWithParam<FormatKind> {};

TEST_P(FormatContract, DescribesItself) {
  expect_good_name(GetParam().name);
  expect_good_summary(GetParam().summary);
  ASSERT_NE(GetParam().render, nullptr);
  EXPECT_EQ(GetParam().file_name.find('/'), std::string_view::npos);
}

TEST_P(FormatContract, RendersEveryRecordTheSameEachTime) {
  const model::FormatOptions options[] = {
      {}, {.color = true, .width = 120}, {.color = false, .width = 1}};
  for (const RunRecord& record : records()) {
    for (const model::FormatOptions& option : options) {
      EXPECT_EQ(GetParam().render(record, option), GetParam().render(record, option));
    }
    EXPECT_FALSE(GetParam().render(record, {}).empty());
  }
}

// What a target says must not steer the terminal of whoever reads about it.
TEST_P(FormatContract, LetsNoControlBytesOfOutsidersThrough) {
  const std::string hostile =
      GetParam().render(testing::hostile_record("\x1b[2J\x07\x08"), {.color = false, .width = 80});
  for (const char c : hostile) {
    const bool layout = c == '\n' || c == '\t' || c == '\r';
    ASSERT_TRUE(layout || static_cast<unsigned char>(c) >= 0x20)
        << "byte " << static_cast<int>(static_cast<unsigned char>(c));
  }
}

INSTANTIATE_TEST_SUITE_P(Registered, FormatContract, ::testing::ValuesIn(formats().entries()),
                         [](const auto& tested) { return test_name(tested.param.name); });

TEST(FormatRegistry, WritesEachFileOnce) {
  std::set<std::string_view> files;
  for (const FormatKind& kind : formats().entries()) {
    if (!kind.file_name.empty()) {
      EXPECT_TRUE(files.insert(kind.file_name).second) << kind.file_name;
    }
  }
}

}  // namespace
}  // namespace squall::contract
