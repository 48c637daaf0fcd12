#include "loadgen/verify/deliveries.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace squall::verify {
namespace {

using effects::SinkAct;
using effects::SinkCall;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace std::chrono_literals;

SinkCall call(Duration at, std::string id, SinkAct act, std::string time = "") {
  SinkCall made{.at = TimePoint(1h) + at, .id = std::move(id), .act = act, .headers = {}};
  if (!time.empty()) {
    made.headers.emplace_back("Webhook-Timestamp", std::move(time));
  }
  return made;
}

DeliveryRules rules() {
  return {.sink = "hooks", .within = 30s, .tells_ids = true, .events = 1, .signed_at = ""};
}

std::vector<Break> breaks_of_calls(const std::vector<SinkCall>& calls, const DeliveryRules& rules) {
  Trial trial;
  judge_deliveries(calls, rules, trial);
  EXPECT_EQ(trial.acts().size(), calls.size());
  return trial.breaks();
}

TEST(Deliveries, WhatComesAgainUntilItIsTakenIsDelivered) {
  const std::vector<SinkCall> calls = {call(0s, "e", SinkAct::kFail),
                                       call(1s, "e", SinkAct::kReset),
                                       call(2s, "e", SinkAct::kAnswer)};
  EXPECT_TRUE(are_delivered(calls, 1));
  EXPECT_THAT(breaks_of_calls(calls, rules()), IsEmpty());
}

TEST(Deliveries, ARepetitionOfWhatWasTakenIsAllowed) {
  EXPECT_THAT(breaks_of_calls({call(0s, "e", SinkAct::kAnswerLate), call(2s, "e", SinkAct::kAnswer),
                               call(3s, "e", SinkAct::kAnswer)},
                              rules()),
              IsEmpty());
}

TEST(Deliveries, WhatIsGivenUpIsLost) {
  const std::vector<SinkCall> calls = {call(0s, "e", SinkAct::kFail),
                                       call(1s, "e", SinkAct::kSilence)};
  EXPECT_FALSE(are_delivered(calls, 1));
  const auto breaks = breaks_of_calls(calls, rules());
  ASSERT_EQ(breaks.size(), 1U);
  EXPECT_EQ(breaks[0].harm, model::PropertyHarm::kEffects);
  EXPECT_EQ(breaks[0].severity, Severity::kFail);
  EXPECT_THAT(breaks[0].text, HasSubstr("hooks failed it 2 times"));
  EXPECT_THAT(breaks[0].text, HasSubstr("within 30s"));
}

TEST(Deliveries, WhatNeverCameIsLost) {
  EXPECT_FALSE(are_delivered({}, 1));
  const auto breaks = breaks_of_calls({}, rules());
  ASSERT_EQ(breaks.size(), 1U);
  EXPECT_THAT(breaks[0].text, HasSubstr("never told of the operation"));
}

TEST(Deliveries, AnotherIdIsAnotherEvent) {
  const std::vector<SinkCall> calls = {call(0s, "e", SinkAct::kFail),
                                       call(1s, "f", SinkAct::kAnswer)};
  EXPECT_FALSE(are_delivered(calls, 1));  // "e" may still come
  DeliveryRules two = rules();
  two.events = 2;
  const auto lost = breaks_of_calls(calls, two);
  ASSERT_EQ(lost.size(), 1U);
  EXPECT_THAT(lost[0].text, HasSubstr("hooks failed it once"));
  const auto renamed =
      breaks_of_calls({calls[0], calls[1], call(2s, "e", SinkAct::kAnswer)}, rules());
  ASSERT_EQ(renamed.size(), 1U);
  EXPECT_THAT(renamed[0].text, HasSubstr("under 2 ids where 1 may be"));
  EXPECT_EQ(renamed[0].severity, Severity::kFail);
}

TEST(Deliveries, EachOfTheEventsOfAnOperationMustCome) {
  DeliveryRules two = rules();
  two.events = 2;
  const std::vector<SinkCall> one = {call(0s, "e", SinkAct::kAnswer)};
  EXPECT_FALSE(are_delivered(one, 2));
  ASSERT_EQ(breaks_of_calls(one, two).size(), 1U);
  EXPECT_THAT(breaks_of_calls({one[0], call(1s, "f", SinkAct::kAnswer)}, two), IsEmpty());
  two.events = 0;  // not the same for all
  EXPECT_THAT(breaks_of_calls(one, two), IsEmpty());
}

TEST(Deliveries, WithoutIdsTheyAreNotJudged) {
  DeliveryRules blind = rules();
  EXPECT_EQ(breaks_of_calls({call(0s, "", SinkAct::kAnswer)}, blind).size(), 1U);
  blind.tells_ids = false;
  EXPECT_THAT(breaks_of_calls({call(0s, "", SinkAct::kAnswer)}, blind), IsEmpty());
}

TEST(Deliveries, ReadsWhenSomethingWasSigned) {
  EXPECT_EQ(signed_time("1700000000"), std::optional<std::int64_t>(1'700'000'000));
  EXPECT_EQ(signed_time(" 1700000000123 "), std::optional<std::int64_t>(1'700'000'000));
  EXPECT_EQ(signed_time("t=1700000000,v1=ab"), std::optional<std::int64_t>(1'700'000'000));
  EXPECT_EQ(signed_time("v1=ab, t=1700000000"), std::optional<std::int64_t>(1'700'000'000));
  for (const char* none :
       {"", "v1,ab", "t=", "t=x", "-5", "0", "1700000000x", "99999999999999999999"}) {
    EXPECT_EQ(signed_time(none), std::nullopt) << none;
  }
}

TEST(Deliveries, ARepetitionIsSignedAnew) {
  const std::string header = "webhook-timestamp";
  const auto twice = [&](Duration later, const char* first, const char* second) {
    return signing_of(std::vector{call(0s, "e", SinkAct::kFail, first),
                                  call(later, "e", SinkAct::kAnswer, second)},
                      header);
  };
  EXPECT_EQ(twice(3s, "1700000000", "1700000003"), Signing::kFresh);
  EXPECT_EQ(twice(3s, "1700000000", "1700000000"), Signing::kStale);
  // They may have been signed within one second.
  EXPECT_EQ(twice(900ms, "1700000000", "1700000000"), Signing::kUnknown);
  EXPECT_EQ(twice(3s, "1700000000", ""), Signing::kMissing);
  EXPECT_EQ(signing_of(std::vector{call(0s, "e", SinkAct::kAnswer, "1700000000"),
                                   call(5s, "f", SinkAct::kAnswer, "1700000000")},
                       header),
            Signing::kUnknown);
  DeliveryRules signs = rules();
  signs.signed_at = header;
  const auto stale = breaks_of_calls(
      {call(0s, "e", SinkAct::kFail, "1700000000"), call(3s, "e", SinkAct::kAnswer, "1700000000")},
      signs);
  ASSERT_EQ(stale.size(), 1U);
  EXPECT_EQ(stale[0].severity, Severity::kWarn);
}

}  // namespace
}  // namespace squall::verify
