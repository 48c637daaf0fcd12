// Every profile of plans/profiles: compiled in, read without a problem, about what its file is
// called, with its sources; and written it reads back equal.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "loadgen/model/profile_file.hpp"
#include "loadgen/plan/shipped_profiles.hpp"
#include "tests/paths.hpp"
#include "tests/support/files.hpp"

namespace squall {
namespace {

const std::string kFolder = SQUALL_SOURCE_DIR "/plans/profiles";

TEST(ShippedProfiles, AreTheFilesOfTheFolder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".toml") {
      files.push_back(entry.path().stem().string());
    }
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> compiled_in;
  for (const plan::ShippedProfile& shipped : plan::shipped_profiles()) {
    compiled_in.emplace_back(shipped.name);
    EXPECT_EQ(shipped.text, test::read_file(SQUALL_SOURCE_DIR "/" + std::string(shipped.file)));
  }
  EXPECT_EQ(compiled_in, files);
  EXPECT_GE(files.size(), 14U);
}

class ShippedProfile : public testing::TestWithParam<plan::ShippedProfile> {};

TEST_P(ShippedProfile, SaysWhereItComesFromAndReadsBackEqual) {
  Diagnostics problems;
  const auto profile = model::read_profile(GetParam().text, std::string(GetParam().file), problems);
  ASSERT_TRUE(profile.has_value()) << problems.to_text();
  EXPECT_EQ(problems.to_text(), "");
  EXPECT_EQ(profile->name, GetParam().name);
  EXPECT_TRUE(profile->carrier.has_value());
  EXPECT_FALSE(profile->checked.empty());
  ASSERT_FALSE(profile->sources.empty());
  for (const std::string& source : profile->sources) {
    EXPECT_TRUE(source.starts_with("https://")) << source;
  }
  EXPECT_EQ(model::read_profile(model::to_toml(*profile), "again.toml", problems), profile);
}

std::string name_of(const testing::TestParamInfo<plan::ShippedProfile>& info) {
  std::string name(info.param.name);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, ShippedProfile,
                         testing::ValuesIn(plan::shipped_profiles().begin(),
                                           plan::shipped_profiles().end()),
                         name_of);

// A name of a profile is a word of plans, too.
TEST(ShippedProfiles, HaveNamesThatPlansCanTell) {
  for (const plan::ShippedProfile& shipped : plan::shipped_profiles()) {
    EXPECT_TRUE(model::is_profile_name(shipped.name)) << shipped.name;
    EXPECT_NE(shipped.name, "auto");
  }
}

}  // namespace
}  // namespace squall
