#include "loadgen/run/journal.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "loadgen/base/check.hpp"
#include "loadgen/model/history_line.hpp"
#include "loadgen/run/history_file.hpp"
#include "loadgen/run/ledger_line.hpp"
#include "loadgen/run/record_merge.hpp"

namespace squall::run {
namespace {

using nlohmann::json;

constexpr std::string_view kEventsName = "events.ndjson";
constexpr std::string_view kLedgerName = "ledger.ndjson";

std::string path_of(const std::string& directory, std::string_view name) {
  return fmt::format("{}/{}", directory, name);
}

std::string line_of(std::string_view type, const model::RunRecord& record) {
  return fmt::format("{{\"type\":\"{}\",\"record\":{}}}\n", type, model::to_json_line(record));
}

}  // namespace

// A file that only grows. After a failed write the rest is refused, so no line follows a torn one.
class Journal::File {
 public:
  static Result<std::unique_ptr<File>> create(std::string path) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) {
      return fail(ErrorCode::kIo,
                  fmt::format("cannot write {}: {}", path, std::generic_category().message(errno)));
    }
    return std::unique_ptr<File>(new File(std::move(path), fd));
  }
  ~File() { ::close(fd_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  Result<void> write(std::string_view bytes) {
    while (!broken_ && !bytes.empty()) {
      const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) {
        continue;
      }
      if (written <= 0) {
        broken_ =
            Error{ErrorCode::kIo,
                  fmt::format("cannot write {}: {}", path_, std::generic_category().message(errno)),
                  {}};
        break;
      }
      bytes.remove_prefix(static_cast<std::size_t>(written));
      size_ += static_cast<std::uint64_t>(written);
    }
    if (broken_) {
      return fail(*broken_);
    }
    return {};
  }
  // What should have stood in it does not: nothing may follow.
  void give_up(const Error& reason) { broken_ = reason; }
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  File(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}

  std::string path_;
  int fd_;
  std::uint64_t size_ = 0;
  std::optional<Error> broken_;
};

Journal::Journal(std::string directory, const Options& options)
    : directory_(std::move(directory)), rotate_at_(options.rotate_bytes) {}

Journal::~Journal() = default;

Result<std::unique_ptr<Journal>> Journal::open(const std::string& directory,
                                               const model::RunRecord& identity,
                                               const Options& options) {
  std::unique_ptr<Journal> journal(new Journal(directory, options));
  auto events = File::create(path_of(directory, kEventsName));
  auto ledger = File::create(path_of(directory, kLedgerName));
  if (!events || !ledger) {
    return fail(!events ? events.error() : ledger.error());
  }
  journal->events_ = std::move(*events);
  journal->ledger_ = std::move(*ledger);
  if (options.history) {
    auto history = File::create(path_of(directory, kHistoryName));
    if (!history) {
      return fail(history.error());
    }
    journal->history_ = std::move(*history);
  }
  if (auto written = journal->append("start", identity); !written) {
    return fail(written.error());
  }
  return journal;
}

Result<void> Journal::append(std::string_view type, const model::RunRecord& record) {
  return events_->write(line_of(type, record));
}

Result<void> Journal::second(const model::RunRecord& delta, const model::RunRecord& total) {
  if (events_->size() <= rotate_at_) {
    return append("second", delta);
  }
  auto rotated = rotate(total);
  if (!rotated) {
    events_->give_up(rotated.error());
  }
  // Totals that fill most of the file by themselves would have it rewritten each second.
  rotate_at_ = std::max(rotate_at_, 2 * events_->size());
  return rotated;
}

// The old file stays until the new one, which says everything that the old one did, is complete
// under its name.
Result<void> Journal::rotate(const model::RunRecord& total) {
  const std::string next = path_of(directory_, "events.ndjson.next");
  auto file = File::create(next);
  if (!file) {
    return fail(file.error());
  }
  if (auto written = (*file)->write(line_of("start", total)); !written) {
    return written;
  }
  if (std::rename(next.c_str(), path_of(directory_, kEventsName).c_str()) != 0) {
    return fail(ErrorCode::kIo,
                fmt::format("cannot rename {}: {}", next, std::generic_category().message(errno)));
  }
  events_ = std::move(*file);
  return {};
}

Result<void> Journal::event(const model::RunEvent& event) {
  model::RunRecord record;
  record.events.push_back(event);
  return append("event", record);
}

Result<void> Journal::breach(const model::Breach& breach) {
  model::RunRecord record;
  record.breaches.push_back(breach);
  return append("event", record);
}

Result<void> Journal::timeline(std::vector<model::RecordedAction> changed,
                               std::vector<model::RecordedProxyFault> faults) {
  model::RunRecord record;
  record.timeline = std::move(changed);
  record.proxy_faults = std::move(faults);
  return append("event", record);
}

Result<void> Journal::observations(const model::RunRecord& observed) {
  if (observed.dependencies.proxies.empty() && observed.probes.empty()) {
    return {};
  }
  model::RunRecord record;
  record.dependencies = observed.dependencies;
  record.probes = observed.probes;
  return append("event", record);
}

Result<void> Journal::effects(const model::EffectReport& effects) {
  model::RunRecord record;
  record.effects = effects;
  return append("effects", record);
}

Result<void> Journal::idempotency(std::shared_ptr<const model::IdempotencyReport> report) {
  model::RunRecord record;
  record.idempotency = std::move(report);
  return append("idempotency", record);
}

Result<void> Journal::end(const model::RunRecord& judged) {
  model::RunRecord record;
  record.started = judged.started;
  record.measured_duration = judged.measured_duration;
  record.drain_used = judged.drain_used;
  record.cpu_user_s = judged.cpu_user_s;
  record.cpu_system_s = judged.cpu_system_s;
  record.history = judged.history;
  record.checks = judged.checks;
  record.findings = judged.findings;
  record.verdict = judged.verdict;
  record.exit_code = judged.exit_code;
  record.reasons = judged.reasons;
  record.interrupted = judged.interrupted;
  record.proxy_faults = judged.proxy_faults;
  record.timeline = judged.timeline;
  return append("end", record);
}

namespace {

// Where each of them belongs, in that order.
template <class Entry>
std::vector<std::pair<LedgerPlace, const Entry*>> in_order(std::int64_t second,
                                                           std::span<const Entry> entries) {
  std::vector<std::pair<LedgerPlace, const Entry*>> order;
  order.reserve(entries.size());
  for (const Entry& entry : entries) {
    order.emplace_back(place_of(second, entry), &entry);
  }
  std::sort(order.begin(), order.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  return order;
}

}  // namespace

Result<void> Journal::ledger(std::int64_t second, const std::vector<model::RecordedStep>& steps,
                             std::span<const model::EffectAttempt> attempts,
                             std::span<const model::EffectOperation> operations) {
  std::string lines;
  for (const auto& [place, attempt] : in_order(second, attempts)) {
    append_line(lines, second, *attempt, steps);
  }
  for (const auto& [place, operation] : in_order(second, operations)) {
    append_line(lines, second, *operation, steps);
  }
  return ledger_->write(lines);
}

Result<void> Journal::history(const std::vector<model::RecordedStep>& steps,
                              std::span<const model::HistoryOperation> operations) {
  if (operations.empty()) {
    return {};
  }
  SQUALL_CHECK(history_ != nullptr);
  std::string lines;
  for (const model::HistoryOperation& operation : operations) {
    model::append_line(lines, operation, steps.at(operation.step).name);
  }
  return history_->write(lines);
}

namespace {

// What Journal::end wrote.
void apply_end(model::RunRecord&& end, model::RunRecord& total) {
  total.started = end.started;
  total.measured_duration = end.measured_duration;
  total.drain_used = end.drain_used;
  total.cpu_user_s = end.cpu_user_s;
  total.cpu_system_s = end.cpu_system_s;
  total.history = std::move(end.history);
  total.checks = std::move(end.checks);
  total.findings = std::move(end.findings);
  total.verdict = end.verdict;
  total.exit_code = end.exit_code;
  total.reasons = std::move(end.reasons);
  total.interrupted = end.interrupted;
  total.proxy_faults = std::move(end.proxy_faults);
  total.timeline = std::move(end.timeline);
  total.complete = true;
}

// Applies one line; the first must be a start, and nothing may follow the end.
Result<void> apply_line(const std::string& line, bool first, model::RunRecord& total) {
  const json parsed = json::parse(line, nullptr, false);
  if (!parsed.is_object() || !parsed.contains("type") || !parsed.contains("record")) {
    return fail(ErrorCode::kMalformed, "not a journal line");
  }
  auto record = model::record_from_json(parsed["record"].dump());
  if (!record) {
    return fail(record.error());
  }
  if (total.complete && !first) {
    return fail(ErrorCode::kMalformed, "a line behind the end of the journal");
  }
  const bool is_start = parsed["type"] == "start";
  if (first != is_start) {
    return fail(ErrorCode::kMalformed,
                first ? "the journal does not begin with its start line" : "a second start line");
  }
  if (is_start) {
    total = std::move(*record);
    total.complete = false;
  } else if (parsed["type"] == "effects") {
    total.effects = std::move(record->effects);
  } else if (parsed["type"] == "idempotency") {
    total.idempotency = std::move(record->idempotency);
  } else if (parsed["type"] == "end") {
    apply_end(std::move(*record), total);
  } else if (!record->faults.empty() && record->faults.size() != total.faults.size()) {
    return fail(ErrorCode::kMalformed, "another number of faults than the start line names");
  } else {
    merge_into(total, *record);
  }
  return {};
}

}  // namespace

Result<model::RunRecord> read_journal(const std::string& directory) {
  const std::string path = path_of(directory, kEventsName);
  std::ifstream file(path);
  if (!file) {
    return fail(ErrorCode::kNotFound, fmt::format("cannot read {}", path));
  }
  model::RunRecord total;
  std::string line;
  unsigned number = 0;
  while (std::getline(file, line)) {
    if (file.eof()) {
      break;  // without a line break: cut off when squall was killed
    }
    ++number;
    if (auto applied = apply_line(line, number == 1, total); !applied) {
      Error error = applied.error();
      error.where = SourceRef{path, number, 1};
      return fail(std::move(error));
    }
  }
  if (!total.complete && !total.seconds.empty()) {
    // Rates are over what was measured, not over what was planned.
    const Duration until = std::chrono::seconds(total.seconds.back().second + 1);
    total.measured_duration = std::clamp(until, Duration::zero(), total.planned_duration);
  }
  if (number == 0) {
    return fail(ErrorCode::kMalformed, fmt::format("{} is empty", path));
  }
  return total;
}

Result<LedgerExcerpt> read_ledger(const std::string& directory,
                                  const std::vector<model::RecordedStep>& steps,
                                  const std::set<std::string, std::less<>>& keys) {
  const std::string path = path_of(directory, kLedgerName);
  std::ifstream file(path);
  if (!file) {
    return fail(ErrorCode::kNotFound, fmt::format("cannot read {}", path));
  }
  LedgerExcerpt excerpt;
  std::string line;
  unsigned number = 0;
  while (std::getline(file, line) && !file.eof()) {
    ++number;
    auto parsed = parse_ledger_line(line, steps);
    if (!parsed) {
      Error error = parsed.error();
      error.where = SourceRef{path, number, 1};
      return fail(std::move(error));
    }
    if (auto* attempt = std::get_if<model::EffectAttempt>(&*parsed)) {
      if (keys.contains(attempt->key)) {
        excerpt.attempts.push_back(std::move(*attempt));
      }
    } else if (auto& operation = std::get<model::EffectOperation>(*parsed);
               keys.contains(operation.key)) {
      excerpt.operations.push_back(std::move(operation));
    }
  }
  return excerpt;
}

}  // namespace squall::run
