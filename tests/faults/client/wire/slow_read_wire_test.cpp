#include "tests/faults/client/wire/wire_case.hpp"

namespace squall::faults {
namespace {

using model::AttemptClass;
using namespace std::chrono_literals;

class SlowReadOnTheWire : public FaultOnTheWire {
 protected:
  static HostileServer::Script large_answer(std::size_t bytes) {
    return {HostileServer::read_request(), HostileServer::send_large(bytes),
            HostileServer::again()};
  }
};

TEST_F(SlowReadOnTheWire, TheAnswerComesAtThatPace) {
  constexpr std::size_t kBytes = 20'000;
  HostileServer server(large_answer(kBytes));
  load(server, "kind = 'slow_read'\nrate = '50KB/s'");
  run();
  // All but the last piece, a twentieth of a second, is waited for.
  EXPECT_GE(elapsed_, 350ms);
  EXPECT_LT(elapsed_, 5s);
  EXPECT_EQ(server.requests(), 1u);
  EXPECT_EQ(attempts(AttemptClass::kSuccess), 1u);
  EXPECT_TRUE(server.wait_until([&] { return server.client_fins() == 1; }))
      << "a connection with a small window is not kept";
  expect_fired();
}

// An answer of a few bytes is read in two goes at least.
TEST_F(SlowReadOnTheWire, AlwaysPausesOnce) {
  HostileServer server(polite());
  load(server, "kind = 'slow_read'\nrate = '200/s'");
  run();
  EXPECT_GE(elapsed_, 100ms);
  EXPECT_EQ(attempts(AttemptClass::kSuccess), 1u);
  expect_fired();
}

TEST_F(SlowReadOnTheWire, EachCopyReadsSlowlyOnAConnectionOfItsOwn) {
  HostileServer server(large_answer(5'000));
  load(server,
       "kind = 'slow_read'\nrate = '20KB/s'\n"
       "[[fault]]\nname = 'twins'\nkind = 'duplicate'\nspacing = 'after_response'\n");
  run();
  EXPECT_GE(elapsed_, 400ms);
  EXPECT_EQ(server.connections(), 2u);
  EXPECT_EQ(attempts(AttemptClass::kSuccess), 2u);
  EXPECT_EQ(slice_->faults[0].fired, 1u);
  EXPECT_EQ(slice_->faults[1].fired, 1u);
}

}  // namespace
}  // namespace squall::faults
