// A directory for what a command needs only while it runs.
#pragma once

#include <string>

namespace squall::app {

// Made below the system's directory for temporary files; goes away with all that is in it.
class ScratchDirectory {
 public:
  // `purpose`: a word in its name.
  explicit ScratchDirectory(const std::string& purpose);
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }  // empty: it could not be made

 private:
  std::string path_;
};

}  // namespace squall::app
