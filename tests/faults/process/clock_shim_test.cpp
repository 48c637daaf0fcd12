// The preload shim in a program that knows nothing of it (probe/clock_probe.cpp).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "faults/process/service_clock.hpp"
#include "loadgen/base/clock.hpp"
#include "tests/paths.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/files.hpp"
#include "tests/support/process.hpp"

namespace squall::faults {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using test::eventually;
using test::Process;

const std::string kProbe = std::string(SQUALL_BIN_DIR) + "/squall_clock_probe";

std::int64_t ns_of(WallTime time) {
  return time.time_since_epoch().count();
}

using Readings = std::map<std::string, std::int64_t>;

Readings readings_in(const std::string& output) {
  std::istringstream lines(output);
  Readings readings;
  std::string name;
  std::int64_t ns = 0;
  while (lines >> name >> ns) {
    readings[name] = ns;
  }
  return readings;
}

class ClockShim : public testing::Test {
 protected:
  ClockShim() : clock_(make()) {}

  [[nodiscard]] Process start(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), kProbe);
    return Process({.command = std::move(arguments), .environment = clock_.environment()});
  }
  [[nodiscard]] Readings read(const std::string& role = "read") const {
    return readings_in(start({role}).wait().output);
  }

  void expect_ahead(const Readings& readings, Duration by, std::int64_t from,
                    std::int64_t until) const;

  test::TestDirectory directory_;
  ServiceClock clock_;

 private:
  [[nodiscard]] ServiceClock make() const {
    auto shim = find_clock_shim(SQUALL_BIN_DIR);
    EXPECT_TRUE(shim) << to_string(shim.error());
    auto clock = ServiceClock::create(directory_.path(), "probe", *shim);
    EXPECT_TRUE(clock) << to_string(clock.error());
    return *std::move(clock);
  }
};

const std::vector<std::string> kWallReadings = {"before_main",
                                                "clock_gettime",
                                                "coarse",
                                                "time",
                                                "gettimeofday",
                                                "timespec_get",
                                                "syscall_clock_gettime",
                                                "syscall_gettimeofday"};

// Each reading lies between two true times, moved `by`; those in ticks and whole seconds may lie
// that much before.
void ClockShim::expect_ahead(const Readings& readings, Duration by, std::int64_t from,
                             std::int64_t until) const {
  for (const std::string& name : kWallReadings) {
    SCOPED_TRACE(name);
    ASSERT_TRUE(readings.contains(name));
    const Duration coarseness = name == "time"     ? Duration(seconds(1))
                                : name == "coarse" ? Duration(milliseconds(20))
                                                   : Duration(1000);
    EXPECT_GE(readings.at(name), from + (by - coarseness).count());
    EXPECT_LE(readings.at(name), until + by.count());
  }
}

TEST_F(ClockShim, EveryFunctionThatTellsTheTimeFollows) {
  for (const Duration by : {Duration(hours(1)), Duration(-hours(24)), Duration(0)}) {
    clock_.set(stepped({}, wall_clock_now(), by));
    const std::int64_t from = ns_of(wall_clock_now());
    const Readings readings = read();
    expect_ahead(readings, by, from, ns_of(wall_clock_now()));
  }
}

TEST_F(ClockShim, MonotonicClocksAreLeftAlone) {
  clock_.set(stepped({}, wall_clock_now(), hours(1)));
  const std::int64_t from = monotonic_now().time_since_epoch().count();
  const Readings readings = read();
  const std::int64_t until = monotonic_now().time_since_epoch().count();
  EXPECT_GE(readings.at("monotonic"), from);
  EXPECT_LE(readings.at("monotonic"), until);
  EXPECT_EQ(start({"monotonic"}).wait().output, "timed out\n");
}

TEST_F(ClockShim, MonotonicWaitsEndWhileTheWallClockStandsStill) {
  clock_.set(frozen({}, wall_clock_now()));
  EXPECT_EQ(start({"monotonic"}).wait().output, "timed out\n");
}

TEST_F(ClockShim, AtomicTimeKeepsItsDistance) {
  clock_.set(stepped({}, wall_clock_now(), hours(1)));
  const Readings moved = read();
  const Readings plain = readings_in(Process({.command = {kProbe, "read"}}).wait().output);
  const auto leap_seconds = [](const Readings& readings) {
    return std::chrono::round<seconds>(Duration(readings.at("tai") - readings.at("clock_gettime")))
        .count();
  };
  EXPECT_EQ(leap_seconds(moved), leap_seconds(plain));
}

TEST_F(ClockShim, AFrozenClockShowsOneInstant) {
  clock_.set(frozen(stepped({}, wall_clock_now(), -hours(3)), wall_clock_now()));
  const Readings first = read();
  const Readings second = read();
  for (const char* name : {"before_main", "clock_gettime", "gettimeofday", "time"}) {
    EXPECT_EQ(first.at(name), second.at(name)) << name;
  }
  EXPECT_EQ(first.at("before_main"), first.at("clock_gettime"));
  EXPECT_LT(first.at("monotonic"), second.at("monotonic"));
}

TEST_F(ClockShim, AFastClockGains) {
  const WallTime now = wall_clock_now();
  clock_.set(drifting({}, now, 999));  // a thousand seconds each second
  const std::int64_t from = ns_of(wall_clock_now());
  const Readings readings = read();
  const std::int64_t until = ns_of(wall_clock_now());
  EXPECT_GE(readings.at("clock_gettime"), ns_of(now) + (from - ns_of(now)) * 1000);
  EXPECT_LE(readings.at("clock_gettime"), ns_of(now) + (until - ns_of(now)) * 1000);
}

TEST_F(ClockShim, ChildrenInherit) {
  clock_.set(stepped({}, wall_clock_now(), hours(1)));
  for (const char* role : {"spawn", "fork"}) {
    SCOPED_TRACE(role);
    const std::int64_t from = ns_of(wall_clock_now());
    Readings readings = read(role);
    if (std::string(role) == "fork") {
      readings["before_main"] = readings.at("clock_gettime");  // the parent's
    }
    expect_ahead(readings, hours(1), from, ns_of(wall_clock_now()));
  }
}

TEST_F(ClockShim, AChildWithACleanedEnvironmentSeesTheTrueTime) {
  clock_.set(stepped({}, wall_clock_now(), hours(1)));
  const std::int64_t from = ns_of(wall_clock_now());
  const Readings readings = read("clean");
  expect_ahead(readings, Duration::zero(), from, ns_of(wall_clock_now()));
}

TEST_F(ClockShim, WithoutAUsableBlockTheTimeIsTrue) {
  const std::string shim = *find_clock_shim(SQUALL_BIN_DIR);
  const std::string text = directory_.write("text", "no block");
  const std::string zeros = directory_.write("zeros", std::string(kClockBlockSize, '\0'));
  for (const std::string& block : {std::string(), std::string("/nowhere"), text, zeros,
                                   directory_.path(), std::string("/dev/zero")}) {
    SCOPED_TRACE(block);
    const std::int64_t from = ns_of(wall_clock_now());
    Process probe({.command = {kProbe, "read"},
                   .environment = {{"LD_PRELOAD", shim}, {kClockBlockVariable, block}}});
    const Readings readings = readings_in(probe.wait().output);
    expect_ahead(readings, Duration::zero(), from, ns_of(wall_clock_now()));
  }
}

TEST_F(ClockShim, ReadingsAndProcessesAreCounted) {
  EXPECT_EQ(clock_.activity().processes, 0U);
  clock_.set(frozen(stepped({}, wall_clock_now(), hours(1)), wall_clock_now()));
  const WallTime shown = shown_time(clock_.setting(), wall_clock_now());
  static_cast<void>(read("spawn"));
  const ClockActivity activity = clock_.activity();
  EXPECT_EQ(activity.processes, 2U);
  EXPECT_GE(activity.readings, kWallReadings.size() + 1);
  EXPECT_EQ(activity.last_shown, shown);
}

TEST_F(ClockShim, NoReadingMixesTwoSettings) {
  const WallTime now = wall_clock_now();
  // Taken together, half of one and half of the other would be years off.
  const ClockSetting one{.base_ns = 0, .offset_ns = 0};
  const ClockSetting other{.base_ns = ns_of(now),
                           .offset_ns = 3600 * kNanosecondsPerSecond,
                           .drift_ppb = kStandsStill / 10};
  Process probe = start({"hammer", "2000000"});
  ASSERT_TRUE(eventually([&] { return probe.output() == "reading\n"; }));
  std::uint64_t changes = 0;
  while (!probe.has_ended()) {
    clock_.set(++changes % 2 == 0 ? one : other);
  }
  ASSERT_GT(changes, 100U);
  const std::string output = probe.wait().output;
  const Readings readings = readings_in(output.substr(output.find('\n')));
  const std::int64_t ahead = ns_of(wall_clock_now()) - monotonic_now().time_since_epoch().count();
  EXPECT_GE(readings.at("least"),
            ahead - ns_of(wall_clock_now()) + ns_of(now) - kNanosecondsPerSecond);
  EXPECT_LE(readings.at("most"), ahead + 3601 * kNanosecondsPerSecond);
}

// What waits for an instant of the wall clock waits for the shown one, also when that comes by a
// step while it waits.
std::string kind_of(const testing::TestParamInfo<const char*>& parameter) {
  return parameter.param;
}

class ClockShimWait : public ClockShim, public testing::WithParamInterface<const char*> {};

TEST_P(ClockShimWait, EndsWhenTheClockIsSteppedOverTheDeadline) {
  clock_.set(frozen({}, wall_clock_now()));
  Process probe = start({"wait", GetParam()});
  ASSERT_TRUE(eventually([&] { return probe.output() == "waiting\n"; })) << probe.errors();
  clock_.set(stepped(clock_.setting(), wall_clock_now(), minutes(59)));
  clock_.set(stepped(clock_.setting(), wall_clock_now(), minutes(1)));
  EXPECT_EQ(probe.wait(seconds(20)).output, "waiting\ntimed out late\n");
}

INSTANTIATE_TEST_SUITE_P(All, ClockShimWait,
                         testing::Values("cond", "cond_clock", "cnd", "mtx", "mutex", "mutex_clock",
                                         "rwlock_read", "rwlock_write", "rwlock_read_clock",
                                         "rwlock_write_clock", "join", "join_clock", "sem",
                                         "sem_clock", "mq_receive", "mq_send", "nanosleep",
                                         "syscall_nanosleep", "futex"),
                         kind_of);

// The kernel keeps these, so the pace counts that was in force when they were set.
class ClockShimTimer : public ClockShim, public testing::WithParamInterface<const char*> {};

TEST_P(ClockShimTimer, ExpiresAfterAnHourOfAFastClock) {
  clock_.set(drifting(stepped({}, wall_clock_now(), -hours(24)), wall_clock_now(), 35'999));
  EXPECT_EQ(start({"wait", GetParam()}).wait(seconds(20)).output, "waiting\ntimed out late\n");
}

INSTANTIATE_TEST_SUITE_P(All, ClockShimTimer,
                         testing::Values("timerfd", "timer", "nanosleep", "cond", "sem"), kind_of);

// libfaketime is the reference for what both move.
TEST_F(ClockShim, AgreesWithLibfaketime) {
  const std::string library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
  clock_.set(stepped({}, wall_clock_now(), hours(36)));
  const std::int64_t from = ns_of(wall_clock_now());
  const Readings ours = read();
  Process reference(
      {.command = {kProbe, "read"},
       .environment = {
           {"LD_PRELOAD", library}, {"FAKETIME", "+36h"}, {"FAKETIME_DONT_FAKE_MONOTONIC", "1"}}});
  const Readings theirs = readings_in(reference.wait().output);
  const std::int64_t until = ns_of(wall_clock_now());
  for (const Readings* readings : {&ours, &theirs}) {
    for (const char* name : {"clock_gettime", "gettimeofday", "timespec_get"}) {
      ASSERT_TRUE(readings->contains(name)) << name;
      EXPECT_GE(readings->at(name), from + Duration(hours(36)).count() - 1000) << name;
      EXPECT_LE(readings->at(name), until + Duration(hours(36)).count()) << name;
    }
  }
}

}  // namespace
}  // namespace squall::faults
