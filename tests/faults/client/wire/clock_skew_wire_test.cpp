#include "tests/faults/client/wire/wire_case.hpp"

namespace squall::faults {
namespace {

using namespace std::chrono_literals;

std::int64_t unix_ms(WallTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

class ClockSkewOnTheWire : public FaultOnTheWire {
 protected:
  // How far the request's clock was off, up to the time that passed while it was made.
  void expect_offset(const std::string& keys, Duration offset_of_arrival, Duration expected) {
    HostileServer server(polite());
    load(server, "kind = 'clock_skew'\n" + keys);
    const std::int64_t before = unix_ms(wall_clock_now());
    run({}, offset_of_arrival);
    const std::int64_t after = unix_ms(wall_clock_now());
    ASSERT_EQ(server.requests(), 1u);
    const std::int64_t sent = std::stoll(header_of(server.request_texts()[0], "X-Now"));
    const std::int64_t skew = expected / 1ms;
    EXPECT_GE(sent, before + skew - 1) << keys;
    EXPECT_LE(sent, after + skew + 1) << keys;
    expect_fired();
  }
};

TEST_F(ClockSkewOnTheWire, MovesTheTimeInsideTheRequest) {
  expect_offset("offset = '-5m'", 0s, -5min);
  expect_offset("offset = '1h'", 3s, 1h);
}

TEST_F(ClockSkewOnTheWire, FollowsItsShapeThroughTheWindow) {
  expect_offset("shape = 'step'\noffset = '1m'\nevery = '2s'\nwindow = ['1s', '9s']", 6s, 3min);
  expect_offset("shape = 'drift'\nrate = '1s/s'\nwindow = ['1s', '9s']", 4s, 3s);
  expect_offset("shape = 'drift'\nrate = '500ppm'\nwindow = ['1s', '9s']", 1s, 0s);
  expect_offset("shape = 'freeze'\nwindow = ['1s', '9s']", 8s, -7s);
}

TEST_F(ClockSkewOnTheWire, AFrozenClockSaysTheSameHoweverLateTheRequestIsMade) {
  HostileServer server(polite());
  load(server, "kind = 'clock_skew'\nshape = 'freeze'\nwindow = ['1s', '9s']");
  const std::int64_t zero = unix_ms(wall_clock_now()) - 8000;
  run({}, 8s, 250ms);
  const std::int64_t late = unix_ms(wall_clock_now()) - 8000;
  ASSERT_EQ(server.requests(), 1u);
  const std::int64_t sent = std::stoll(header_of(server.request_texts()[0], "X-Now"));
  EXPECT_GE(sent, zero - 250 + 1000 - 1);
  EXPECT_LE(sent, late - 250 + 1000 + 1);
}

}  // namespace
}  // namespace squall::faults
