#include "loadgen/plan/csv.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"

namespace squall::plan {
namespace {

constexpr std::size_t kMostColumns = 1024;

// What ended a cell.
enum class End { kComma, kLine, kFile };

class Reader {
 public:
  Reader(std::string_view text, const std::string& file) : text_(text), file_(file) {
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    if (text_.starts_with(kByteOrderMark)) {
      at_ = line_begin_ = kByteOrderMark.size();
    }
  }

  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  [[nodiscard]] SourceRef here() const {
    return {file_, line_, static_cast<unsigned>(at_ - line_begin_ + 1)};
  }
  void skip_empty_lines() {
    while (take_line_end()) {
    }
  }

  // The next cell, valid until the next call.
  Result<End> take(std::string_view& cell) {
    if (at_ < text_.size() && text_[at_] == '"') {
      return take_quoted(cell);
    }
    const std::size_t begin = at_;
    at_ = std::min(text_.find_first_of(",\n\"", at_), text_.size());
    if (at_ < text_.size() && text_[at_] == '"') {
      return wrong(
          "a quote inside a cell: put the whole cell into quotes and write this one twice");
    }
    // A CR belongs to the line end only when the LF follows.
    const bool crlf =
        at_ < text_.size() && text_[at_] == '\n' && at_ > begin && text_[at_ - 1] == '\r';
    cell = text_.substr(begin, at_ - begin - (crlf ? 1 : 0));
    return take_end();
  }

  [[nodiscard]] tl::unexpected<Error> wrong(std::string message) const {
    return fail({ErrorCode::kMalformed, std::move(message), here()});
  }

 private:
  bool take_line_end() {
    const std::string_view rest = text_.substr(at_);
    const std::size_t length = rest.starts_with("\r\n") ? 2 : rest.starts_with('\n') ? 1 : 0;
    if (length > 0) {
      at_ += length;
      ++line_;
      line_begin_ = at_;
    }
    return length > 0;
  }

  Result<End> take_end() {
    if (at_end()) {
      return End::kFile;
    }
    if (text_[at_] == ',') {
      ++at_;
      return End::kComma;
    }
    return take_line_end() ? Result<End>(End::kLine)
                           : wrong("a comma or the end of the line was expected behind the quote");
  }

  Result<End> take_quoted(std::string_view& cell) {
    const SourceRef opened = here();
    unquoted_.clear();
    ++at_;
    while (true) {
      const std::size_t stop = text_.find_first_of("\"\n", at_);
      if (stop == std::string_view::npos) {
        return fail({ErrorCode::kMalformed, "the quote that begins here is not closed", opened});
      }
      unquoted_.append(text_.substr(at_, stop - at_));
      at_ = stop + 1;
      if (text_[stop] == '\n') {
        unquoted_ += '\n';
        ++line_;
        line_begin_ = at_;
      } else if (at_ < text_.size() && text_[at_] == '"') {
        unquoted_ += '"';
        ++at_;
      } else {
        cell = unquoted_;
        return take_end();
      }
    }
  }

  std::string_view text_;
  const std::string& file_;
  std::size_t at_ = 0;
  unsigned line_ = 1;
  std::size_t line_begin_ = 0;
  std::string unquoted_;
};

Result<std::vector<std::string>> read_header(Reader& reader) {
  std::vector<std::string> columns;
  reader.skip_empty_lines();
  if (reader.at_end()) {
    return reader.wrong("a CSV file begins with the names of its columns; this one is empty");
  }
  End end = End::kComma;
  while (end == End::kComma) {
    const SourceRef where = reader.here();
    std::string_view cell;
    const auto taken = reader.take(cell);
    if (!taken) {
      return fail(taken.error());
    }
    end = *taken;
    const std::string name(trim(cell));
    const bool again = std::find(columns.begin(), columns.end(), name) != columns.end();
    if (name.empty() || again || columns.size() == kMostColumns) {
      return fail({ErrorCode::kMalformed,
                   name.empty() ? "a column without a name"
                   : again      ? fmt::format("a second column named \"{}\"", printable(name, 60))
                                : fmt::format("more than {} columns", kMostColumns),
                   where});
    }
    columns.push_back(name);
  }
  return columns;
}

}  // namespace

Result<expr::FeederRows> parse_csv(std::string_view text, const std::string& file,
                                   std::size_t max_rows) {
  Reader reader(text, file);
  auto header = read_header(reader);
  if (!header) {
    return fail(std::move(header).error());
  }
  const std::size_t columns = header->size();
  expr::FeederRows rows(*std::move(header));
  for (reader.skip_empty_lines(); !reader.at_end(); reader.skip_empty_lines()) {
    SourceRef where = reader.here();
    if (rows.size() == max_rows) {
      return fail({ErrorCode::kExhausted, fmt::format("more than {} rows", max_rows), where});
    }
    std::size_t cells = 0;
    End end = End::kComma;
    while (end == End::kComma) {
      std::string_view cell;
      const auto taken = reader.take(cell);
      if (!taken) {
        return fail(taken.error());
      }
      end = *taken;
      if (++cells <= columns) {
        rows.add_cell(cell);
      }
    }
    if (cells != columns) {
      return fail({ErrorCode::kMalformed,
                   fmt::format("this row has {} cell{}, the header {}", cells,
                               cells == 1 ? "" : "s", columns),
                   std::move(where)});
    }
  }
  return rows;
}

}  // namespace squall::plan
