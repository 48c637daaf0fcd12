// Our histogram logs against the Java HdrHistogram (libhdrhistogram-java): it reads ours, we read
// its own, and both sides say the same. The fixtures are logs that Java wrote, with what it read
// from them, so that this holds without Java, too.
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/base/rng.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/stats/histogram_log.hpp"
#include "tests/paths.hpp"
#include "tests/support/files.hpp"
#include "tests/support/process.hpp"

namespace squall::stats {
namespace {

namespace fs = std::filesystem;

constexpr std::array kPercentiles = {0.0,  0.1,  25.0,  50.0,   75.0, 90.0,
                                     99.0, 99.9, 99.99, 99.999, 100.0};
constexpr const char* kJar = "/usr/share/java/hdrhistogram.jar";

// Runs HdrPeer.java from its source, which a JRE can do. A missing java is a failure that says what
// to install.
void run_peer(const std::string& verb, const std::string& folder) {
  ASSERT_TRUE(fs::exists(kJar)) << "install libhdrhistogram-java (ci/setup does)";
  const test::ProcessResult result = test::run_program(
      {"java", "-XX:TieredStopAtLevel=1", "-Duser.language=en", "-cp", kJar,
       SQUALL_SOURCE_DIR "/tests/compat/HdrPeer.java", verb, folder},
      std::chrono::minutes(5));  // it compiles first; what ends a hang is the limit of ctest
  ASSERT_NE(result.exit_code, 127)
      << "cannot start java: install default-jre-headless (ci/setup does)";
  ASSERT_EQ(result.exit_code, 0) << "HdrPeer " << verb << ": " << result.errors;
}

std::vector<fs::path> logs_in(const fs::path& folder) {
  std::vector<fs::path> logs;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".hlog") {
      logs.push_back(entry.path());
    }
  }
  std::sort(logs.begin(), logs.end());
  return logs;
}

// The sum of all intervals in the widest layout of them, as the peer makes it.
Histogram sum_of(const HistogramLog& log) {
  HistogramLayout layout = log.intervals.front().histogram.layout();
  for (const LogInterval& interval : log.intervals) {
    layout.highest_trackable =
        std::max(layout.highest_trackable, interval.histogram.layout().highest_trackable);
  }
  // By bucket, not by value: Java logs may hold values above the highest one that they declare (in
  // its last bucket).
  Histogram sum(layout);
  std::vector<std::uint64_t> counts(layout.bucket_count());
  for (const LogInterval& interval : log.intervals) {
    for (std::size_t i = 0; i < interval.histogram.counts().size(); ++i) {
      counts.at(i) += interval.histogram.counts()[i];
    }
  }
  EXPECT_TRUE(sum.assign_counts(counts, 0));
  return sum;
}

void expect_equals_row(const Histogram& histogram, const std::vector<std::string_view>& row) {
  const auto integer = [&](std::size_t i) { return std::stoll(std::string(row.at(i))); };
  const auto real = [&](std::size_t i) { return std::stod(std::string(row.at(i))); };
  EXPECT_EQ(static_cast<long long>(histogram.count()), integer(3));
  EXPECT_EQ(histogram.min(), integer(4));
  EXPECT_EQ(histogram.max(), integer(5));
  EXPECT_DOUBLE_EQ(histogram.mean(), real(6));
  EXPECT_NEAR(histogram.stddev(), real(7), 1e-9 * (1 + real(7)));
  for (std::size_t i = 0; i < kPercentiles.size(); ++i) {
    EXPECT_EQ(histogram.value_at_percentile(kPercentiles[i]), integer(8 + i)) << kPercentiles[i];
  }
}

// What we read from `path` against what the peer wrote beside it.
void expect_same_reading(const fs::path& path) {
  SCOPED_TRACE(path.string());
  const Result<HistogramLog> log = parse_hlog(test::read_file(path));
  ASSERT_TRUE(log.has_value()) << to_string(log.error());
  const std::string table = test::read_file(fs::path(path).replace_extension(".tsv"));
  std::vector<std::string_view> rows = split(table, '\n');
  ASSERT_EQ(rows.size(), log->intervals.size() + 2);
  for (std::size_t i = 0; i < log->intervals.size(); ++i) {
    SCOPED_TRACE(i);
    const LogInterval& interval = log->intervals[i];
    const std::vector<std::string_view> row = split(rows[i], '\t');
    EXPECT_EQ(interval.tag, row.at(0));
    const double start_ms =
        to_seconds(log->start.time_since_epoch()) * 1e3 + interval.start_s * 1e3;
    EXPECT_NEAR(start_ms, std::stod(std::string(row.at(1))), 1.01);
    EXPECT_NEAR(start_ms + interval.length_s * 1e3, std::stod(std::string(row.at(2))), 1.01);
    expect_equals_row(interval.histogram, row);
  }
  const Histogram sum = sum_of(*log);
  expect_equals_row(sum, split(rows[log->intervals.size()], '\t'));
  EXPECT_EQ(to_hgrm(sum, 1000.0), test::read_file(fs::path(path).replace_extension(".hgrm")));
}

TEST(HdrCompat, ReadsTheFixturesAsJavaDid) {
  const std::vector<fs::path> logs = logs_in(SQUALL_SOURCE_DIR "/tests/compat/fixtures");
  ASSERT_GE(logs.size(), 5U);
  for (const fs::path& log : logs) {
    expect_same_reading(log);
  }
}

TEST(HdrCompat, ReadsTheFixturesTimesAndTags) {
  const auto log =
      parse_hlog(test::read_file(SQUALL_SOURCE_DIR "/tests/compat/fixtures/java-bimodal-1.hlog"));
  ASSERT_TRUE(log.has_value()) << to_string(log.error());
  EXPECT_EQ(log->start.time_since_epoch(), std::chrono::milliseconds(1'700'000'000'250));
  ASSERT_EQ(log->intervals.size(), 4U);
  EXPECT_EQ(log->intervals[0].tag, "");
  EXPECT_EQ(log->intervals[1].tag, "tag-1");
  EXPECT_DOUBLE_EQ(log->intervals[3].start_s, 3.0);
  EXPECT_DOUBLE_EQ(log->intervals[3].length_s, 1.0);
  EXPECT_NEAR(log->intervals[3].max_unit, 31.064, 1e-9);
  EXPECT_EQ(log->intervals[2].histogram.count(), 0U);
}

TEST(HdrCompat, ReadsJavasLogsAsJavaDoes) {
  const test::TestDirectory folder;
  ASSERT_NO_FATAL_FAILURE(run_peer("write", folder.path()));
  ASSERT_NO_FATAL_FAILURE(run_peer("read", folder.path()));
  const std::vector<fs::path> logs = logs_in(folder.path());
  ASSERT_EQ(logs.size(), 15U);
  for (const fs::path& log : logs) {
    expect_same_reading(log);
  }
}

std::int64_t draw(Rng& rng, unsigned shape) {
  switch (shape) {
    case 0:
      return static_cast<std::int64_t>(std::exp(8 + 2 * rng.next_normal()));
    case 1:
      return static_cast<std::int64_t>(rng.next_below(5000));
    case 2:
      return static_cast<std::int64_t>(rng.next_exponential() * 2e8);
    default:
      return static_cast<std::int64_t>(rng.next_bits() >> (rng.next_bits() % 40 + 24));
  }
}

TEST(HdrCompat, JavaReadsOurLogsAsWeDo) {
  const test::TestDirectory folder;
  const WallTime start(std::chrono::milliseconds(1'650'000'000'125));
  std::map<std::string, HistogramLog> written;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    for (unsigned shape = 0; shape < 4; ++shape) {
      Rng rng(StreamId(seed, "compat", "values", shape));
      HistogramLog log{start, {}};
      std::string text = hlog_header(start, "[written by squall]\nsecond line");
      for (int i = -1; i < 3; ++i) {
        LogInterval interval{i == 0 ? "buy.charge" : "", static_cast<double>(i), 1, 0,
                             Histogram(shape == 3 ? kLagLayout : kSpanLayout)};
        for (int n = 0; n < (i == 1 ? 0 : 2000); ++n) {
          interval.histogram.record_n(draw(rng, shape),
                                      shape == 3 ? rng.next_below(1 << 20) + 1 : 1);
        }
        interval.max_unit = static_cast<double>(interval.histogram.max()) / 1000;
        text += hlog_line(interval);
        log.intervals.push_back(std::move(interval));
      }
      const std::string name =
          "ours-" + std::to_string(shape) + "-" + std::to_string(seed) + ".hlog";
      std::ofstream(folder / name) << text;
      written.emplace(name, std::move(log));
    }
  }
  ASSERT_NO_FATAL_FAILURE(run_peer("read", folder.path()));
  for (const auto& [name, log] : written) {
    expect_same_reading(folder / name);
    const Result<HistogramLog> back = parse_hlog(test::read_file(folder / name));
    ASSERT_TRUE(back.has_value());
    ASSERT_EQ(back->intervals.size(), log.intervals.size());
    EXPECT_EQ(back->start, start);
    for (std::size_t i = 0; i < log.intervals.size(); ++i) {
      EXPECT_EQ(back->intervals[i].histogram.count(), log.intervals[i].histogram.count());
      EXPECT_EQ(back->intervals[i].start_s, log.intervals[i].start_s);
    }
  }
}

}  // namespace
}  // namespace squall::stats
