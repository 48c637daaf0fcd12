#include "tests/faults/client/wire/wire_case.hpp"

namespace squall::faults {
namespace {

using model::AttemptClass;
using namespace std::chrono_literals;

class MalformedOnTheWire : public FaultOnTheWire {
 protected:
  // What arrives at a server that never answers, so that it need not understand it.
  Arrived send(const std::string& keys, const std::function<bool(const Arrived&)>& whole) {
    HostileServer server({HostileServer::stall()});
    load(server, "kind = 'malformed'\n" + keys, Setting{.timeout = "400ms"});
    run();
    EXPECT_TRUE(server.wait_until([&] {
      return server.connections() == 1 && whole(arrived(server.received_from(0)));
    })) << keys;
    EXPECT_GE(elapsed_, 400ms) << "the attempt's timeout ends it";
    EXPECT_EQ(attempts(AttemptClass::kTimeout), 1u);
    EXPECT_TRUE(server.wait_until([&] { return server.open_connections() == 0; }));
    expect_fired();
    return arrived(server.received_from(0));
  }
  static bool has_body(const Arrived& request) { return request.body.size() == kBodyBytes; }
};

TEST_F(MalformedOnTheWire, BadRequestLine) {
  const Arrived request = send("what = 'bad_request_line'", has_body);
  EXPECT_TRUE(request.head.starts_with("POST /pay HTTP/x.y\r\nHost: ")) << request.head;
}

TEST_F(MalformedOnTheWire, OversizeHeader) {
  const Arrived request = send("what = 'oversize_header'\nsize = '100KiB'", has_body);
  EXPECT_EQ(header_of(request.head, "X-Oversize"), std::string(100 * 1024, 'x'));
}

TEST_F(MalformedOnTheWire, DuplicateHeader) {
  const Arrived request =
      send("what = 'duplicate_header'\nheader = 'Idempotency-Key'\nvalue = 'other'", has_body);
  const std::size_t second = request.head.find("\r\nIdempotency-Key: other\r\n");
  ASSERT_NE(second, std::string::npos);
  EXPECT_LT(request.head.find("\r\nIdempotency-Key: "), second);
}

TEST_F(MalformedOnTheWire, BadChunk) {
  const Arrived request = send(
      "what = 'bad_chunk'", [](const Arrived& one) { return one.body.ends_with("\r\n0\r\n\r\n"); });
  EXPECT_EQ(header_of(request.head, "Transfer-Encoding"), "chunked");
  EXPECT_EQ(request.head.find("Content-Length"), std::string::npos);
  EXPECT_NE(request.body.find("\r\nxyz\r\n"), std::string::npos);
}

// A server that waits for the missing bytes, as it should.
TEST_F(MalformedOnTheWire, ALengthBeyondTheBodyEndsWithTheTimeout) {
  HostileServer server(polite());
  load(server, "kind = 'malformed'\nwhat = 'wrong_length'\nby = 5", Setting{.timeout = "300ms"});
  run();
  EXPECT_GE(elapsed_, 300ms);
  EXPECT_LT(elapsed_, 5s);
  EXPECT_EQ(server.requests(), 0u);
  const Arrived request = arrived(server.received_from(0));
  EXPECT_EQ(header_of(request.head, "Content-Length"), std::to_string(kBodyBytes + 5));
  EXPECT_EQ(request.body.size(), kBodyBytes);
  EXPECT_EQ(attempts(AttemptClass::kTimeout), 1u);
  EXPECT_TRUE(server.wait_until([&] { return server.open_connections() == 0; }));
  expect_fired();
}

// It may be executed: an answer is an answer. Its connection is not used again.
TEST_F(MalformedOnTheWire, AnAnswerIsClassedAsEver) {
  HostileServer server(polite());
  load(server, "kind = 'malformed'\nwhat = 'truncated_json'");
  run();
  ASSERT_EQ(server.requests(), 1u);
  const Arrived request = arrived(server.request_texts().front());
  EXPECT_EQ(request.body.size(), kBodyBytes / 2);
  EXPECT_TRUE(request.body.starts_with("{\"token\":\""));
  EXPECT_EQ(attempts(AttemptClass::kSuccess), 1u);
  EXPECT_EQ(slice_->effect_operations.at(0).outcome, model::OperationOutcome::kAcked);
  EXPECT_TRUE(server.wait_until([&] { return server.client_fins() == 1; }));
  expect_fired();
}

TEST_F(MalformedOnTheWire, OtherCopiesAreAsTheyWereRendered) {
  HostileServer server(polite());
  load(server,
       "kind = 'malformed'\nwhat = 'invalid_utf8'\n"
       "[[fault]]\nname = 'again'\nkind = 'duplicate'\nspacing = 'after_response'\n");
  run();
  const std::vector<std::string> texts = server.request_texts();
  ASSERT_EQ(texts.size(), 2u);
  EXPECT_NE(texts[0].find("\xc3\x28"), std::string::npos);
  EXPECT_EQ(arrived(texts[0]).body.size(), kBodyBytes + 2);
  EXPECT_EQ(arrived(texts[1]).body.size(), kBodyBytes);
  EXPECT_EQ(texts[1].find("\xc3\x28"), std::string::npos);
  EXPECT_EQ(slice_->faults.at(0).fired, 1u);
  EXPECT_EQ(slice_->faults.at(1).fired, 1u);
}

TEST_F(MalformedOnTheWire, AllCopiesWhenAsked) {
  HostileServer server(polite());
  load(server,
       "kind = 'malformed'\nwhat = 'truncated_json'\ncopies = 'all'\n"
       "[[fault]]\nname = 'twins'\nkind = 'duplicate'\ncopies = 3\n");
  run();
  const std::vector<std::string> texts = server.request_texts();
  ASSERT_EQ(texts.size(), 3u);
  for (const std::string& text : texts) {
    EXPECT_EQ(arrived(text).body.size(), kBodyBytes / 2);
  }
  EXPECT_EQ(slice_->faults.at(0).fired, 1u);
  EXPECT_EQ(slice_->faults.at(1).fired, 1u);
}

}  // namespace
}  // namespace squall::faults
