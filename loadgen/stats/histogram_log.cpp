#include "loadgen/stats/histogram_log.hpp"

#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/chrono.h>
#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/stats/histogram_codec.hpp"

namespace squall::stats {
namespace {

constexpr std::string_view kVersionStart = "#[Histogram log format version ";
constexpr std::string_view kBaseStart = "#[BaseTime: ";
constexpr std::string_view kStartStart = "#[StartTime: ";
constexpr std::string_view kTagStart = "Tag=";
// About 285 years: what WallTime holds, whichever way two such times are added.
constexpr double kMostSeconds = 4.5e9;
constexpr double kMostUnits = 1e19;
// A first stamp this far before the start time cannot be an absolute one (HdrHistogram's rule).
constexpr double kYearSeconds = 365.0 * 24 * 3600;

double finite(double value) {
  return std::isfinite(value) ? value : 0.0;
}

// The whole of `text` as a finite number that is not beyond `most` on either side.
std::optional<double> parse_number(std::string_view text, double most) {
  text = trim(text);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(std::abs(value) <= most)) {
    return std::nullopt;
  }
  return value;
}

// The number right after a header's name: "1700000000.123 (seconds since epoch), Tue …]".
std::optional<double> parse_header_seconds(std::string_view rest) {
  return parse_number(rest.substr(0, rest.find_first_of(" ]")), kMostSeconds);
}

struct Line {
  std::string_view tag;
  double stamp = 0;
  double length_s = 0;
  double max_unit = 0;
  std::string_view payload;
};

Result<Line> split_line(std::string_view text) {
  std::vector<std::string_view> fields = split(text, ',');
  Line line;
  if (fields[0].substr(0, kTagStart.size()) == kTagStart) {
    line.tag = trim(fields[0].substr(kTagStart.size()));
    fields.erase(fields.begin());
  }
  if (fields.size() != 4) {
    return fail(ErrorCode::kMalformed,
                "expected [Tag=name,]start,length,max,histogram in a histogram log");
  }
  const std::optional<double> stamp = parse_number(fields[0], kMostSeconds);
  const std::optional<double> length = parse_number(fields[1], kMostSeconds);
  const std::optional<double> max_unit = parse_number(fields[2], kMostUnits);
  if (!stamp || !length || !max_unit) {
    return fail(ErrorCode::kMalformed,
                "expected three numbers before the histogram in a histogram log");
  }
  line.stamp = *stamp;
  line.length_s = *length;
  line.max_unit = *max_unit;
  line.payload = trim(fields[3]);
  return line;
}

// One pass over the lines. Times are kept as written until all headers are known: HdrHistogram
// takes whatever base the first interval was read with.
class LogParser {
 public:
  explicit LogParser(std::size_t most_count_bytes) : most_count_bytes_(most_count_bytes) {}

  Result<void> take(std::string_view line) {
    if (line.empty() || line.front() == '"') {
      return {};
    }
    return line.front() == '#' ? take_comment(line) : take_interval(line);
  }
  HistogramLog finish() {
    // A double holds today's seconds to the microsecond and not to the nanosecond.
    const double micros = std::round(start_.value_or(base_.value_or(0)) * 1e6);
    log_.start = WallTime(std::chrono::microseconds(static_cast<std::int64_t>(micros)));
    return std::move(log_);
  }

 private:
  Result<void> take_comment(std::string_view line) {
    if (line.substr(0, kVersionStart.size()) == kVersionStart) {
      const std::string_view version = line.substr(kVersionStart.size());
      if (version.substr(0, 2) != "1.") {
        return fail(ErrorCode::kMalformed, "a histogram log of a version other than 1");
      }
      return {};
    }
    const bool is_base = line.substr(0, kBaseStart.size()) == kBaseStart;
    const bool is_start = line.substr(0, kStartStart.size()) == kStartStart;
    if (!is_base && !is_start) {
      return {};
    }
    const std::optional<double> seconds =
        parse_header_seconds(line.substr(is_base ? kBaseStart.size() : kStartStart.size()));
    if (!seconds) {
      return fail(ErrorCode::kMalformed, "not a time in seconds since the epoch");
    }
    if (log_.intervals.empty()) {
      (is_base ? base_ : start_) = seconds;
    }
    return {};
  }

  Result<void> take_interval(std::string_view text) {
    Result<Line> line = split_line(text);
    if (!line) {
      return fail(line.error());
    }
    Result<Histogram> histogram = decode_v2_base64(line->payload);
    if (!histogram) {
      return fail(histogram.error());
    }
    count_bytes_ += histogram->counts().size_bytes();
    if (count_bytes_ > most_count_bytes_) {
      return fail(ErrorCode::kExhausted, fmt::format("the histograms of the log need more than {}",
                                                     format_bytes({most_count_bytes_})));
    }
    settle_times(line->stamp);
    log_.intervals.push_back({std::string(line->tag), line->stamp + (*base_ - *start_),
                              line->length_s, line->max_unit, std::move(*histogram)});
    return {};
  }

  // What the headers left open is deduced from the first stamp.
  void settle_times(double first_stamp) {
    if (!start_) {
      start_ = base_ ? *base_ : first_stamp;
    }
    if (!base_) {
      base_ = first_stamp < *start_ - kYearSeconds ? *start_ : 0.0;
    }
  }

  HistogramLog log_;
  std::optional<double> base_;
  std::optional<double> start_;
  std::size_t most_count_bytes_;
  std::size_t count_bytes_ = 0;
};

}  // namespace

std::string hlog_header(WallTime start, std::string_view comment) {
  std::string out;
  for (const std::string_view line : split(comment, '\n')) {
    // "#[" would be taken for a header by readers.
    const std::string_view text = trim(line);
    out += text.empty() ? "" : fmt::format("#{}{}\n", text.front() == '[' ? " " : "", text);
  }
  const double seconds = to_seconds(start.time_since_epoch());
  const auto whole = std::chrono::floor<std::chrono::seconds>(start.time_since_epoch()).count();
  out += fmt::format("{}1.3]\n", kVersionStart);
  out += fmt::format("{}{:.3f} (seconds since epoch)]\n", kBaseStart, seconds);
  out += fmt::format("{}{:.3f} (seconds since epoch), {:%a %b %d %H:%M:%S} UTC {:%Y}]\n",
                     kStartStart, seconds, fmt::gmtime(whole), fmt::gmtime(whole));
  out +=
      "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n";
  return out;
}

std::string hlog_line(const LogInterval& interval) {
  std::string tag = interval.tag;
  for (char& c : tag) {
    if (c == ',' || static_cast<unsigned char>(c) <= ' ') {
      c = '_';
    }
  }
  return fmt::format("{}{}{}{:.3f},{:.3f},{:.3f},{}\n", tag.empty() ? "" : kTagStart, tag,
                     tag.empty() ? "" : ",", finite(interval.start_s), finite(interval.length_s),
                     finite(interval.max_unit), encode_v2_base64(interval.histogram));
}

Result<HistogramLog> parse_hlog(std::string_view text, std::size_t most_count_bytes) {
  LogParser parser(most_count_bytes);
  unsigned number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = std::min(text.find('\n'), text.size());
    const Result<void> taken = parser.take(trim(text.substr(0, end)));
    if (!taken) {
      Error error = taken.error();
      error.where = SourceRef{"", number, 1};
      return fail(std::move(error));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parser.finish();
}

}  // namespace squall::stats
