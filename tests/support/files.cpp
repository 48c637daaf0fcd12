#include "tests/support/files.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

namespace squall::test {

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TestDirectory::TestDirectory() : path_(testing::TempDir() + "squall-test-XXXXXX") {
  if (::mkdtemp(path_.data()) == nullptr) {
    ADD_FAILURE() << "cannot make " << path_;
  }
}

TestDirectory::~TestDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TestDirectory::operator/(std::string_view name) const {
  return path_ + "/" + std::string(name);
}

std::string TestDirectory::write(std::string_view name, std::string_view content) const {
  std::string path = *this / name;
  std::ofstream file(path, std::ios::binary);
  file << content;
  EXPECT_TRUE(file.flush().good()) << path;
  return path;
}

}  // namespace squall::test
