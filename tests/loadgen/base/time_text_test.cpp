#include "loadgen/base/time_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "loadgen/base/clock.hpp"

namespace squall {
namespace {

using namespace std::chrono_literals;

struct TimeCase {
  Duration since_epoch;
  std::string_view iso;
  std::string_view http;
};

TEST(TimeText, WritesBothForms) {
  const TimeCase cases[]{
      {0s, "1970-01-01T00:00:00.000Z", "Thu, 01 Jan 1970 00:00:00 GMT"},
      {1'700'000'000s, "2023-11-14T22:13:20.000Z", "Tue, 14 Nov 2023 22:13:20 GMT"},
      {784'111'777s + 999'999'999ns, "1994-11-06T08:49:37.999Z", "Sun, 06 Nov 1994 08:49:37 GMT"},
      {951'782'400s, "2000-02-29T00:00:00.000Z", "Tue, 29 Feb 2000 00:00:00 GMT"},
      {2'147'483'648s, "2038-01-19T03:14:08.000Z", "Tue, 19 Jan 2038 03:14:08 GMT"},
      {-1ns, "1969-12-31T23:59:59.999Z", "Wed, 31 Dec 1969 23:59:59 GMT"},
      {-86'400s, "1969-12-31T00:00:00.000Z", "Wed, 31 Dec 1969 00:00:00 GMT"},
      {Duration::max(), "2262-04-11T23:47:16.854Z", "Fri, 11 Apr 2262 23:47:16 GMT"},
      {Duration::min(), "1677-09-21T00:12:43.145Z", "Tue, 21 Sep 1677 00:12:43 GMT"},
  };
  for (const TimeCase& one : cases) {
    std::string iso = "> ";
    append_iso8601(WallTime(one.since_epoch), iso);
    EXPECT_EQ(iso.substr(2), one.iso);
    std::string http;
    append_http_date(WallTime(one.since_epoch), http);
    EXPECT_EQ(http, one.http);
  }
}

TEST(ManualClock, MovesBothOrOnlyTheWall) {
  ManualClock clock;
  const TimePoint now = clock.now();
  const WallTime wall = clock.wall_now();
  clock.advance(5s);
  clock.step_wall(-300s);
  EXPECT_EQ(clock.now() - now, 5s);
  EXPECT_EQ(clock.wall_now() - wall, -295s);
}

TEST(SystemClock, MovesForward) {
  const TimePoint before = monotonic_now();
  EXPECT_LE(before, SystemClock().now());
  EXPECT_GT(wall_clock_now(), WallTime(1'600'000'000s));
}

TEST(Seconds, RoundToTheNearestNanosecond) {
  EXPECT_EQ(from_seconds(1.5), 1500ms);
  EXPECT_EQ(from_seconds(-1.5), -1500ms);
  EXPECT_EQ(from_seconds(1e-9), 1ns);
  EXPECT_DOUBLE_EQ(to_seconds(250ms), 0.25);
}

TEST(Rfc3339, ReadsDatesWithFractionAndZone) {
  const WallTime base(std::chrono::seconds(1'700'000'000));
  EXPECT_EQ(parse_rfc3339("2023-11-14T22:13:20Z"), base);
  EXPECT_EQ(parse_rfc3339("2023-11-14 22:13:20.25z"), base + std::chrono::milliseconds(250));
  EXPECT_EQ(parse_rfc3339("2023-11-14T23:43:20.000000001+01:30"), base + Duration(1));
  EXPECT_EQ(parse_rfc3339("2023-11-14t21:13:20.0000000019-01:00"), base + Duration(1));
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00Z"), WallTime());
  EXPECT_EQ(parse_rfc3339("2016-12-31T23:59:60Z"), parse_rfc3339("2017-01-01T00:00:00Z"));
}

TEST(Rfc3339, RefusesEverythingElse) {
  for (const char* text :
       {"", "2023-11-14", "2023-11-14T22:13Z", "2023-11-14T22:13:20", "2023-11-14T22:13:20.Z",
        "2023-02-29T00:00:00Z", "2023-13-01T00:00:00Z", "2023-11-14T24:00:00Z",
        "2023-11-14T22:13:20+0100", "2023-11-14T22:13:20Z ", "1969-12-31T23:59:59Z",
        "2200-01-01T00:00:00Z", "12023-11-14T22:13:20Z"}) {
    EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace squall
