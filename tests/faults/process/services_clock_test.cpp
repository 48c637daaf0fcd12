// Services whose clock is moved while they run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "faults/process/clock_reach.hpp"
#include "faults/process/free_port.hpp"
#include "faults/process/services.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/base/time_text.hpp"
#include "tests/faults/process/helper.hpp"
#include "tests/paths.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/files.hpp"

namespace squall::faults {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using test::eventually;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class ServicesClock : public ::testing::Test {
 protected:
  static model::Service service(std::vector<std::string> command) {
    model::Service service;
    service.name = "clocked";
    service.command = std::move(command);
    service.ready_timeout = seconds(20);
    service.moves_clock = true;
    return service;
  }
  static model::Service ticker() {
    return service({std::string(SQUALL_BIN_DIR) + "/squall_clock_probe", "tick"});
  }

  void start(const model::Service& described) {
    const auto started = services_.start_all({described});
    ASSERT_TRUE(started) << to_string(started.error());
  }

  // The time that the ticker told last.
  [[nodiscard]] WallTime told() const {
    std::istringstream lines(test::read_file(services_.log_path("clocked")));
    WallTime last{};
    for (std::string line; std::getline(lines, line);) {
      if (lines.eof()) {
        break;  // half a line
      }
      std::istringstream words(line);
      std::string name;
      std::int64_t ns = 0;
      if (words >> name >> ns) {
        last = WallTime(Duration(ns));
      }
    }
    return last;
  }
  [[nodiscard]] bool tells_about(Duration ahead) const {
    return eventually(
        [&] { return std::chrono::abs(told() - wall_clock_now() - ahead) < minutes(1); });
  }
  [[nodiscard]] std::string event() {
    const std::vector<ServiceEvent> events = services_.poll();
    return events.empty() ? "" : events.back().text;
  }

  test::TestDirectory directory_;
  Services services_{{directory_ / "services", SQUALL_BIN_DIR, {}, {}}};
};

TEST_F(ServicesClock, IsMovedAndShowsTheTruthAgain) {
  start(ticker());
  EXPECT_TRUE(tells_about(Duration::zero()));
  const auto moved = services_.move_clock("clocked", {.offset = -hours(1)});
  ASSERT_TRUE(moved) << to_string(moved.error());
  EXPECT_THAT(event(), StartsWith("clock of clocked: 1h behind; it shows 20"));
  EXPECT_TRUE(tells_about(-hours(1)));
  const auto back = services_.restore_clock("clocked");
  ASSERT_TRUE(back) << to_string(back.error());
  EXPECT_THAT(event(), StartsWith("clock of clocked: true again, after "));
  EXPECT_TRUE(tells_about(Duration::zero()));
}

TEST_F(ServicesClock, StaysMovedThroughARestart) {
  start(ticker());
  ASSERT_TRUE(tells_about(Duration::zero()));
  ASSERT_TRUE(services_.move_clock("clocked", {.offset = hours(5)}));
  ASSERT_TRUE(services_.stop("clocked", 9, seconds(1)));
  ASSERT_TRUE(services_.start("clocked"));
  EXPECT_TRUE(tells_about(hours(5)));
  EXPECT_TRUE(services_.restore_clock("clocked"));
}

TEST_F(ServicesClock, ABoundaryIsCrossed) {
  start(ticker());
  ASSERT_TRUE(tells_about(Duration::zero()));
  const WallTime leap = model::next_boundary(model::ClockBoundary::kLeapDay, wall_clock_now());
  ASSERT_TRUE(services_.move_clock("clocked", {.offset = -std::chrono::milliseconds(50),
                                               .boundary = model::ClockBoundary::kLeapDay}));
  EXPECT_TRUE(eventually([&] { return told() >= leap && told() < leap + minutes(5); }));
  std::string shown;
  append_iso8601(leap, shown);
  EXPECT_EQ(shown.substr(4, 6), "-02-29");
}

TEST_F(ServicesClock, WhatItsAnswersSayIsToldToo) {
  const auto port = free_port();
  ASSERT_TRUE(port);
  model::Service described =
      service({"python3", "-m", "http.server", "--bind", "127.0.0.1", std::to_string(*port)});
  described.ready = "GET http://127.0.0.1:" + std::to_string(*port) + "/";
  described.directory = directory_.path();
  start(described);
  ASSERT_TRUE(services_.move_clock("clocked", {.offset = hours(1)}));
  EXPECT_THAT(event(), AllOf(HasSubstr(", by its Date header 3"), HasSubstr("s ahead (±0.5")));
  EXPECT_TRUE(services_.restore_clock("clocked"));
}

TEST_F(ServicesClock, AStaticProgramCannotBeReachedAndSaysWhy) {
  start(service({std::string(SQUALL_BIN_DIR) + "/squall_static_probe"}));
  const auto moved = services_.move_clock("clocked", {.offset = hours(1)});
  ASSERT_FALSE(moved);
  EXPECT_THAT(moved.error().message, AllOf(StartsWith("the clock of clocked cannot be set: "),
                                           HasSubstr("is statically linked")));
}

TEST_F(ServicesClock, AProgramThatNeverAsksForTheTimeIsNoProof) {
  // The shell is reached; it waits for a program that is not.
  start(service({"sh", "-c", std::string(SQUALL_BIN_DIR) + "/squall_static_probe & wait"}));
  const auto pid = services_.pid_of("clocked");
  ASSERT_TRUE(pid);
  ASSERT_TRUE(eventually([&] {
    const ClockMeasurement measured = measure_clock(*pid);
    return measured.with.size() == 1 && measured.without.size() == 1;
  }));
  ASSERT_TRUE(services_.move_clock("clocked", {.offset = hours(1)}));
  const auto back = services_.restore_clock("clocked");
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().message,
            "clocked did not ask for the time once while its clock was moved");
}

TEST_F(ServicesClock, AServiceThatNoActionTouchesHasNoShim) {
  model::Service plain = ticker();
  plain.moves_clock = false;
  start(plain);
  const auto pid = services_.pid_of("clocked");
  ASSERT_TRUE(pid);
  EXPECT_EQ(test::read_file("/proc/" + std::to_string(*pid) + "/environ").find("LD_PRELOAD"),
            std::string::npos);
}

}  // namespace
}  // namespace squall::faults
