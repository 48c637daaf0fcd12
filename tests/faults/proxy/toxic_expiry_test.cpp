// Toxics that remove themselves, on a clock of the test's own.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "faults/proxy/proxy_collection.hpp"
#include "loadgen/net/loop.hpp"
#include "tests/faults/proxy/chain_case.hpp"

namespace squall::faults {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class ToxicExpiryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(proxies.create({.name = "p", .upstream = "x:1", .enabled = false}, {}, {},
                               *TlsEnds::make({.upstream = "x:1", .tls = {}})));
  }
  ToxicView add(const std::string& name, std::optional<Duration> ttl) {
    auto added = proxies.add_toxic("p", {.name = name, .type = "latency", .ttl = ttl});
    EXPECT_TRUE(added);
    return *added;
  }
  void pass(Duration time) {
    clock.advance(time);
    alarms.fire(clock.now());
  }
  [[nodiscard]] std::string names() const {
    const auto proxy = proxies.find("p");
    std::string result;
    for (const ToxicView& toxic : proxy->toxics) {
      result += toxic.name + " ";
    }
    return result;
  }

  net::Loop loop;
  ManualClock clock;
  net::AlarmQueue alarms;
  EventFeed events{100};
  ExchangeLog exchanges{100};
  ProxyCollection proxies{{loop, clock, alarms, events, exchanges, 1}, all_toxics()};
};

TEST_F(ToxicExpiryTest, removes_the_toxic_when_its_time_is_over_and_no_other) {
  add("short", seconds(2));
  add("long", seconds(30));
  add("for-ever", {});
  EXPECT_EQ(names(), "short long for-ever ");
  pass(milliseconds(1999));
  EXPECT_EQ(names(), "short long for-ever ");
  pass(milliseconds(1));
  EXPECT_EQ(names(), "long for-ever ");
  const ProxyEvent last = events.after(0).back();
  EXPECT_EQ(last.kind, ProxyEvent::Kind::kToxicRemoved);
  EXPECT_EQ(last.toxic, "short");
  EXPECT_EQ(last.detail, "its ttl is over");
  pass(seconds(1000));
  EXPECT_EQ(names(), "for-ever ");
  EXPECT_FALSE(alarms.next().has_value());
}

TEST_F(ToxicExpiryTest, shows_what_is_left) {
  EXPECT_EQ(add("t", seconds(2)).expires_in, seconds(2));
  pass(milliseconds(500));
  const ToxicView shown = proxies.find("p")->toxics.front();
  EXPECT_EQ(shown.ttl, seconds(2));
  EXPECT_EQ(shown.expires_in, milliseconds(1500));
  EXPECT_FALSE(add("zero", Duration::zero()).ttl.has_value());
}

TEST_F(ToxicExpiryTest, an_update_with_a_ttl_begins_anew_and_one_without_leaves_it) {
  add("t", seconds(2));
  pass(seconds(1));
  ASSERT_TRUE(proxies.update_toxic("p", "t", {.toxicity = 0.5F}));
  EXPECT_EQ(proxies.find("p")->toxics.front().expires_in, seconds(1));
  ASSERT_TRUE(proxies.update_toxic("p", "t", {.toxicity = {}, .ttl = seconds(5)}));
  pass(seconds(4));
  EXPECT_EQ(names(), "t ");
  ASSERT_TRUE(proxies.update_toxic("p", "t", {.toxicity = {}, .ttl = Duration::zero()}));
  pass(seconds(1000));
  EXPECT_EQ(names(), "t ");
}

TEST_F(ToxicExpiryTest, a_toxic_that_is_gone_before_leaves_no_alarm) {
  add("t", seconds(2));
  ASSERT_TRUE(proxies.remove_toxic("p", "t"));
  EXPECT_FALSE(alarms.next().has_value());
  add("t", seconds(2));
  ASSERT_TRUE(proxies.remove("p"));
  EXPECT_FALSE(alarms.next().has_value());
}

}  // namespace
}  // namespace squall::faults
