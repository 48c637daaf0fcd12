#include "loadgen/net/http_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "loadgen/base/clock.hpp"
#include "tests/support/hostile_server.hpp"
#include "tests/support/loopback_port.hpp"

namespace squall::net {
namespace {

using std::chrono::milliseconds;
using test::HostileServer;
using test::ok_answer;
using testing::HasSubstr;
using testing::Not;

ClientRequest get(std::string url) {
  ClientRequest request;
  request.url = std::move(url);
  return request;
}

TEST(HttpClient, gets) {
  HostileServer server({HostileServer::read_request(),
                        HostileServer::send(ok_answer("hello", "X-One: 1\r\nx-two:  2 \r\n"))});
  const auto response = send(get(server.url("/path?q=1")));
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "hello");
  EXPECT_EQ(response->header("x-ONE"), "1");
  EXPECT_EQ(response->header("X-Two"), "2");
  EXPECT_EQ(response->header("X-Three"), "");
  EXPECT_GT(response->elapsed, Duration::zero());
  ASSERT_EQ(server.requests(), 1U);
  EXPECT_TRUE(server.request_texts()[0].starts_with("GET /path?q=1 HTTP/1.1\r\n"));
}

TEST(HttpClient, sends_exactly_the_body_and_fields_it_was_given) {
  HostileServer server({HostileServer::read_request(), HostileServer::send(ok_answer(""))});
  ClientRequest request;
  request.method = "POST";
  request.url = server.url();
  request.body = std::string("a\0b\r\n", 5) + std::string(2000, 'x');
  request.headers = {{"X-Empty", ""}, {"X-Full", "yes: no"}};
  ASSERT_TRUE(send(request).has_value());
  const std::string text = server.request_texts().at(0);
  EXPECT_TRUE(text.ends_with("\r\n\r\n" + request.body));
  EXPECT_THAT(text, HasSubstr("X-Empty:"));
  EXPECT_THAT(text, HasSubstr("X-Full: yes: no\r\n"));
  EXPECT_THAT(text, Not(HasSubstr("Expect:")));
  EXPECT_THAT(text, Not(HasSubstr("Content-Type:")));
}

TEST(HttpClient, methods_and_their_bodies) {
  HostileServer server({HostileServer::read_request(), HostileServer::send(ok_answer(""))});
  for (const char* method : {"POST", "PUT", "PATCH", "DELETE", "GET", "PURGE"}) {
    ClientRequest request = get(server.url());
    request.method = method;
    ASSERT_TRUE(send(request).has_value()) << method;
    EXPECT_TRUE(server.request_texts().back().starts_with(std::string(method) + " / HTTP/1.1"));
  }
  ClientRequest head = get(server.url());
  head.method = "HEAD";
  head.body = "ignored";
  HostileServer says_length({HostileServer::read_request(),
                             HostileServer::send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"),
                             HostileServer::stall()});
  head.url = says_length.url();
  const auto response = send(head);
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->header("content-length"), "10");
}

TEST(HttpClient, statuses_are_answers_and_redirects_are_not_followed) {
  HostileServer server({HostileServer::read_request(),
                        HostileServer::send("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\n"
                                            "Content-Length: 0\r\n\r\n")});
  const auto response = send(get(server.url()));
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status, 302);
  EXPECT_EQ(server.requests(), 1U);
}

TEST(HttpClient, fields_of_the_final_answer_only) {
  HostileServer server(
      {HostileServer::read_request(), HostileServer::send("HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n" +
                                                          ok_answer("", "Folded: a\r\n  b\r\n"))});
  const auto response = send(get(server.url()));
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->header("Link"), "");
  EXPECT_EQ(response->header("Folded"), "a b");
}

TEST(HttpClient, never_repeats_a_request) {
  HostileServer server([](unsigned connection) -> HostileServer::Script {
    if (connection == 0) {
      return {HostileServer::read_request(), HostileServer::send(ok_answer("kept alive")),
              HostileServer::read_request(), HostileServer::close_rst()};
    }
    return {HostileServer::read_request(), HostileServer::close_rst()};
  });
  EXPECT_TRUE(send(get(server.url())).has_value());
  const auto second = send(get(server.url()));
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(server.connections(), 2U);
  EXPECT_EQ(server.requests(), 2U);
}

TEST(HttpClient, no_complete_answer_is_unavailable) {
  const std::vector<HostileServer::Script> scripts = {
      {HostileServer::close_fin()},
      {HostileServer::close_rst()},
      {HostileServer::read_request(), HostileServer::close_fin()},
      {HostileServer::read_request(), HostileServer::send_garbage(1000), HostileServer::stall()},
      {HostileServer::read_request(),
       HostileServer::send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort")},
      {HostileServer::read_request(),
       HostileServer::send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel")},
      {HostileServer::read_request(),
       HostileServer::send("HTTP/1.1 200 OK\r\nX: " + std::string(4'000'000, 'x'))},
      {HostileServer::read_request(), HostileServer::send("old style answer")},
  };
  for (std::size_t i = 0; i < scripts.size(); ++i) {
    HostileServer server(scripts[i]);
    const auto response = send(get(server.url()));
    ASSERT_FALSE(response.has_value()) << i;
    EXPECT_EQ(response.error().code, ErrorCode::kUnavailable) << i;
    EXPECT_THAT(response.error().message, HasSubstr("GET http://127.0.0.1")) << i;
  }
}

TEST(HttpClient, endless_header_is_limited) {
  std::string fields;
  for (int i = 0; i < 60'000; ++i) {
    fields.append("X-Field: some value to fill it\r\n");
  }
  HostileServer server({HostileServer::read_request(), HostileServer::send(ok_answer("", fields))});
  const auto response = send(get(server.url()));
  ASSERT_FALSE(response.has_value());
  EXPECT_EQ(response.error().code, ErrorCode::kUnavailable);
}

TEST(HttpClient, refused_and_timed_out) {
  const test::RefusedPort refused;
  const auto no = send(get("http://127.0.0.1:" + std::to_string(refused.port())));
  ASSERT_FALSE(no.has_value());
  EXPECT_EQ(no.error().code, ErrorCode::kUnavailable);

  HostileServer server({HostileServer::stall()});
  ClientRequest request = get(server.url());
  request.timeout = milliseconds(50);
  const TimePoint begin = monotonic_now();
  const auto late = send(request);
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().code, ErrorCode::kUnavailable);
  EXPECT_GE(monotonic_now() - begin, milliseconds(45));
  EXPECT_LT(monotonic_now() - begin, std::chrono::seconds(8));
}

TEST(HttpClient, body_limit_with_and_without_a_length) {
  HostileServer server([](unsigned connection) -> HostileServer::Script {
    if (connection % 2 == 0) {
      return {HostileServer::read_request(), HostileServer::send_large(1001)};
    }
    return {HostileServer::read_request(),
            HostileServer::send("HTTP/1.1 200 OK\r\n\r\n" + std::string(1001, 'x'))};
  });
  for (const std::uint64_t limit : {1000U, 1000U, 1001U, 1001U, 0U, 0U}) {
    ClientRequest request = get(server.url());
    request.max_body_bytes = limit;
    const auto response = send(request);
    ASSERT_EQ(response.has_value(), limit == 1001);
    if (!response) {
      EXPECT_EQ(response.error().code, ErrorCode::kExhausted);
    }
  }
}

TEST(HttpClient, refuses_what_cannot_be_sent) {
  HostileServer server({HostileServer::read_request(), HostileServer::send(ok_answer(""))});
  ClientRequest split = get(server.url());
  split.headers = {{"X-Evil", "a\r\nInjected: yes"}};
  ClientRequest name = get(server.url());
  name.headers = {{"X Bad", "a"}};
  ClientRequest method = get(server.url());
  method.method = "GET / HTTP/1.1\r\nX:";
  for (const ClientRequest& each :
       {split, name, method, get("ftp://127.0.0.1/x"), get("file:///etc/passwd"), get("not a url"),
        get(""), get(std::string("http://127.0.0.1/\0x", 19))}) {
    const auto response = send(each);
    ASSERT_FALSE(response.has_value()) << each.url;
    EXPECT_EQ(response.error().code, ErrorCode::kInvalidArgument) << response.error().message;
  }
  EXPECT_EQ(server.connections(), 0U);
}

TEST(HttpClient, takes_no_proxy_from_the_environment) {
  const test::RefusedPort refused;
  const std::string proxy = "http://127.0.0.1:" + std::to_string(refused.port());
  // No other thread reads the environment meanwhile.
  setenv("http_proxy", proxy.c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
  setenv("all_proxy", proxy.c_str(), 1);   // NOLINT(concurrency-mt-unsafe)
  HostileServer server({HostileServer::read_request(), HostileServer::send(ok_answer("direct"))});
  const auto response = send(get(server.url()));
  unsetenv("http_proxy");  // NOLINT(concurrency-mt-unsafe)
  unsetenv("all_proxy");   // NOLINT(concurrency-mt-unsafe)
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->body, "direct");
}

TEST(HttpClient, messages_keep_secrets_of_the_url) {
  const test::RefusedPort refused;
  const auto response = send(get("http://user:hunter2@127.0.0.1:" + std::to_string(refused.port()) +
                                 "/path?token=hunter2"));
  ASSERT_FALSE(response.has_value());
  EXPECT_THAT(response.error().message, Not(HasSubstr("hunter2")));
  EXPECT_THAT(response.error().message, HasSubstr("/path"));
}

TEST(HttpClient, https_to_a_plain_server_fails) {
  HostileServer server({HostileServer::read_bytes(1), HostileServer::send(ok_answer("plain")),
                        HostileServer::stall()});
  const auto response = send(get("https://127.0.0.1:" + std::to_string(server.port()) + "/"));
  ASSERT_FALSE(response.has_value());
  EXPECT_EQ(response.error().code, ErrorCode::kUnavailable);
}

TEST(HttpClient, many_threads_at_once) {
  HostileServer server({HostileServer::read_request(), HostileServer::send(ok_answer("ok"))});
  std::vector<std::thread> threads;
  threads.reserve(8);
  std::atomic<int> good{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 10; ++n) {
        good += send(get(server.url())).has_value() ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(good, 80);
}

}  // namespace
}  // namespace squall::net
