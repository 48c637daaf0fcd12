#include "loadgen/stats/histogram_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/stats/histogram_codec.hpp"

namespace squall::stats {
namespace {

using testing::HasSubstr;

std::string one_value(std::int64_t value) {
  Histogram histogram;
  histogram.record(value);
  return encode_v2_base64(histogram);
}

TEST(HistogramLog, HeaderIsWhatReadersExpect) {
  EXPECT_EQ(hlog_header(WallTime(std::chrono::milliseconds(1'700'000'000'250)),
                        "[plan checkout]\n\nrun 7"),
            "# [plan checkout]\n"
            "#run 7\n"
            "#[Histogram log format version 1.3]\n"
            "#[BaseTime: 1700000000.250 (seconds since epoch)]\n"
            "#[StartTime: 1700000000.250 (seconds since epoch), Tue Nov 14 22:13:20 UTC 2023]\n"
            "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_"
            "Histogram\"\n");
}

TEST(HistogramLog, LineHasTagTimesMaximumAndHistogram) {
  Histogram histogram;
  histogram.record(1500);
  EXPECT_EQ(hlog_line({"buy.charge", -1, 1, 1.5, histogram}),
            "Tag=buy.charge,-1.000,1.000,1.500," + one_value(1500) + "\n");
  EXPECT_EQ(hlog_line({"", 0.25, 1, 1.5, histogram}),
            "0.250,1.000,1.500," + one_value(1500) + "\n");
}

TEST(HistogramLog, ATagCannotBreakTheLine) {
  const std::string line = hlog_line({"a,b c\nd\re", 0, 1, 0, Histogram()});
  EXPECT_EQ(line.substr(0, 15), "Tag=a_b_c_d_e,0");
  const Result<HistogramLog> log = parse_hlog(line);
  ASSERT_TRUE(log.has_value());
  EXPECT_EQ(log->intervals.at(0).tag, "a_b_c_d_e");
}

TEST(HistogramLog, RoundTrips) {
  const WallTime start(std::chrono::milliseconds(1'650'000'000'001));
  std::string text = hlog_header(start, "");
  for (int i = -2; i < 5; ++i) {
    Histogram histogram;
    histogram.record_n(i + 100, 3);
    text += hlog_line({i % 2 == 0 ? "even" : "", static_cast<double>(i), 1, 0.1, histogram});
  }
  const Result<HistogramLog> log = parse_hlog(text);
  ASSERT_TRUE(log.has_value()) << to_string(log.error());
  EXPECT_EQ(log->start, start);
  ASSERT_EQ(log->intervals.size(), 7U);
  EXPECT_EQ(log->intervals[0].start_s, -2.0);
  EXPECT_EQ(log->intervals[0].tag, "even");
  EXPECT_EQ(log->intervals[1].tag, "");
  EXPECT_EQ(log->intervals[6].histogram.max(), 104);
}

TEST(HistogramLog, UnderstandsAbsoluteAndRelativeTimes) {
  const std::string line = ",1.000,0.100," + one_value(5) + "\r\n";
  const auto start_of = [](const Result<HistogramLog>& log) {
    return to_seconds(log.value().start.time_since_epoch());
  };
  const auto absolute =
      parse_hlog("#[StartTime: 1700000000.000 (seconds since epoch), x]\n1700000003.500" + line);
  EXPECT_DOUBLE_EQ(start_of(absolute), 1.7e9);
  EXPECT_NEAR(absolute->intervals.at(0).start_s, 3.5, 1e-6);
  const auto relative =
      parse_hlog("#[StartTime: 1700000000.000 (seconds since epoch), x]\n3.500" + line);
  EXPECT_NEAR(relative->intervals.at(0).start_s, 3.5, 1e-6);
  const auto bare = parse_hlog("3.500" + line + "4.500" + line);
  EXPECT_DOUBLE_EQ(start_of(bare), 3.5);
  EXPECT_DOUBLE_EQ(bare->intervals.at(1).start_s, 1);
  const auto base = parse_hlog("#[BaseTime: 1700000000.000 (seconds since epoch)]\n3.500" + line);
  EXPECT_DOUBLE_EQ(start_of(base), 1.7e9);
  EXPECT_DOUBLE_EQ(base->intervals.at(0).start_s, 3.5);
}

TEST(HistogramLog, AnEmptyLogIsALog) {
  EXPECT_TRUE(parse_hlog("").has_value());
  const auto log = parse_hlog(hlog_header(WallTime(std::chrono::seconds(5)), "nothing happened"));
  ASSERT_TRUE(log.has_value());
  EXPECT_TRUE(log->intervals.empty());
  EXPECT_EQ(log->start, WallTime(std::chrono::seconds(5)));
}

TEST(HistogramLog, SaysWhichLineIsWrong) {
  const std::string good = "0.0,1.0,0.1," + one_value(5) + "\n";
  const std::vector<std::string> wrong = {
      "garbage",
      "1,2,3",
      "1,2,3,4,5",
      "Tag=x,1,2,3",
      "x,1.0,0.1," + one_value(5),
      "0.0,nan,0.1," + one_value(5),
      "0.0,1.0,inf," + one_value(5),
      "1e300,1.0,0.1," + one_value(5),
      "0.0,1.0,0.1,",
      "0.0,1.0,0.1,AAAA",
      "0.0,1.0,0.1," + one_value(5) + "x",
      "#[StartTime: yesterday]",
      "#[BaseTime: 1e18 (seconds since epoch)]",
      "#[Histogram log format version 7.0]",
  };
  for (const std::string& line : wrong) {
    const Result<HistogramLog> log = parse_hlog("# comment\n" + good + line + "\n" + good);
    ASSERT_FALSE(log.has_value()) << line;
    EXPECT_EQ(log.error().code, ErrorCode::kMalformed) << line;
    ASSERT_TRUE(log.error().where.has_value());
    EXPECT_EQ(log.error().where->line, 3U) << line;
  }
}

TEST(HistogramLog, ManyHugeHistogramsAreRefused) {
  // Each line is short and asks for 48 MB.
  Histogram histogram(HistogramLayout{std::int64_t{1} << 62, 5});
  histogram.record(std::int64_t{1} << 62);
  const std::string line = "0,1,0," + encode_v2_base64(histogram) + "\n";
  ASSERT_LT(line.size(), 200U);
  std::string text;
  for (int i = 0; i < 3; ++i) {
    text += line;
  }
  const Result<HistogramLog> log = parse_hlog(text, 100'000'000);
  ASSERT_FALSE(log.has_value());
  EXPECT_EQ(log.error().code, ErrorCode::kExhausted);
}

TEST(Hgrm, PrintsAsHdrHistogramDoes) {
  Histogram histogram;
  for (int i = 1; i <= 4; ++i) {
    histogram.record(i * 1000);
  }
  EXPECT_EQ(to_hgrm(histogram, 1000.0, 1),
            "       Value     Percentile TotalCount 1/(1-Percentile)\n"
            "\n"
            "       1.000 0.000000000000          1           1.00\n"
            "       2.000 0.500000000000          2           2.00\n"
            "       3.001 0.750000000000          3           4.00\n"
            "       4.001 0.875000000000          4           8.00\n"
            "       4.001 1.000000000000          4\n"
            "#[Mean    =        2.501, StdDeviation   =        1.118]\n"
            "#[Max     =        4.001, Total count    =            4]\n"
            "#[Buckets =           22, SubBuckets     =         2048]\n");
}

TEST(Hgrm, OfNothingIsATableWithoutLines) {
  const std::string text = to_hgrm(Histogram(), 1.0);
  EXPECT_THAT(text, HasSubstr("#[Max     =        0.000, Total count    =            0]"));
  EXPECT_THAT(text, testing::Not(HasSubstr("nan")));
}

// The distance to 100% halves at most 62 times, however many values there are.
TEST(Hgrm, EndsWithEnormousCounts) {
  Histogram histogram;
  histogram.record_n(1, (1ULL << 63U) - 3);
  histogram.record_n(2, 1);
  histogram.record_n(3, 1);
  const std::string text = to_hgrm(histogram, 1.0, 5);
  EXPECT_LT(text.size(), 100'000U);
  EXPECT_THAT(text, HasSubstr("3.000 1.000000000000"));
}

}  // namespace
}  // namespace squall::stats
