#include "loadgen/base/units.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string_view>
#include <vector>

namespace squall {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(ParseDuration, ReadsEveryUnitAndSums) {
  const std::vector<std::pair<std::string_view, Duration>> cases{
      {"0", 0ns},     {"0s", 0ns},           {"40ns", 40ns},
      {"80us", 80us}, {"80\xc2\xb5s", 80us}, {"250ms", 250ms},
      {"2s", 2s},     {"1.5s", 1500ms},      {"5m", 5min},
      {"1h", 1h},     {"1m30s", 90s},        {"1h0.5m", 60min + 30s},
      {"0.4ns", 0ns}, {"0.6ns", 1ns},        {"36500h", 36500h},
  };
  for (const auto& [text, expected] : cases) {
    const auto parsed = parse_duration(text);
    ASSERT_TRUE(parsed) << text << ": " << parsed.error().message;
    EXPECT_EQ(*parsed, expected) << text;
  }
}

TEST(ParseDuration, RejectsAndShowsARightOne) {
  for (const std::string_view text :
       {"",       "5",    "s",    "-5s",      "+5s",      "5 s",
        " 5s",    "5s ",  "5sec", "1e3s",     "inf",      "nan",
        "infs",   "5S",   "1s0",  "5,5s",     "1000000h", "99999999999999999999999h",
        "1m 30s", "0x5s", "\xff", "1s\x1b[2J"}) {
    const auto parsed = parse_duration(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(parsed.error().message, HasSubstr("\"250ms\"")) << text;
    EXPECT_EQ(parsed.error().message.find('\x1b'), std::string::npos) << "messages reach terminals";
  }
  EXPECT_EQ(parse_duration("250").error().message,
            "\"250\" is not a duration; write for example \"250ms\", \"2s\" or \"1m30s\"");
}

TEST(ParseDuration, TakesASignOnlyWhereItIsAllowed) {
  EXPECT_EQ(*parse_duration("-300s", Sign::kAny), -300s);
  EXPECT_EQ(*parse_duration("+300s", Sign::kAny), 300s);
  EXPECT_EQ(*parse_duration("-0", Sign::kAny), 0s);
  EXPECT_FALSE(parse_duration("--300s", Sign::kAny));
  EXPECT_FALSE(parse_duration("-", Sign::kAny));
  EXPECT_FALSE(parse_duration("-300s"));
}

TEST(ParseRate, ReadsPerSecondMinuteHourWithMultiples) {
  EXPECT_DOUBLE_EQ(parse_rate("200/s")->per_second, 200);
  EXPECT_DOUBLE_EQ(parse_rate("3000/m")->per_second, 50);
  EXPECT_DOUBLE_EQ(parse_rate("36/h")->per_second, 0.01);
  EXPECT_DOUBLE_EQ(parse_rate("20k/s")->per_second, 20000);
  EXPECT_DOUBLE_EQ(parse_rate("1.5M/s")->per_second, 1.5e6);
  EXPECT_DOUBLE_EQ(parse_rate("0/s")->per_second, 0);
  for (const std::string_view text :
       {"", "200", "/s", "-1/s", "200 /s", "200/d", "200kk/s", "1e9/s", "2000M/s", "nan/s"}) {
    EXPECT_FALSE(parse_rate(text)) << text;
  }
}

TEST(ParseShare, ReadsPercentAndFraction) {
  EXPECT_DOUBLE_EQ(parse_share("5%")->fraction, 0.05);
  EXPECT_DOUBLE_EQ(parse_share("0.05")->fraction, 0.05);
  EXPECT_DOUBLE_EQ(parse_share("100%")->fraction, 1);
  EXPECT_DOUBLE_EQ(parse_share("0")->fraction, 0);
  for (const std::string_view text : {"", "%", "101%", "1.1", "-1%", "5 %", "5%%", "5percent"}) {
    EXPECT_FALSE(parse_share(text)) << text;
  }
}

TEST(ParseBytes, ReadsDecimalAndBinaryUnits) {
  EXPECT_EQ(parse_bytes("512")->bytes, 512U);
  EXPECT_EQ(parse_bytes("512B")->bytes, 512U);
  EXPECT_EQ(parse_bytes("64KiB")->bytes, 65536U);
  EXPECT_EQ(parse_bytes("10MB")->bytes, 10'000'000U);
  EXPECT_EQ(parse_bytes("1.5GiB")->bytes, 1610612736U);
  for (const std::string_view text :
       {"", "KiB", "-1B", "10 MB", "10Mb", "10TB", "1e30", "99999999GiB"}) {
    EXPECT_FALSE(parse_bytes(text)) << text;
  }
}

TEST(FormatDuration, KeepsThreeDigitsAndTheLargestFittingUnit) {
  const std::vector<std::pair<Duration, std::string_view>> cases{
      {0ns, "0ns"},
      {999ns, "999ns"},
      {1us, "1us"},
      {1240us, "1.24ms"},
      {37040ns, "37.0us"},
      {999600ns, "1.00ms"},
      {999ms, "999ms"},
      {2s, "2s"},
      {90s, "90s"},
      {120s, "2m"},
      {7200s, "2h"},
      {-5ms, "-5ms"},
      {Duration::max(), "2562048h"},
      {999499us, "999ms"},
  };
  for (const auto& [duration, expected] : cases) {
    EXPECT_EQ(format_duration(duration), expected) << duration.count();
  }
}

TEST(FormatRate, NeverPrintsARateThatIsNotZeroAsZero) {
  EXPECT_EQ(format_rate({0}), "0/s");
  EXPECT_EQ(format_rate({200}), "200/s");
  EXPECT_EQ(format_rate({12.5}), "12.5/s");
  EXPECT_EQ(format_rate({0.5}), "0.50/s");
  EXPECT_EQ(format_rate({3.0 / 60}), "3/m");
  EXPECT_EQ(format_rate({1.0 / 3600}), "1/h");
  EXPECT_EQ(format_rate({1e-9}), "3.6e-06/h");
}

TEST(FormatShare, ShowsSmallShares) {
  EXPECT_EQ(format_share({0}), "0%");
  EXPECT_EQ(format_share({0.05}), "5%");
  EXPECT_EQ(format_share({0.0025}), "0.25%");
  EXPECT_EQ(format_share({0.00001}), "0.001%");
  EXPECT_EQ(format_share({1}), "100%");
}

TEST(FormatBytes, NeverPrints1024OfAUnit) {
  EXPECT_EQ(format_bytes({0}), "0B");
  EXPECT_EQ(format_bytes({1023}), "1023B");
  EXPECT_EQ(format_bytes({1024}), "1KiB");
  EXPECT_EQ(format_bytes({1048575}), "1.00MiB");
  EXPECT_EQ(format_bytes({1572864}), "1.50MiB");
  EXPECT_EQ(format_bytes({1073741823}), "1.00GiB");
}

TEST(Format, IsReadBackToTheSameValue) {
  for (const Duration duration :
       std::vector<Duration>{0ns, 1ns, 250us, 40ms, 2s, 90s, 300s, 7200s}) {
    EXPECT_EQ(*parse_duration(format_duration(duration)), duration);
  }
  for (const double rate : {0.0, 0.25, 12.5, 200.0, 20000.0}) {
    EXPECT_DOUBLE_EQ(parse_rate(format_rate({rate}))->per_second, rate);
  }
}

TEST(Literals, SayWhatTheyMean) {
  using namespace squall::literals;
  EXPECT_EQ(100_per_s, Rate{100});
  EXPECT_EQ(5_percent, Share{0.05});
  EXPECT_EQ(2_MiB, ByteCount{2097152});
}

}  // namespace
}  // namespace squall
