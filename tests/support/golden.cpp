#include "tests/support/golden.hpp"

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace squall::testing {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

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
  EXPECT_EQ(std::string(text), read_file(path))
      << path << " differs; when the change is meant: SQUALL_UPDATE_GOLDEN=1, then review the diff";
}

TemporaryFile::TemporaryFile(std::string_view text)
    : path_(::testing::TempDir() + "squall-XXXXXX") {
  const int fd = ::mkstemp(path_.data());
  EXPECT_GE(fd, 0);
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written <= 0) {
      ADD_FAILURE() << "cannot write " << path_;
      break;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  ::close(fd);
}

TemporaryFile::~TemporaryFile() {
  ::unlink(path_.c_str());
}

int run_program(const std::vector<std::string>& command) {
  std::vector<std::string> words = command;
  std::vector<char*> arguments;
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  pid_t child = 0;
  if (::posix_spawnp(&child, arguments.front(), nullptr, nullptr, arguments.data(), environ) != 0) {
    return 127;
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

}  // namespace squall::testing
