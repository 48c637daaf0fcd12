#include "tests/faults/client/wire/wire_case.hpp"

namespace squall::faults {
namespace {

using model::AttemptClass;
using namespace std::chrono_literals;

class DropOnTheWire : public FaultOnTheWire {
 protected:
  // Cuts one request; what had arrived when the client was gone.
  Arrived cut(const std::string& keys, HostileServer::Script script = {HostileServer::stall()}) {
    server_ = std::make_unique<HostileServer>(std::move(script));
    load(*server_, "kind = 'drop'\n" + keys);
    run();
    EXPECT_TRUE(server_->wait_until([this] { return gone() == 1; }));
    EXPECT_EQ(server_->connections(), 1u);
    EXPECT_EQ(attempts(AttemptClass::kCut), 1u);
    expect_fired();
    return arrived(server_->received_from(0));
  }
  [[nodiscard]] unsigned gone() const { return server_->client_resets() + server_->client_fins(); }

  std::unique_ptr<HostileServer> server_;
};

TEST_F(DropOnTheWire, AtConnectSendsNothing) {
  EXPECT_EQ(cut("at = 'connect'").head, "");
  EXPECT_EQ(server_->client_resets(), 1u);
}

TEST_F(DropOnTheWire, AfterTheHeadersSendsNoByteOfTheBody) {
  const Arrived got = cut("at = 'headers'");
  EXPECT_TRUE(got.head_complete);
  EXPECT_EQ(got.body, "");
  EXPECT_EQ(header_of(got.head, "Content-Length"), std::to_string(kBodyBytes));
}

TEST_F(DropOnTheWire, InsideTheBodySendsItsShare) {
  const Arrived half = cut("at = 'body'");
  EXPECT_EQ(half.body.size(), kBodyBytes / 2);
  EXPECT_EQ(cut("at = 'body'\nbytes = '7'").body, half.body.substr(0, 7));
  EXPECT_EQ(cut("at = 'body'\nfraction = '10%'").body.size(), 4u);
}

TEST_F(DropOnTheWire, BeforeTheLastByteLacksExactlyThat) {
  const Arrived got = cut("at = 'before_last_byte'");
  EXPECT_EQ(got.body.size(), kBodyBytes - 1);
  EXPECT_EQ(got.body.find('}'), std::string::npos);
  EXPECT_EQ(server_->client_resets(), 1u);
}

TEST_F(DropOnTheWire, AfterSendDeliversTheWholeRequest) {
  for (const char* how : {"rst", "fin"}) {
    const Arrived got = cut("at = 'after_send'\nhow = '" + std::string(how) + "'",
                            {HostileServer::read_request(), HostileServer::stall()});
    EXPECT_EQ(got.body.size(), kBodyBytes) << how;
    EXPECT_TRUE(got.body.ends_with("\"}"));
    EXPECT_EQ(server_->client_fins(), how == std::string("fin") ? 1u : 0u);
    EXPECT_EQ(server_->client_resets(), how == std::string("rst") ? 1u : 0u);
  }
}

TEST_F(DropOnTheWire, DuringTheResponseComesAfterItsFirstBytes) {
  const Arrived got = cut("at = 'during_response'",
                          {HostileServer::read_request(),
                           HostileServer::send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe"),
                           HostileServer::stall()});
  EXPECT_EQ(server_->requests(), 1u);
  EXPECT_TRUE(got.head_complete);
}

TEST_F(DropOnTheWire, WaitsAtThePointBeforeTheCut) {
  HostileServer server({HostileServer::read_request(), HostileServer::stall()});
  load(server, "kind = 'drop'\nat = 'after_send'\ndelay = '150ms'");
  bool early = false;
  run([&] {
    const bool gone = server.client_resets() > 0;
    early = early || (before(150ms) && gone);
  });
  EXPECT_FALSE(early);
  EXPECT_GE(elapsed_, 150ms);
  EXPECT_TRUE(server.wait_until([&] { return server.client_resets() == 1; }));
  expect_fired();
}

TEST_F(DropOnTheWire, ATargetThatEndsTheConnectionFirstPreemptsIt) {
  HostileServer server({HostileServer::read_request(), HostileServer::close_rst()});
  load(server, "kind = 'drop'\nat = 'during_response'");
  run();
  EXPECT_EQ(slice_->faults[0].planned, 1u);
  EXPECT_EQ(slice_->faults[0].fired, 0u);
  EXPECT_EQ(slice_->faults[0].preempted, 1u);
  EXPECT_EQ(attempts(AttemptClass::kReset), 1u);
}

}  // namespace
}  // namespace squall::faults
