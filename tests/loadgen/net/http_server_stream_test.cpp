// Answers that go on.
#include "loadgen/net/http_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "tests/support/eventually.hpp"
#include "tests/support/raw_client.hpp"

namespace squall::net {
namespace {

using test::RawClient;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kRequest = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

// Pieces for one stream, put in by the test and taken by the server.
class Pieces {
 public:
  void put(std::string piece) {
    const std::lock_guard lock(mutex_);
    pieces_.push_back(std::move(piece));
  }
  void end() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  std::optional<std::string> take() {
    const std::lock_guard lock(mutex_);
    ++asked_;
    if (pieces_.empty()) {
      return ended_ ? std::nullopt : std::optional<std::string>(std::string());
    }
    std::string piece = std::move(pieces_.front());
    pieces_.pop_front();
    return piece;
  }
  [[nodiscard]] unsigned asked() const { return asked_; }

 private:
  std::mutex mutex_;
  std::deque<std::string> pieces_;
  bool ended_ = false;
  std::atomic<unsigned> asked_{0};
};

std::unique_ptr<HttpServer> serve(const std::shared_ptr<Pieces>& pieces,
                                  const HttpServer::Options& options = {}) {
  auto server = HttpServer::start(options, [pieces](const ServerRequest&) {
    ServerReply reply;
    reply.action = ServerReply::Action::kStream;
    reply.headers = {{"Content-Type", "text/event-stream"}};
    reply.body = "first\n";
    reply.more = [pieces] { return pieces->take(); };
    return reply;
  });
  EXPECT_TRUE(server.has_value());
  return std::move(*server);
}

std::string read_header(RawClient& client) {
  std::string header;
  while (true) {
    const std::string line = client.read_line();
    header += line;
    if (line == "\r\n" || line.empty()) {
      return header;
    }
  }
}

TEST(HttpServerStream, goes_on_whenever_it_is_woken_and_ends_with_the_connection) {
  const auto pieces = std::make_shared<Pieces>();
  const auto server = serve(pieces);
  RawClient client(server->port());
  client.send(kRequest);
  const std::string header = read_header(client);
  EXPECT_THAT(header, HasSubstr("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(header, HasSubstr("Content-Type: text/event-stream\r\n"));
  EXPECT_THAT(header, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(header, Not(HasSubstr("Content-Length")));
  EXPECT_EQ(client.read_line(), "first\n");
  for (const char* piece : {"second\n", "third\n"}) {
    pieces->put(piece);
    server->wake();
    EXPECT_EQ(client.read_line(), piece);
  }
  pieces->put("last\n");
  pieces->end();
  server->wake();
  EXPECT_EQ(client.rest(), "last\n");
  EXPECT_EQ(client.last_error(), 0);
}

TEST(HttpServerStream, what_was_there_before_is_sent_at_once) {
  const auto pieces = std::make_shared<Pieces>();
  pieces->put(std::string(1'000'000, 'x'));
  pieces->put("y");
  pieces->end();
  const auto server = serve(pieces);
  RawClient client(server->port());
  client.send(kRequest);
  read_header(client);
  const std::string rest = client.rest();
  EXPECT_EQ(rest, "first\n" + std::string(1'000'000, 'x') + "y");
}

TEST(HttpServerStream, a_client_that_reads_nothing_is_asked_for_nothing_and_dropped) {
  const auto pieces = std::make_shared<Pieces>();
  for (int i = 0; i < 100; ++i) {
    pieces->put(std::string(8'000'000, 'x'));  // more than any kernel takes
  }
  HttpServer::Options options;
  options.write_timeout = std::chrono::milliseconds(300);
  const auto server = serve(pieces, options);
  const RawClient client(server->port(), 4096);
  client.send(kRequest);
  EXPECT_TRUE(client.is_reset_within(std::chrono::seconds(10)));
  const unsigned asked = pieces->asked();
  EXPECT_LT(asked, 100U);
  server->wake();
  RawClient other(server->port());  // answered after the wake-up was
  other.send("BAD\r\n\r\n");
  EXPECT_EQ(other.answer(), 400);
  EXPECT_EQ(pieces->asked(), asked) << "nobody is there to be asked for";
}

TEST(HttpServerStream, a_client_that_leaves_is_forgotten) {
  const auto pieces = std::make_shared<Pieces>();
  const auto server = serve(pieces);
  {
    RawClient client(server->port());
    client.send(kRequest);
    read_header(client);
    EXPECT_EQ(client.read_line(), "first\n");
  }
  // The pieces are the test's alone once the connection is gone.
  EXPECT_TRUE(test::eventually([&] {
    server->wake();
    const unsigned asked = pieces->asked();
    RawClient other(server->port());
    other.send("BAD\r\n\r\n");
    EXPECT_EQ(other.answer(), 400);
    return pieces->asked() == asked;
  }));
}

TEST(HttpServerStream, head_asks_for_no_body) {
  const auto pieces = std::make_shared<Pieces>();
  const auto server = serve(pieces);
  RawClient client(server->port());
  client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.rest(), testing::EndsWith("\r\n\r\n"));
  EXPECT_EQ(pieces->asked(), 0U);
}

}  // namespace
}  // namespace squall::net
