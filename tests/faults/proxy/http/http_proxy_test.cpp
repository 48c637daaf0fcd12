// HTTP mode on real sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <thread>

#include "faults/proxy/proxy_server.hpp"
#include "tests/faults/proxy/socket.hpp"
#include "tests/support/eventually.hpp"

namespace squall::faults {
namespace {

using ::testing::HasSubstr;

const ToxicRegistry& every_toxic() {
  static const ToxicRegistry registry = [] {
    ToxicRegistry all;
    register_toxics(all);
    register_http_faults(all);
    return all;
  }();
  return registry;
}

const std::string kPost = "POST /pay HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody";
const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

class HttpProxyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = server.create({.name = "p",
                               .listen = "localhost:0",
                               .upstream = backend.address(),
                               .mode = model::ProxyMode::kHttp});
    ASSERT_TRUE(made.has_value()) << made.error().message;
    const std::string& listen = made->settings.listen;
    port = static_cast<std::uint16_t>(std::stoi(listen.substr(listen.rfind(':') + 1)));
  }
  void add(const std::string& type, std::string_view toml) {
    auto added = server.add_toxic(
        "p", {.name = type, .type = type, .attributes = *expr::parse_toml(toml, "test.toml")});
    ASSERT_TRUE(added.has_value()) << added.error().message;
  }
  [[nodiscard]] ToxicCounters counters() const {
    return server.find("p").value().toxics.at(0).counters;
  }
  // The next one that is over.
  model::ProxyExchange exchange() {
    model::TakenExchanges taken;
    EXPECT_TRUE(test::eventually([&] {
      taken = server.take_exchanges();
      return !taken.exchanges.empty();
    }));
    return taken.exchanges.empty() ? model::ProxyExchange() : taken.exchanges.front();
  }

  test::Acceptor backend;
  ProxyServer server{every_toxic(), {.seed = 1}};
  std::uint16_t port = 0;
};

TEST_F(HttpProxyTest, passes_a_large_exchange_as_it_is) {
  test::Socket client = test::Socket::connect(port);
  test::Socket upstream = backend.accept();
  const std::string body(3'000'000, 'x');
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + body;
  ASSERT_TRUE(client.send(kPost));
  EXPECT_EQ(upstream.receive_all(kPost.size()), kPost);
  std::thread sender([&] { EXPECT_TRUE(upstream.send(answer)); });
  EXPECT_TRUE(client.receive_all(answer.size()) == answer);
  sender.join();
  const model::ProxyExchange seen = exchange();
  EXPECT_EQ(seen.proxy, "p");
  EXPECT_EQ(seen.status, 200);
  EXPECT_TRUE(seen.executed);
  EXPECT_EQ(server.find("p")->counters.http.exchanges, 1U);
}

TEST_F(HttpProxyTest, what_is_not_http_passes_untouched) {
  add("http_status", "");
  test::Socket client = test::Socket::connect(port);
  test::Socket upstream = backend.accept();
  ASSERT_TRUE(client.send("*1\r\n$4\r\nPING\r\n"));
  EXPECT_EQ(upstream.receive_all(14), "*1\r\n$4\r\nPING\r\n");
  ASSERT_TRUE(upstream.send("+PONG\r\n"));
  EXPECT_EQ(client.receive_all(7), "+PONG\r\n");
  EXPECT_EQ(server.find("p")->counters.http.untouched_links, 1U);
}

TEST_F(HttpProxyTest, loses_the_answer_by_a_reset_after_the_upstream_has_executed) {
  add("http_abort", "at = \"after\"\n");
  test::Socket client = test::Socket::connect(port);
  test::Socket upstream = backend.accept();
  ASSERT_TRUE(client.send(kPost));
  EXPECT_EQ(upstream.receive_all(kPost.size()), kPost);
  ASSERT_TRUE(upstream.send(kOk));
  EXPECT_EQ(client.rest(), "");
  EXPECT_EQ(client.error(), ECONNRESET);
  const model::ProxyExchange seen = exchange();
  EXPECT_EQ(seen.upstream_status, 200);
  EXPECT_TRUE(seen.executed);
  EXPECT_EQ(seen.status, 0);
  EXPECT_EQ(counters().executed, 1U);
  EXPECT_EQ(counters().fired, 1U);
}

TEST_F(HttpProxyTest, answers_and_goes_on_when_the_fault_is_removed) {
  add("http_status", "status = 429\nbody = \"no\"\n");
  test::Socket client = test::Socket::connect(port);
  test::Socket upstream = backend.accept();
  const std::string busy = "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 2\r\n\r\nno";
  ASSERT_TRUE(client.send(kPost));
  EXPECT_EQ(client.receive_all(busy.size()), busy);
  ASSERT_TRUE(server.remove_toxic("p", "http_status").has_value());
  ASSERT_TRUE(client.send(kPost));
  EXPECT_EQ(upstream.receive_all(kPost.size()), kPost);
  ASSERT_TRUE(upstream.send(kOk));
  EXPECT_EQ(client.receive_all(kOk.size()), kOk);
}

// The second request waits behind the held one; its turn comes while the fault is taken off.
TEST_F(HttpProxyTest, requests_that_wait_behind_a_fault_that_is_removed_do_not_get_it) {
  add("http_delay", "delay = \"1h\"\n");
  test::Socket client = test::Socket::connect(port);
  test::Socket upstream = backend.accept();
  const auto removed = [&](int round) {
    return round == 0 ? server.remove_toxic("p", "http_delay") : server.reset();
  };
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(client.send(kPost + kPost));
    ASSERT_TRUE(test::eventually([&] { return counters().planned == 1; }));
    ASSERT_TRUE(removed(round).has_value());
    EXPECT_EQ(upstream.receive_all(2 * kPost.size()), kPost + kPost);
    add("http_delay", "delay = \"1h\"\n");
  }
}

TEST_F(HttpProxyTest, sends_copies_on_connections_of_their_own_and_has_the_answers_as_proof) {
  add("http_duplicate", "copies = 2\n");
  test::Socket client = test::Socket::connect(port);
  test::Socket upstream = backend.accept();
  ASSERT_TRUE(client.send(kPost));
  test::Socket copy = backend.accept();
  EXPECT_EQ(upstream.receive_all(kPost.size()), kPost);
  EXPECT_EQ(copy.receive_all(kPost.size()), kPost);
  ASSERT_TRUE(upstream.send(kOk));
  EXPECT_EQ(client.receive_all(kOk.size()), kOk);
  client.close();  // the copy is answered all the same
  ASSERT_TRUE(copy.send("HTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n"));
  const model::ProxyExchange seen = exchange();
  ASSERT_EQ(seen.copies.size(), 1U);
  EXPECT_EQ(seen.copies[0].status, 201);
  EXPECT_EQ(seen.upstream_calls(), 2U);
  EXPECT_EQ(seen.faults, std::vector<std::string>{"http_duplicate"});
  EXPECT_EQ(counters().executed, 1U);
}

TEST_F(HttpProxyTest, notes_by_which_idempotency_key_a_request_is_known) {
  test::Socket client = test::Socket::connect(port);
  test::Socket peer;
  const auto key_of_request = [&](const std::string& fields) {
    const std::string request = "POST /pay HTTP/1.1\r\n" + fields + "Content-Length: 4\r\n\r\nbody";
    EXPECT_TRUE(client.send(request));
    if (!peer.is_open()) {
      peer = backend.accept();
    }
    EXPECT_EQ(peer.receive_all(request.size()), request);
    EXPECT_TRUE(peer.send(kOk));
    EXPECT_EQ(client.receive_all(kOk.size()), kOk);
    return exchange().key;
  };
  const std::uint64_t first = key_of_request("idempotency-key:  k1 \r\n");
  EXPECT_NE(first, 0U);
  EXPECT_EQ(key_of_request("PayPal-Request-Id: k1\r\n"), first);
  EXPECT_NE(key_of_request("Idempotency-Key: k2\r\nPayPal-Request-Id: k1\r\n"), first);
  EXPECT_EQ(key_of_request(""), 0U);
}

TEST_F(HttpProxyTest, gives_up_what_is_under_way_when_the_proxy_is_removed) {
  add("http_duplicate", "copies = 5\n");
  add("http_delay", "delay = \"1h\"\nat = \"answer\"\n");
  test::Socket client = test::Socket::connect(port);
  test::Socket upstream = backend.accept();
  ASSERT_TRUE(client.send(kPost));
  EXPECT_EQ(upstream.receive_all(kPost.size()), kPost);
  ASSERT_TRUE(upstream.send(kOk));
  ASSERT_TRUE(server.remove("p").has_value());
  EXPECT_EQ(client.rest(), "");
  EXPECT_EQ(exchange().copies.size(), 4U);
}

TEST_F(HttpProxyTest, refuses_http_toxics_where_there_is_no_http) {
  ASSERT_TRUE(server.create({.name = "tcp", .listen = "localhost:0", .upstream = "x:1"}));
  const auto refused = server.add_toxic("tcp", {.type = "http_status"});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ProxyError::Kind::kBadAttributes);
  EXPECT_THAT(refused.error().message, HasSubstr("needs a proxy in mode \"http\""));
}

// An unread "rout" would mean all routes.
TEST_F(HttpProxyTest, refuses_attributes_that_an_http_toxic_does_not_know) {
  const auto attributes = expr::parse_toml("rout = \"/x\"\n", "test.toml");
  const auto refused = server.add_toxic("p", {.type = "http_status", .attributes = *attributes});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ProxyError::Kind::kBadAttributes);
  EXPECT_THAT(refused.error().message, HasSubstr("did you mean \"route\"?"));
}

TEST_F(HttpProxyTest, does_not_become_tcp_while_http_toxics_are_there) {
  add("http_status", "");
  EXPECT_FALSE(server.update("p", {.mode = model::ProxyMode::kTcp}).has_value());
  ASSERT_TRUE(server.remove_toxic("p", "http_status").has_value());
  EXPECT_EQ(server.update("p", {.mode = model::ProxyMode::kTcp})->settings.mode,
            model::ProxyMode::kTcp);
}

}  // namespace
}  // namespace squall::faults
