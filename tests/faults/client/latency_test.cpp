#include <gtest/gtest.h>

#include <set>

#include "tests/faults/client/fault_case.hpp"

namespace squall::faults {
namespace {

using model::WirePoint;
using namespace std::chrono_literals;

Duration hold(const model::WireScript& script, WirePoint at) {
  return script.hold[static_cast<std::size_t>(at)];
}

TEST(LatencyFault, HoldsAtThePointThatThePlanNames) {
  const std::pair<const char*, WirePoint> points[] = {
      {"connect", WirePoint::kConnect},
      {"send", WirePoint::kSend},
      {"headers", WirePoint::kHeaders},
      {"before_last_byte", WirePoint::kBeforeLastByte},
      {"after_send", WirePoint::kAfterSend}};
  for (const auto& [word, point] : points) {
    const Compiled fault = compile("latency", "latency = '80ms'\nat = '" + std::string(word) + "'");
    EXPECT_EQ(fault.problems, "");
    const model::WireScript script = fault.script();
    for (std::size_t at = 0; at < model::kWirePointCount; ++at) {
      const Duration expected = at == static_cast<std::size_t>(point) ? Duration(80ms) : Duration();
      EXPECT_EQ(script.hold[at], expected) << word << " " << at;
    }
    EXPECT_FALSE(script.cut);
    EXPECT_EQ(script.copies.count, 1u);
  }
}

TEST(LatencyFault, HoldsBeforeTheFirstByteUnlessToldOtherwise) {
  EXPECT_EQ(hold(compile("latency", "latency = '5ms'").script(), WirePoint::kSend), 5ms);
}

TEST(LatencyFault, DrawsAnewForEachArrivalAndTheSameEachTime) {
  const Compiled fault =
      compile("latency", "latency = { median = '80ms', sigma = 0.5, distribution = 'lognormal' }");
  EXPECT_EQ(fault.problems, "");
  std::set<Duration> seen;
  for (std::uint64_t arrival = 0; arrival < 200; ++arrival) {
    const Duration drawn = hold(fault.script(arrival), WirePoint::kSend);
    EXPECT_EQ(drawn, hold(fault.script(arrival), WirePoint::kSend));
    EXPECT_GT(drawn, Duration::zero());
    seen.insert(drawn);
  }
  EXPECT_GT(seen.size(), 195u);
  const Duration median = *std::next(seen.begin(), static_cast<std::ptrdiff_t>(seen.size() / 2));
  EXPECT_GT(median, 60ms);
  EXPECT_LT(median, 105ms);
}

TEST(LatencyFault, ADrawOfNothingStillShowsInTheScript) {
  EXPECT_GT(
      hold(compile("latency", "latency = { distribution = 'normal', mean = '0s', stddev = '1ns' }")
               .script(),
           WirePoint::kSend),
      Duration::zero());
}

TEST(LatencyFault, RefusesALatencyThatIsNone) {
  for (const char* none : {"'0s'", "{ distribution = 'uniform', from = '0s', to = '0s' }"}) {
    EXPECT_NE(compile("latency", "latency = " + std::string(none)).problems.find("test.toml:1:"),
              std::string::npos)
        << none;
  }
}

TEST(LatencyFault, TwoDelaysAtOnePointAddUp) {
  const Compiled fault = compile("latency", "latency = '5ms'");
  model::WireScript script;
  ASSERT_TRUE(fault.apply(script));
  ASSERT_TRUE(fault.apply(script));
  EXPECT_EQ(hold(script, WirePoint::kSend), 10ms);
}

TEST(LatencyFault, RefusesPlacesThatDoNotExist) {
  EXPECT_NE(compile("latency", "latency = '5ms'\nat = 'lunch'").problems.find("test.toml:2:"),
            std::string::npos);
  EXPECT_NE(compile("latency", "at = 'send'").problems.find("latency"), std::string::npos);
}

}  // namespace
}  // namespace squall::faults
