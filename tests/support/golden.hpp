// Byte-exact expectations kept in files under tests/golden. SQUALL_UPDATE_GOLDEN=1 rewrites them;
// the diff is reviewed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace squall::testing {

// Fails the current test when `text` differs from tests/golden/<name>, and says how to update.
// `source_dir` is the root of the repository (SQUALL_SOURCE_DIR).
void expect_golden(std::string_view text, const std::string& source_dir, const std::string& name);

// A file of its own in the test's temporary directory, holding `text`; removed with the object.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view text);
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile();
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Runs a program found in PATH and waits for it; its output goes where the test's does. Its exit
// status, 127 when it could not be started.
[[nodiscard]] int run_program(const std::vector<std::string>& command);

}  // namespace squall::testing
