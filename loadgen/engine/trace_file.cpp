#include "loadgen/engine/trace_file.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include <fmt/core.h>
#include <simdjson.h>

#include "loadgen/base/access_log.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/base/time_text.hpp"

namespace squall::engine {
namespace {

constexpr std::size_t kShown = 60;  // bytes of what is wrong, in messages

// A decimal number of units as nanoseconds, without the rounding of a double: an epoch in seconds
// with nine decimals keeps all of them.
std::optional<Duration> parse_decimal(std::string_view text, std::int64_t unit_ns) {
  const bool negative = text.starts_with('-');
  if (negative) {
    text.remove_prefix(1);
  }
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view part = point == std::string_view::npos ? "" : text.substr(point + 1);
  const auto digits = [](std::string_view run) {
    return !run.empty() &&
           std::all_of(run.begin(), run.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  if (!digits(whole) || (point != std::string_view::npos && !digits(part))) {
    return std::nullopt;
  }
  constexpr std::int64_t kMost = Duration::max().count() / 4;  // differences stay in range
  std::int64_t value = 0;
  for (const char c : whole) {
    const std::int64_t digit = c - '0';
    if (value > (kMost / unit_ns - digit) / 10) {
      return std::nullopt;
    }
    value = value * 10 + digit;
  }
  value *= unit_ns;
  std::int64_t worth = unit_ns;
  for (const char c : part) {
    worth /= 10;
    value += worth * (c - '0');
  }
  return Duration(negative ? -value : value);
}

std::optional<Duration> parse_stamp(std::string_view text, std::int64_t unit_ns) {
  const std::string_view trimmed = trim(text);
  if (const auto date = parse_rfc3339(trimmed)) {
    return date->time_since_epoch();
  }
  return parse_decimal(trimmed, unit_ns);
}

tl::unexpected<Error> no_stamp(std::string_view text) {
  return fail(ErrorCode::kMalformed,
              fmt::format("\"{}\" is not a timestamp; right ones are 12.25, 1700000000.125 and "
                          "2023-11-14T22:13:20.125Z",
                          printable(trim(text), kShown)));
}

// The fields of one line of CSV, quotes undone.
Result<std::vector<std::string>> csv_fields(std::string_view line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
      fields.back() += c;
      ++i;
    } else if (c == '"' && (quoted || fields.back().empty())) {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  if (quoted) {
    return fail(ErrorCode::kMalformed, "a quoted field does not end on its line");
  }
  return fields;
}

// Finds the text of the timestamp in each line, for one format.
class StampFinder {
 public:
  explicit StampFinder(const TraceOptions& options) : options_(options) {}

  // The timestamp of a line; nothing for a line that holds none by its format.
  Result<std::optional<Duration>> find(std::string_view line) {
    switch (options_.format) {
      case TraceFormat::kLines:
        return line.starts_with('#') ? Result<std::optional<Duration>>(std::nullopt) : stamp(line);
      case TraceFormat::kCsv:
        return from_csv(line);
      case TraceFormat::kNdjson:
        return from_json(line);
      case TraceFormat::kLog:
        return from_log(line);
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] Result<std::optional<Duration>> stamp(std::string_view text) const {
    const auto parsed = parse_stamp(text, options_.unit_ns);
    if (!parsed) {
      return no_stamp(text);
    }
    return parsed;
  }

  Result<std::optional<Duration>> from_csv(std::string_view line) {
    const auto fields = csv_fields(line);
    if (!fields) {
      return fail(fields.error());
    }
    if (!column_) {
      const auto found = std::find_if(fields->begin(), fields->end(), [&](const std::string& name) {
        return trim(name) == options_.column;
      });
      if (found == fields->end()) {
        return fail(ErrorCode::kMalformed,
                    fmt::format("no column is called \"{}\": the first line names them, as in "
                                "\"time,path\"",
                                printable(options_.column, kShown)));
      }
      column_ = static_cast<std::size_t>(found - fields->begin());
      return std::nullopt;
    }
    if (*column_ >= fields->size()) {
      return fail(ErrorCode::kMalformed, fmt::format("the line has {} fields, none for \"{}\"",
                                                     fields->size(), options_.column));
    }
    return stamp((*fields)[*column_]);
  }

  Result<std::optional<Duration>> from_json(std::string_view line) {
    json_ = simdjson::padded_string(line);
    simdjson::ondemand::document document;
    simdjson::ondemand::value value;
    if (parser_.iterate(json_).get(document) != simdjson::SUCCESS) {
      return fail(ErrorCode::kMalformed, "the line is not a JSON object");
    }
    const bool pointer = options_.column.starts_with('/');
    const auto found = pointer ? document.at_pointer(options_.column).get(value)
                               : document.find_field(options_.column).get(value);
    if (found != simdjson::SUCCESS) {
      return fail(ErrorCode::kMalformed,
                  fmt::format("the line has no \"{}\"", printable(options_.column, kShown)));
    }
    std::string_view text;
    if (value.get_string().get(text) == simdjson::SUCCESS) {
      return stamp(text);
    }
    return stamp(value.raw_json_token());
  }

  static Result<std::optional<Duration>> from_log(std::string_view line) {
    const auto parsed = parse_access_log_line(line);
    if (!parsed) {
      return fail(parsed.error());
    }
    return parsed->time.time_since_epoch();
  }

  const TraceOptions& options_;
  std::optional<std::size_t> column_;
  simdjson::ondemand::parser parser_;
  simdjson::padded_string json_;
};

// One line without its end; false at the end of the file.
enum class Line : std::uint8_t { kRead, kEnd, kTooLong };
Line next_line(std::istream& in, std::string& line) {
  line.clear();
  for (int c = in.get(); c != std::istream::traits_type::eof(); c = in.get()) {
    if (c == '\n') {
      return Line::kRead;
    }
    if (line.size() >= kMaxTraceLine) {
      return Line::kTooLong;
    }
    line.push_back(static_cast<char>(c));
  }
  return line.empty() ? Line::kEnd : Line::kRead;
}

tl::unexpected<Error> at_line(Error error, const std::string& name, unsigned line) {
  error.where = SourceRef{name, line, error.where ? error.where->column : 1};
  return fail(std::move(error));
}

tl::unexpected<Error> at_line(std::string message, const std::string& name, unsigned line) {
  return at_line(Error{ErrorCode::kMalformed, std::move(message), {}}, name, line);
}

}  // namespace

Result<Trace> read_trace(std::istream& in, const std::string& name, const TraceOptions& options) {
  StampFinder finder(options);
  Trace trace;
  std::vector<Duration>& stamps = trace.offsets;
  std::string text;
  Duration latest{};
  unsigned number = 0;
  for (Line line = next_line(in, text); line != Line::kEnd; line = next_line(in, text)) {
    ++number;
    if (line == Line::kTooLong) {
      return at_line(fmt::format("a line of more than {} bytes", kMaxTraceLine), name, number);
    }
    if (trim(text).empty()) {
      continue;
    }
    const auto stamp = finder.find(text.ends_with('\r') ? text.substr(0, text.size() - 1) : text);
    if (!stamp) {
      return at_line(stamp.error(), name, number);
    }
    if (!*stamp) {
      continue;
    }
    if (stamps.size() >= kMaxTraceArrivals) {
      return at_line(fmt::format("more than {} timestamps", kMaxTraceArrivals), name, number);
    }
    if (!stamps.empty() && **stamp < latest) {
      ++trace.out_of_order;
      trace.first_out_of_order = trace.out_of_order == 1 ? number : trace.first_out_of_order;
    }
    latest = stamps.empty() ? **stamp : std::max(latest, **stamp);
    stamps.push_back(**stamp);
  }
  if (stamps.empty()) {
    return fail(ErrorCode::kMalformed, fmt::format("{} holds no timestamp", name));
  }
  if (trace.out_of_order > 0) {
    std::sort(stamps.begin(), stamps.end());
  }
  const Duration first = stamps.front();
  for (Duration& stamp : stamps) {
    stamp -= first;
  }
  return trace;
}

void spread_out(std::vector<Duration>& offsets, Duration spread) {
  for (std::size_t first = 0; first < offsets.size();) {
    const Duration at = offsets[first];
    std::size_t last = first + 1;  // one behind those at the same instant
    while (last < offsets.size() && offsets[last] == at) {
      ++last;
    }
    const Duration room = last < offsets.size() ? std::min(spread, offsets[last] - at) : spread;
    const auto count = static_cast<double>(last - first);
    for (std::size_t i = first; i < last; ++i) {
      const double share = static_cast<double>(i - first) / count;
      offsets[i] =
          at + Duration(static_cast<std::int64_t>(static_cast<double>(room.count()) * share));
    }
    first = last;
  }
}

}  // namespace squall::engine
