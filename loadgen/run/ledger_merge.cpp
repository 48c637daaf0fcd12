#include "loadgen/run/ledger_merge.hpp"

#include <fstream>
#include <memory>
#include <optional>
#include <queue>

#include <fmt/core.h>

namespace squall::run {
namespace {

// One ledger, line by line.
class Reader {
 public:
  Reader(std::string path, const std::vector<model::RecordedStep>& steps)
      : path_(std::move(path)), steps_(steps), file_(path_, std::ios::binary) {}

  [[nodiscard]] bool is_open() const { return file_.is_open(); }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const std::string& line() const { return line_; }
  [[nodiscard]] const PlacedEntry& entry() const { return entry_; }

  // The next line, if there is one.
  Result<bool> advance() {
    if (!std::getline(file_, line_) || file_.eof()) {
      return false;  // a last line without its end was cut off
    }
    ++number_;
    auto parsed = parse_placed_line(line_, steps_);
    if (!parsed) {
      return at_line(parsed.error());
    }
    if (number_ > 1 && !(entry_.place < parsed->place)) {
      return at_line({ErrorCode::kMalformed, "a line that belongs before the one above it", {}});
    }
    entry_ = *std::move(parsed);
    return true;
  }

 private:
  [[nodiscard]] tl::unexpected<Error> at_line(Error error) const {
    error.where = SourceRef{path_, number_, 1};
    return fail(std::move(error));
  }

  std::string path_;
  const std::vector<model::RecordedStep>& steps_;
  std::ifstream file_;
  std::string line_;
  PlacedEntry entry_;
  unsigned number_ = 0;
};

}  // namespace

Result<void> merge_ledgers(const std::vector<std::string>& directories,
                           const std::vector<model::RecordedStep>& steps, const std::string& path,
                           const LedgerVisitor& visit) {
  std::vector<std::unique_ptr<Reader>> readers;
  const auto later = [&](std::size_t a, std::size_t b) {
    return readers[b]->entry().place < readers[a]->entry().place;
  };
  std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(later)> next(later);
  for (const std::string& directory : directories) {
    readers.push_back(std::make_unique<Reader>(directory + "/ledger.ndjson", steps));
    if (!readers.back()->is_open()) {
      return fail(ErrorCode::kNotFound, fmt::format("cannot read {}", readers.back()->path()));
    }
    const auto has_line = readers.back()->advance();
    if (!has_line) {
      return fail(has_line.error());
    }
    if (*has_line) {
      next.push(readers.size() - 1);
    }
  }
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  while (!next.empty() && out) {
    const std::size_t shard = next.top();
    next.pop();
    Reader& reader = *readers[shard];
    out << reader.line() << '\n';
    visit(shard, reader.entry().entry);
    const auto has_line = reader.advance();
    if (!has_line) {
      return fail(has_line.error());
    }
    if (*has_line) {
      next.push(shard);
    }
  }
  out.close();
  return out ? Result<void>() : fail(ErrorCode::kIo, fmt::format("cannot write {}", path));
}

}  // namespace squall::run
