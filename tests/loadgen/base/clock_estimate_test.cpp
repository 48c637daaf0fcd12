#include "loadgen/base/clock_estimate.hpp"

#include <gtest/gtest.h>

namespace squall {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr WallTime kNow(seconds(1'700'000'000));

TEST(HttpDate, IsReadInItsOneForm) {
  EXPECT_EQ(parse_http_date("Tue, 14 Nov 2023 22:13:20 GMT"), kNow);
  for (const char* wrong : {"", "Tue, 14 Nov 2023 22:13:20 UTC", "Mon, 14 Nov 2023 22:13:20 GMT",
                            "Tue, 14 Nov 2023 24:13:20 GMT", "Tue, 31 Feb 2023 22:13:20 GMT",
                            "Tue, 14 Foo 2023 22:13:20 GMT", "Tue, 14 Nov 2023 22:13:20 GMT ",
                            "Tuesday, 14-Nov-23 22:13:20 GMT", "Tue, 14 Nov 99999 22:13:2 GMT"}) {
    EXPECT_EQ(parse_http_date(wrong), std::nullopt) << wrong;
  }
}

TEST(HttpDate, IsFoundInTheHeadAlone) {
  EXPECT_EQ(date_of("HTTP/1.1 200 OK\r\ndate:  Tue, 14 Nov 2023 22:13:20 GMT\r\n\r\n"), kNow);
  EXPECT_EQ(date_of("HTTP/1.1 200 OK\r\n\r\nDate: Tue, 14 Nov 2023 22:13:20 GMT\r\n"),
            std::nullopt);
  EXPECT_EQ(date_of(""), std::nullopt);
}

TEST(ClockEstimate, KnowsNothingWithoutAnAnswer) {
  const ClockEstimate estimate;
  EXPECT_FALSE(estimate.is_known());
  EXPECT_EQ(estimate.text(), "not known");
}

TEST(ClockEstimate, OneAnswerGivesASecondAndTheRoundTrip) {
  ClockEstimate estimate;
  estimate.add(kNow, kNow, kNow + milliseconds(20));
  EXPECT_EQ(estimate.least(), -milliseconds(20));
  EXPECT_EQ(estimate.most(), seconds(1));
}

// The other clock's second begins at different moments of ours, which tells more than one answer.
TEST(ClockEstimate, NarrowsWithEachAnswer) {
  constexpr Duration kTruth = hours(1) + milliseconds(300);
  ClockEstimate estimate;
  for (int i = 0; i < 40; ++i) {
    const WallTime asked = kNow + i * milliseconds(137);
    const WallTime there = asked + milliseconds(2) + kTruth;
    estimate.add(std::chrono::floor<seconds>(there), asked, asked + milliseconds(4));
  }
  ASSERT_TRUE(estimate.is_known());
  EXPECT_LE(estimate.least(), kTruth);
  EXPECT_GE(estimate.most(), kTruth);
  EXPECT_LT(estimate.most() - estimate.least(), milliseconds(150));
  EXPECT_EQ(estimate.text().substr(0, 13), "3600.3s ahead");
}

TEST(ClockEstimate, AClockThatIsMovedMeanwhileIsNotKnown) {
  ClockEstimate estimate;
  estimate.add(kNow, kNow, kNow + milliseconds(20));
  estimate.add(kNow + hours(1), kNow + seconds(1), kNow + seconds(2));
  EXPECT_FALSE(estimate.is_known());
  EXPECT_TRUE(estimate.is_unsteady());
}

TEST(ClockEstimate, TheSameIsSaidAsSuch) {
  ClockEstimate estimate;
  estimate.add(kNow, kNow + milliseconds(400), kNow + milliseconds(420));
  EXPECT_EQ(estimate.text(), "the same (±0.51s)");
}

}  // namespace
}  // namespace squall
