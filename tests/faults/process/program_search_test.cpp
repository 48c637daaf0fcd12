#include "faults/process/program_search.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "faults/process/log_tail.hpp"
#include "tests/support/files.hpp"

namespace squall::faults {
namespace {

using test::TestDirectory;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

void make_program(const std::string& path) {
  std::ofstream(path) << "#!/bin/sh\n";
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
}

TEST(ProgramSearch, TheFirstDirectoryWinsOverPath) {
  const TestDirectory directory;
  make_program(directory / "sh");
  EXPECT_EQ(find_program("sh", directory.path()).value(), directory / "sh");
}

TEST(ProgramSearch, FilesThatCannotBeExecutedAndDirectoriesArePassedOver) {
  const TestDirectory directory;
  std::ofstream(directory / "sh") << "text";
  EXPECT_NE(find_program("sh", directory.path()).value(), directory / "sh");
  std::filesystem::create_directory(directory / "env");
  EXPECT_NE(find_program("env", directory.path()).value(), directory / "env");
}

TEST(ProgramSearch, ARelativePathStartsInItsFolder) {
  const TestDirectory directory;
  std::filesystem::create_directory(directory / "bin");
  make_program(directory / "bin/shop");
  EXPECT_EQ(find_program("bin/shop", "", directory.path()).value(), directory / "bin/shop");
  EXPECT_EQ(find_program("/bin/sh", "", directory.path()).value(), "/bin/sh");
  EXPECT_FALSE(find_program("bin/shop", "", "").has_value());
}

TEST(ProgramSearch, FindsTheDirectoryOfThisProgram) {
  EXPECT_TRUE(find_program("squall_process_test", own_program_directory()));
}

TEST(LogTail, GivesTheLastLines) {
  const TestDirectory directory;
  std::ofstream(directory / "log") << "a\nb\n\nc";
  EXPECT_THAT(last_lines(directory / "log", 3), ElementsAre("b", "", "c"));
  EXPECT_THAT(last_lines(directory / "log", 10), ElementsAre("a", "b", "", "c"));
}

TEST(LogTail, ReadsOnlyTheEndOfALargeFile) {
  const TestDirectory directory;
  std::ofstream(directory / "log") << std::string(1'000'000, 'x') << "\nlast\n";
  const std::vector<std::string> lines = last_lines(directory / "log", 2);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_LE(lines[0].size(), 8192U);
  EXPECT_EQ(lines[1], "last");
}

TEST(LogTail, NothingThereIsNoLines) {
  const TestDirectory directory;
  std::ofstream(directory / "empty");
  EXPECT_THAT(last_lines(directory / "empty", 5), IsEmpty());
  EXPECT_THAT(last_lines(directory / "missing", 5), IsEmpty());
}

}  // namespace
}  // namespace squall::faults
