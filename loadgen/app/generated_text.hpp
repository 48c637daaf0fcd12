// The files of the source tree that hold generated text, and how each is made.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/result.hpp"

namespace squall::app {

struct GeneratedFile {
  std::string path;  // from the root of the source tree
  // What the file should be, given what it is.
  std::function<Result<std::string>(std::string_view before)> regenerate;
};

[[nodiscard]] std::vector<GeneratedFile> generated_files();

}  // namespace squall::app
