#include "tests/support/golden.hpp"

#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/files.hpp"

namespace squall::testing {
namespace {

bool updating() {
  const char* update =
      std::getenv("SQUALL_UPDATE_GOLDEN");  // NOLINT(concurrency-mt-unsafe): single-threaded test
  return update != nullptr && std::string_view(update) == "1";
}

}  // namespace

void expect_golden(std::string_view text, const std::string& source_dir, const std::string& name) {
  const std::string path = source_dir + "/tests/golden/" + name;
  if (updating()) {
    std::ofstream file(path, std::ios::binary);
    file << text;
    ASSERT_TRUE(file.good()) << path;
    return;
  }
  EXPECT_EQ(std::string(text), test::read_file(path))
      << path << " differs; when the change is meant: SQUALL_UPDATE_GOLDEN=1, then review the diff";
}

}  // namespace squall::testing
