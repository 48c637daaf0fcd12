// Files that tests read and write.
#pragma once

#include <string>
#include <string_view>

namespace squall::test {

// All of the file, as it is now; empty when there is none.
[[nodiscard]] std::string read_file(const std::string& path);

// A fresh directory in the test's temporary directory, removed with everything in it when the
// object goes.
class TestDirectory {
 public:
  TestDirectory();
  ~TestDirectory();
  TestDirectory(const TestDirectory&) = delete;
  TestDirectory& operator=(const TestDirectory&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string operator/(std::string_view name) const;
  // Writes a file and gives its path.
  [[nodiscard]] std::string write(std::string_view name, std::string_view content) const;

 private:
  std::string path_;
};

}  // namespace squall::test
