// Arrivals as they were recorded: the timestamps of a file, faster or slower if wanted.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/engine/trace_file.hpp"
#include "loadgen/model/arrival_process.hpp"

namespace squall::engine {
namespace {

using expr::TableSpec;
using expr::ValueType;
using model::LoadSpan;

using Offsets = std::vector<Duration>;

class TraceCursor final : public model::ArrivalCursor {
 public:
  // `offsets` are after t = 0. Borrows them: the process outlives its cursors,
  // as the plan does.
  TraceCursor(std::span<const Duration> offsets, Duration warmup)
      : offsets_(offsets), warmup_(warmup) {}

  std::size_t fill(std::span<Duration> out) override {
    const std::size_t count = std::min(out.size(), offsets_.size() - at_);
    for (std::size_t i = 0; i < count; ++i) {
      out[i] = warmup_ + offsets_[at_ + i];
    }
    at_ += count;
    return count;
  }

 private:
  std::span<const Duration> offsets_;
  Duration warmup_;
  std::size_t at_ = 0;
};

class TraceProcess final : public model::ArrivalProcess {
 public:
  explicit TraceProcess(Offsets offsets) : offsets_(std::move(offsets)) {}

  [[nodiscard]] std::unique_ptr<model::ArrivalCursor> open(const LoadSpan& span,
                                                           StreamId /*stream*/) const override {
    return std::make_unique<TraceCursor>(within(span), span.warmup);
  }
  [[nodiscard]] double expected_count(const LoadSpan& span) const override {
    return static_cast<double>(within(span).size());
  }
  [[nodiscard]] Rate peak_rate(const LoadSpan& span) const override {
    constexpr Duration kSecond = std::chrono::seconds(1);
    const std::span<const Duration> offsets = within(span);
    std::size_t most = 0;
    std::size_t first = 0;  // of the second that ends with offsets[last]
    for (std::size_t last = 0; last < offsets.size(); ++last) {
      while (offsets[last] - offsets[first] >= kSecond) {
        ++first;
      }
      most = std::max(most, last - first + 1);
    }
    return {static_cast<double>(most)};
  }

 private:
  [[nodiscard]] std::span<const Duration> within(const LoadSpan& span) const {
    const auto end = std::lower_bound(offsets_.begin(), offsets_.end(), span.duration);
    return {offsets_.data(), static_cast<std::size_t>(end - offsets_.begin())};
  }

  Offsets offsets_;
};

struct Unit {
  std::string_view name;
  std::int64_t ns;
};
constexpr std::array kUnits{Unit{"s", 1'000'000'000}, Unit{"ms", 1'000'000}, Unit{"us", 1000},
                            Unit{"ns", 1}};

const TableSpec& keys() {
  static const TableSpec spec{
      .name = "scenario.arrivals (trace)",
      .help = "Arrivals as they were recorded.",
      .keys = {
          {.name = "file",
           .type = ValueType::kString,
           .help = "File of timestamps, from the plan's folder: decimal numbers or dates such as "
                   "2023-11-14T22:13:20.125Z; those out of order are sorted. The earliest is due "
                   "at `begin`; there are none in the warm-up.",
           .required = true,
           .example = "\"arrivals.csv\""},
          {.name = "format",
           .type = ValueType::kString,
           .help = "`lines`: a timestamp each; `csv`, `ndjson`: a column of it; `log`: an access "
                   "log, common or combined; `auto`: by the end of the file's name (.csv, .ndjson, "
                   ".jsonl, .log, else lines).",
           .default_value = "auto",
           .choices = {"auto", "lines", "csv", "ndjson", "log"}},
          {.name = "column",
           .type = ValueType::kString,
           .help = "Of `csv`: the column by the name in its first line. Of `ndjson`: the member by "
                   "its name or JSON pointer.",
           .default_value = "time"},
          {.name = "unit",
           .type = ValueType::kString,
           .help = "Unit of timestamps that are numbers.",
           .default_value = "s",
           .choices = {"s", "ms", "us", "ns"}},
          {.name = "spread",
           .type = ValueType::kDuration,
           .help =
               "Arrivals with the same timestamp are spread evenly over this time, or over that "
               "to the next timestamp when it is shorter. Unless given, a second for `log`, whose "
               "timestamps are whole seconds, else nothing: they are due at once.",
           .example = "\"1s\""},
          {.name = "begin",
           .type = ValueType::kDuration,
           .help = "When the first one is due, as recorded: several traces of one recording keep "
                   "their distances so.",
           .default_value = "0s"},
          {.name = "speed",
           .type = ValueType::kNumber,
           .help = "How many times as fast as recorded, 0.001 to 1000.",
           .default_value = "1"}}};
  return spec;
}

TraceFormat format_of(const std::string& word, const std::string& path) {
  constexpr std::array<std::pair<std::string_view, TraceFormat>, 5> kEndings{
      {{"csv", TraceFormat::kCsv},
       {"ndjson", TraceFormat::kNdjson},
       {"jsonl", TraceFormat::kNdjson},
       {"log", TraceFormat::kLog},
       {"lines", TraceFormat::kLines}}};
  const std::string ending = std::filesystem::path(path).extension().string();
  for (const auto& [name, format] : kEndings) {
    if (word == name || (word == "auto" && ending == "." + std::string(name))) {
      return format;
    }
  }
  return TraceFormat::kLines;
}

std::int64_t unit_of(const std::string& word) {
  const auto* found = std::find_if(kUnits.begin(), kUnits.end(),
                                   [&](const Unit& unit) { return unit.name == word; });
  return found == kUnits.end() ? kUnits.front().ns : found->ns;
}

// What stands in the way of reading the file; empty: nothing.
std::string cannot_read(const std::string& path, std::ifstream& file) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (error || !std::filesystem::exists(status)) {
    return error ? error.message() : std::generic_category().message(ENOENT);
  }
  if (!std::filesystem::is_regular_file(status)) {
    return "it is not a file";
  }
  file.open(path, std::ios::binary);
  return file ? "" : std::generic_category().message(errno);
}

// Problems are reported; then there is no offset.
Offsets read_offsets(expr::TableReader& reader) {
  const std::string path = reader.scope().resolve_path(reader.string("file"));
  const TraceOptions options{.format = format_of(reader.string("format"), path),
                             .column = reader.string("column"),
                             .unit_ns = unit_of(reader.string("unit"))};
  if (!reader.has("file")) {
    return {};
  }
  std::ifstream file;
  if (const std::string why = cannot_read(path, file); !why.empty()) {
    reader.error("file", fmt::format("cannot read {}: {}", printable(path), why));
    return {};
  }
  auto trace = read_trace(file, path, options);
  if (!trace) {
    reader.diagnostics().error(trace.error().where.value_or(reader.where("file")),
                               trace.error().message);
    return {};
  }
  if (trace->out_of_order > 0) {
    reader.warning(
        "file", fmt::format("{} of {} timestamps stand behind a later one, the first in "
                            "line {}; they are put in order of time",
                            trace->out_of_order, trace->offsets.size(), trace->first_out_of_order));
  }
  const Duration usual = options.format == TraceFormat::kLog ? std::chrono::seconds(1) : Duration();
  spread_out(trace->offsets, reader.has("spread") ? reader.duration("spread") : usual);
  return std::move(trace->offsets);
}

std::unique_ptr<model::ArrivalProcess> compile(expr::TableReader& reader) {
  const double speed = reader.number("speed", 0.001, 1000);
  const auto begin = static_cast<double>(reader.duration("begin").count());
  Offsets offsets = read_offsets(reader);
  for (Duration& offset : offsets) {
    // What would not fit any more lies beyond every run.
    constexpr double kBeyond = 9e18;
    const double recorded = begin + static_cast<double>(offset.count());
    offset = Duration(std::llround(std::min(recorded / speed, kBeyond)));
  }
  return std::make_unique<TraceProcess>(std::move(offsets));
}

}  // namespace

void register_arrival_trace(model::ArrivalRegistry& registry);

void register_arrival_trace(model::ArrivalRegistry& registry) {
  registry.add(
      {.name = "trace",
       .summary = "recorded arrivals: timestamps of a file or an access log",
       .example = "arrivals = { process = \"trace\", file = \"arrivals.csv\", speed = 2.0 }",
       .keys = &keys(),
       .compile = compile});
}

}  // namespace squall::engine
