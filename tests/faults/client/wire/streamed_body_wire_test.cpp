// Client faults on requests whose body is made while it is sent: the same bytes for retries and
// copies, cuts at their byte, heads that are changed.
#include <map>

#include "tests/faults/client/wire/wire_case.hpp"

namespace squall::faults {
namespace {

using model::AttemptClass;
using namespace std::chrono_literals;

constexpr const char* kUpload =
    "multipart = [ { name = 'order', value = '{{seq}}' }, { name = 'blob', generate = '300KiB' } ]";

class StreamedBodyOnTheWire : public FaultOnTheWire {
 protected:
  static Setting upload(const std::string& more = {}) {
    Setting setting;
    setting.body = std::string(kUpload) + "\n" + more;
    return setting;
  }
  // Body of what `request` should be, by its own head.
  static bool is_whole(const Arrived& request) {
    return std::to_string(request.body.size()) == header_of(request.head, "Content-Length");
  }
};

TEST_F(StreamedBodyOnTheWire, CopiesHaveTheSameBytes) {
  HostileServer server(polite());
  load(server, "kind = 'duplicate'\ncopies = 3\nspacing = 'together'", upload());
  run();
  const std::vector<std::string> texts = server.request_texts();
  ASSERT_EQ(texts.size(), 3U);
  EXPECT_GT(texts[0].size(), 300U * 1024);
  EXPECT_TRUE(is_whole(arrived(texts[0])));
  EXPECT_TRUE(texts[0] == texts[1]);
  EXPECT_TRUE(texts[0] == texts[2]);
  expect_fired();
}

TEST_F(StreamedBodyOnTheWire, ARetryHasTheSameBytesAndAnotherOperationOthers) {
  HostileServer server(polite());
  load(server, "kind = 'drop'\nat = 'after_send'\nhow = 'fin'",
       upload("retry = { on = ['cut'], attempts = 2, backoff = '1ms' }"));
  arrivals_ = 2;
  run();
  // A server may be told of a request whose sender is gone.
  ASSERT_TRUE(server.wait_until([&] { return server.requests() == 4; }));
  std::map<std::string, std::vector<std::string>> bodies;
  for (const std::string& text : server.request_texts()) {
    const Arrived request = arrived(text);
    EXPECT_TRUE(is_whole(request));
    bodies[header_of(request.head, "X-Seq")].push_back(request.body);
  }
  ASSERT_EQ(bodies.size(), 2U);
  for (const auto& [sequence, sent] : bodies) {
    ASSERT_EQ(sent.size(), 2U) << sequence;
    EXPECT_TRUE(sent[0] == sent[1]) << sequence;
  }
  const auto content = [&](const std::string& sequence) {
    return bodies[sequence].front().substr(bodies[sequence].front().size() - 100'000);
  };
  EXPECT_FALSE(content("3") == content("4"));
}

TEST_F(StreamedBodyOnTheWire, ACutInTheBodySendsHalfOfIt) {
  HostileServer server({HostileServer::stall()});
  load(server, "kind = 'drop'\nat = 'body'\nhow = 'fin'", upload());
  run();
  ASSERT_TRUE(server.wait_until(
      [&] { return server.connections() == 1 && server.open_connections() == 0; }));
  const Arrived request = arrived(server.received_from(0));
  EXPECT_EQ(request.body.size(), std::stoull(header_of(request.head, "Content-Length")) / 2);
  expect_fired();
}

TEST_F(StreamedBodyOnTheWire, AChangedHeadKeepsTheBody) {
  HostileServer plain(polite());
  load(plain, "kind = 'latency'\nlatency = '1ms'", upload());
  run();
  HostileServer server({HostileServer::stall()});
  Setting setting = upload();
  setting.timeout = "400ms";
  load(server, "kind = 'malformed'\nwhat = 'duplicate_header'\nheader = 'X-Seq'", setting);
  const std::string body = arrived(plain.request_texts().at(0)).body;
  run();
  ASSERT_TRUE(server.wait_until(
      [&] { return server.connections() == 1 && server.open_connections() == 0; }));
  EXPECT_TRUE(arrived(server.received_from(0)).body == body);
}

TEST_F(StreamedBodyOnTheWire, ASpoiledBodyIsMadeAsAWhole) {
  HostileServer server({HostileServer::stall()});
  Setting setting = upload();
  setting.timeout = "400ms";
  load(server, "kind = 'malformed'\nwhat = 'bad_chunk'", setting);
  run();
  ASSERT_TRUE(server.wait_until(
      [&] { return server.connections() == 1 && server.open_connections() == 0; }));
  const Arrived request = arrived(server.received_from(0));
  EXPECT_GT(request.body.size(), 300U * 1024);
  EXPECT_TRUE(request.body.ends_with("\r\n0\r\n\r\n"));
  EXPECT_NE(request.body.find("\r\nxyz\r\n"), std::string::npos);
  expect_fired();
}

}  // namespace
}  // namespace squall::faults
