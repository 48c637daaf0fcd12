#include "loadgen/model/clock_move.hpp"

#include <gtest/gtest.h>

#include "loadgen/base/clock_rate.hpp"
#include "loadgen/base/time_text.hpp"

namespace squall::model {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::string next(ClockBoundary boundary, std::string_view now) {
  std::string text;
  append_iso8601(next_boundary(boundary, *parse_rfc3339(now)), text);
  return text;
}

TEST(ClockBoundary, IsTheNextOne) {
  EXPECT_EQ(next(ClockBoundary::kMidnight, "2026-11-27T22:13:20Z"), "2026-11-28T00:00:00.000Z");
  EXPECT_EQ(next(ClockBoundary::kMonthEnd, "2026-11-27T22:13:20Z"), "2026-12-01T00:00:00.000Z");
  EXPECT_EQ(next(ClockBoundary::kMonthEnd, "2026-12-31T23:59:59Z"), "2027-01-01T00:00:00.000Z");
  EXPECT_EQ(next(ClockBoundary::kYearEnd, "2026-01-01T00:00:00Z"), "2027-01-01T00:00:00.000Z");
  EXPECT_EQ(next(ClockBoundary::kLeapDay, "2026-11-27T22:13:20Z"), "2028-02-29T00:00:00.000Z");
  EXPECT_EQ(next(ClockBoundary::kLeapDay, "2028-02-28T23:59:59Z"), "2028-02-29T00:00:00.000Z");
  EXPECT_EQ(next(ClockBoundary::kLeapDay, "2028-02-29T12:00:00Z"), "2032-02-29T00:00:00.000Z");
  EXPECT_EQ(next(ClockBoundary::k32Bits, "2026-11-27T22:13:20Z"), "2038-01-19T03:14:08.000Z");
}

TEST(ClockBoundary, NamesGoBothWays) {
  for (const char* name : {"midnight", "month_end", "year_end", "leap_day", "32_bits"}) {
    const auto boundary = clock_boundary_from(name);
    ASSERT_TRUE(boundary) << name;
    EXPECT_EQ(to_string(*boundary), name);
  }
  EXPECT_EQ(clock_boundary_from("noon"), std::nullopt);
}

TEST(ClockMove, SaysWhatItDoes) {
  EXPECT_EQ(ClockMove{.offset = hours(1)}.text(), "1h ahead");
  EXPECT_EQ((ClockMove{.offset = -hours(1), .rate = -1}.text()), "1h behind, standing still");
  EXPECT_EQ(ClockMove{.rate = 500e-6}.text(), "gaining 500ppm");
  EXPECT_EQ((ClockMove{.offset = seconds(5), .every = milliseconds(200)}.text()),
            "5s ahead and back every 200ms");
  EXPECT_EQ((ClockMove{.offset = -seconds(2), .boundary = ClockBoundary::kMidnight}.text()),
            "to 2s before midnight");
  EXPECT_EQ(ClockMove{.to = parse_rfc3339("2038-01-19T03:14:05Z")}.text(),
            "to 2038-01-19T03:14:05.000Z");
}

TEST(ClockRate, IsReadInItsTwoForms) {
  EXPECT_DOUBLE_EQ(parse_clock_rate("500ppm").value_or(0), 500e-6);
  EXPECT_DOUBLE_EQ(parse_clock_rate("-200ppm").value_or(0), -200e-6);
  EXPECT_DOUBLE_EQ(parse_clock_rate("2s/m").value_or(0), 2.0 / 60);
  EXPECT_DOUBLE_EQ(parse_clock_rate("-1ms/1s").value_or(0), -1e-3);
  for (const char* wrong : {"", "ppm", "0ppm", "5", "1s/", "/m", "1d/1us", "1.2.3ppm"}) {
    EXPECT_EQ(parse_clock_rate(wrong), std::nullopt) << wrong;
  }
}

}  // namespace
}  // namespace squall::model
