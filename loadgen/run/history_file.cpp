#include "loadgen/run/history_file.hpp"

#include <fstream>

#include <fmt/core.h>

#include "loadgen/model/history_line.hpp"

namespace squall::run {

Result<std::vector<model::HistoryOperation>> read_history(const std::string& directory,
                                                          const std::vector<std::string>& steps,
                                                          std::size_t most) {
  const std::string path = fmt::format("{}/{}", directory, kHistoryName);
  std::ifstream file(path);
  if (!file) {
    return fail(ErrorCode::kNotFound, fmt::format("cannot read {}", path));
  }
  std::vector<model::HistoryOperation> operations;
  std::string line;
  while (std::getline(file, line) && !file.eof()) {
    if (operations.size() >= most) {
      return fail(ErrorCode::kExhausted, fmt::format("{} has more than {} operations", path, most));
    }
    auto parsed = model::parse_history_line(line, steps);
    if (!parsed) {
      Error error = parsed.error();
      error.where = SourceRef{path, static_cast<unsigned>(operations.size() + 1), 1};
      return fail(std::move(error));
    }
    operations.push_back(*std::move(parsed));
  }
  if (file.bad()) {  // what was read so far is a part, and would be judged as the whole
    return fail(ErrorCode::kIo, fmt::format("cannot read all of {}", path));
  }
  return operations;
}

}  // namespace squall::run
