// A directory for this process alone.
#pragma once

#include <string>

#include "loadgen/base/result.hpp"

namespace squall::shop {

// Removed, with everything in it, by remove() or the destructor.
class TemporaryDirectory {
 public:
  // Below TMPDIR or /tmp, readable by the owner alone.
  [[nodiscard]] static Result<TemporaryDirectory> make();
  TemporaryDirectory() = default;
  ~TemporaryDirectory() { remove(); }
  TemporaryDirectory(TemporaryDirectory&& other) noexcept : path_(std::move(other.path_)) {
    other.path_.clear();
  }
  TemporaryDirectory& operator=(TemporaryDirectory&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
  }

  [[nodiscard]] const std::string& path() const { return path_; }
  void remove();

 private:
  explicit TemporaryDirectory(std::string path) : path_(std::move(path)) {}
  std::string path_;  // empty: none
};

}  // namespace squall::shop
