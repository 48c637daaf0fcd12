#include "loadgen/plan/json_rows.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "loadgen/base/text.hpp"

namespace squall::plan {
namespace {

using nlohmann::ordered_json;

constexpr int kDeepest = 64;
constexpr std::size_t kMostColumns = 1024;
// Few objects with many names each make a large table of nothing.
constexpr std::size_t kMostCells = 100'000'000;

SourceRef place_of(std::string_view text, std::size_t offset, const std::string& file,
                   unsigned first_line) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const std::size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
  return {file, first_line + static_cast<unsigned>(std::count(before.begin(), before.end(), '\n')),
          static_cast<unsigned>(before.size() - line_begin + 1)};
}

// nlohmann's parser throws when it shall say where; here its exceptions end.
Result<ordered_json> parse(std::string_view text, const std::string& file, unsigned first_line) {
  bool too_deep = false;
  const auto bounded = [&](int depth, ordered_json::parse_event_t /*event*/,
                           ordered_json& /*value*/) {
    too_deep = too_deep || depth > kDeepest;
    return depth <= kDeepest;
  };
  try {
    auto value = ordered_json::parse(text, bounded);
    if (too_deep) {
      return fail({ErrorCode::kMalformed,
                   fmt::format("values inside each other deeper than {}", kDeepest),
                   SourceRef{file, first_line, 1}});
    }
    return value;
  } catch (const ordered_json::parse_error& error) {
    return fail({ErrorCode::kMalformed, "this is not JSON",
                 place_of(text, error.byte == 0 ? 0 : error.byte - 1, file, first_line)});
  } catch (const ordered_json::exception&) {  // a number too large to be one
    return fail({ErrorCode::kMalformed, "this is not JSON", SourceRef{file, first_line, 1}});
  }
}

std::string text_of(const ordered_json& value) {
  if (value.is_null()) {
    return {};
  }
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

// Rows whose columns are not known before the last one was seen.
class Collector {
 public:
  Collector(const std::string& file, std::size_t max_rows) : file_(file), max_rows_(max_rows) {}

  Result<void> add(const ordered_json& object, const SourceRef& where) {
    if (!object.is_object()) {
      return fail({ErrorCode::kMalformed,
                   fmt::format("row {} is no object such as {{\"email\": \"a@b.example\"}}",
                               rows_.size() + 1),
                   where});
    }
    if (rows_.size() == max_rows_) {
      return fail({ErrorCode::kExhausted, fmt::format("more than {} rows", max_rows_), where});
    }
    auto& row = rows_.emplace_back();
    for (const auto& [name, value] : object.items()) {
      const std::size_t column = column_of(name);
      if (column == kMostColumns) {
        return fail(
            {ErrorCode::kMalformed, fmt::format("more than {} columns", kMostColumns), where});
      }
      if (row.size() <= column) {
        row.resize(column + 1);
      }
      row[column] = text_of(value);
    }
    return {};
  }

  Result<expr::FeederRows> take() {
    if (columns_.empty()) {
      return fail({ErrorCode::kMalformed, "there is no row with a value", SourceRef{file_, 1, 1}});
    }
    if (rows_.size() > kMostCells / columns_.size()) {
      return fail(
          {ErrorCode::kExhausted,
           fmt::format("{} rows with {} columns are too many", rows_.size(), columns_.size()),
           SourceRef{file_, 1, 1}});
    }
    expr::FeederRows rows(columns_);
    for (const auto& row : rows_) {
      for (std::size_t column = 0; column < columns_.size(); ++column) {
        rows.add_cell(column < row.size() ? std::string_view(row[column]) : std::string_view());
      }
    }
    return rows;
  }

 private:
  std::size_t column_of(const std::string& name) {
    const auto found = by_name_.find(name);
    if (found != by_name_.end()) {
      return found->second;
    }
    if (columns_.size() == kMostColumns) {
      return kMostColumns;
    }
    columns_.push_back(name);
    by_name_.emplace(name, columns_.size() - 1);
    return columns_.size() - 1;
  }

  const std::string& file_;
  std::size_t max_rows_;
  std::vector<std::string> columns_;
  std::map<std::string, std::size_t, std::less<>> by_name_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace

Result<expr::FeederRows> parse_json_rows(std::string_view text, const std::string& file,
                                         std::size_t max_rows) {
  const auto document = parse(text, file, 1);
  if (!document) {
    return fail(document.error());
  }
  const SourceRef where{file, 1, 1};
  if (!document->is_array()) {
    return fail({ErrorCode::kMalformed, "an array of objects was expected", where});
  }
  Collector rows(file, max_rows);
  for (const ordered_json& object : *document) {
    if (auto added = rows.add(object, where); !added) {
      return fail(std::move(added).error());
    }
  }
  return rows.take();
}

Result<expr::FeederRows> parse_ndjson_rows(std::string_view text, const std::string& file,
                                           std::size_t max_rows) {
  Collector rows(file, max_rows);
  unsigned number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    if (trim(line).empty()) {
      continue;
    }
    const auto object = parse(line, file, number);
    if (!object) {
      return fail(object.error());
    }
    if (auto added = rows.add(*object, {file, number, 1}); !added) {
      return fail(std::move(added).error());
    }
  }
  return rows.take();
}

}  // namespace squall::plan
