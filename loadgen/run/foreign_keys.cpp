#include "loadgen/run/foreign_keys.hpp"

#include <fstream>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace squall::run {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

std::string path_in(const std::string& directory) {
  return directory + "/foreign.ndjson";
}

std::string line_of(const ordered_json& line) {
  return line.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

Result<void> take_line(const std::string& text, effects::ForeignKeys& foreign) {
  try {
    const json line = json::parse(text);
    const auto type = line.at("type").get<std::string>();
    if (type == "tried") {
      foreign.tried.push_back(line.at("key").get<std::string>());
    } else if (type == "effects") {
      foreign.effects.push_back({line.at("oracle").get<std::string>(),
                                 line.at("key").get<std::string>(),
                                 line.at("effects").get<std::uint64_t>()});
    } else {
      return fail(ErrorCode::kMalformed, "a line of an unknown type");
    }
  } catch (const json::exception& error) {
    return fail(ErrorCode::kMalformed, error.what());
  }
  return {};
}

}  // namespace

Result<void> write_foreign_keys(const std::string& directory, const effects::ForeignKeys& foreign) {
  const std::string path = path_in(directory);
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  for (const std::string& key : foreign.tried) {
    file << line_of({{"type", "tried"}, {"key", key}});
  }
  for (const effects::ForeignEffect& one : foreign.effects) {
    file << line_of(
        {{"type", "effects"}, {"oracle", one.oracle}, {"key", one.key}, {"effects", one.effects}});
  }
  file.close();
  return file ? Result<void>() : fail(ErrorCode::kIo, fmt::format("cannot write {}", path));
}

Result<effects::ForeignKeys> read_foreign_keys(const std::string& directory) {
  const std::string path = path_in(directory);
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return fail(ErrorCode::kNotFound, fmt::format("cannot read {}", path));
  }
  effects::ForeignKeys foreign;
  std::string line;
  unsigned number = 0;
  while (std::getline(file, line)) {
    ++number;
    if (auto taken = take_line(line, foreign); !taken) {
      Error error = taken.error();
      error.where = SourceRef{path, number, 1};
      return fail(std::move(error));
    }
  }
  return foreign;
}

}  // namespace squall::run
