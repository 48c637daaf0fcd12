#include "loadgen/net/http_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "loadgen/base/clock.hpp"
#include "loadgen/net/http_client.hpp"
#include "tests/support/raw_client.hpp"

namespace squall::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::RawClient;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::unique_ptr<HttpServer> serve(HttpServer::Handler handler,
                                  const HttpServer::Options& options = {}) {
  auto server = HttpServer::start(options, std::move(handler));
  EXPECT_TRUE(server.has_value());
  return std::move(*server);
}

ServerReply reply(std::string body) {
  ServerReply result;
  result.body = std::move(body);
  return result;
}

ServerReply echo_target(const ServerRequest& request) {
  return reply(request.target);
}

TEST(HttpServer, answers_late_from_another_thread_and_serves_others_meanwhile) {
  std::promise<HttpServer::Answer> held;
  auto server = *HttpServer::start_late({}, [&](ServerRequest request, HttpServer::Answer answer) {
    if (request.target == "/slow") {
      held.set_value(std::move(answer));
    } else {
      answer(reply(request.target));
    }
  });
  RawClient slow(server->port());
  slow.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\nGET /next HTTP/1.1\r\nHost: x\r\n\r\n");
  const HttpServer::Answer answer = held.get_future().get();
  std::string body;
  RawClient other(server->port());
  other.send("GET /quick HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(other.answer(body), 200);
  EXPECT_EQ(body, "/quick");
  std::thread([&] { answer(reply("done")); }).join();
  EXPECT_EQ(slow.answer(body), 200);
  EXPECT_EQ(body, "done");
  answer(reply("twice"));
  EXPECT_EQ(slow.answer(body), 200);
  EXPECT_EQ(body, "/next");
  server.reset();
  answer(reply("to nobody"));
}

TEST(HttpServer, answers_for_a_handler_that_takes_too_long) {
  std::promise<HttpServer::Answer> held;
  HttpServer::Options options;
  options.answer_timeout = milliseconds(10);
  options.overdue.body = "later";
  const auto server = *HttpServer::start_late(
      options, [&](const ServerRequest& request, HttpServer::Answer answer) {
        held.set_value(std::move(answer));
        EXPECT_EQ(request.target, "/slow");
      });
  RawClient client(server->port());
  client.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  std::string body;
  EXPECT_EQ(client.answer(body), 503);
  EXPECT_EQ(body, "later");
  held.get_future().get()(reply("too late"));
  client.send("garbage\r\n\r\n");
  EXPECT_EQ(client.answer(), 400);
}

TEST(HttpServer, answers) {
  const auto server = serve([](const ServerRequest& request) {
    ServerReply result = reply(request.method + " " + request.target + " " +
                               std::string(request.header("x-given")) + " " + request.body);
    result.status = 201;
    result.headers = {{"X-Back", "yes"}, {"Content-Length", "999"}, {"Bad", "a\r\nb"}};
    return result;
  });
  ASSERT_GT(server->port(), 0);
  ClientRequest request;
  request.method = "POST";
  request.url = "http://127.0.0.1:" + std::to_string(server->port()) + "/path?q";
  request.headers = {{"X-Given", "value"}};
  request.body = "body";
  const auto response = send(request);
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(response->body, "POST /path?q value body");
  EXPECT_EQ(response->header("X-Back"), "yes");
  EXPECT_EQ(response->header("Bad"), "");
}

TEST(HttpServer, keeps_alive_and_answers_pipelined_requests_in_order) {
  std::atomic<int> handled{0};
  const auto server = serve([&](const ServerRequest& request) {
    ServerReply result = reply(request.target + request.body);
    // Later requests would overtake if they did not wait.
    result.delay = milliseconds(handled++ == 0 ? 30 : 0);
    return result;
  });
  RawClient client(server->port());
  client.send(
      "GET /1 HTTP/1.1\r\n\r\nPOST /2 HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /3 HTTP/1.1\r\n"
      "Connection: close\r\n\r\nGET /never HTTP/1.1\r\n\r\n");
  std::string body;
  EXPECT_EQ(client.answer(body), 200);
  EXPECT_EQ(body, "/1");
  EXPECT_EQ(client.answer(body), 200);
  EXPECT_EQ(body, "/2abc");
  EXPECT_EQ(client.answer(body), 200);
  EXPECT_EQ(body, "/3");
  EXPECT_EQ(client.rest(), "");
  EXPECT_EQ(client.last_error(), 0);
  EXPECT_EQ(handled, 3);
}

TEST(HttpServer, many_pipelined_requests_at_once) {
  const auto server = serve(echo_target);
  RawClient client(server->port());
  constexpr int kRequests = 3000;
  std::string all;
  for (int i = 0; i < kRequests; ++i) {
    all.append("GET /").append(std::to_string(i)).append(" HTTP/1.1\r\n\r\n");
  }
  std::thread sender([&] { client.send(all); });
  std::string body;
  for (int i = 0; i < kRequests; ++i) {
    ASSERT_EQ(client.answer(body), 200) << i;
    ASSERT_EQ(body, "/" + std::to_string(i));
  }
  sender.join();
}

TEST(HttpServer, request_byte_by_byte) {
  const auto server = serve(echo_target);
  RawClient client(server->port());
  for (const char byte : std::string("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")) {
    client.send({&byte, 1});
  }
  std::string body;
  EXPECT_EQ(client.answer(body), 200);
  EXPECT_EQ(body, "/slow");
}

TEST(HttpServer, refuses_and_closes_in_order) {
  HttpServer::Options options;
  options.max_header_bytes = 1000;
  options.max_body_bytes = 1000;
  std::atomic<int> handled{0};
  const auto server = serve(
      [&](const ServerRequest& request) {
        ++handled;
        return echo_target(request);
      },
      options);
  struct Bad {
    std::string bytes;
    int status;
  };
  const std::string chunked = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const Bad& bad :
       {Bad{"nonsense\r\n\r\n", 400}, Bad{std::string("\0\0\0\0\r\n\r\n", 8), 400},
        Bad{"GET / HTTP/1.1\r\nX: " + std::string(2000, 'x'), 431},
        Bad{"GET /" + std::string(5'000'000, 'x'), 431},
        Bad{"POST / HTTP/1.1\r\nContent-Length: 1001\r\n\r\n", 413},
        Bad{"POST / HTTP/1.1\r\nContent-Length: 5000000\r\n\r\n" + std::string(5'000'000, 'x'),
            413},
        Bad{chunked + "3E9\r\n" + std::string(1001, 'x') + "\r\n0\r\n\r\n", 413},
        Bad{chunked + "zz\r\n\r\n", 400}, Bad{chunked + "0;" + std::string(5000, 'x'), 431},
        Bad{"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501}}) {
    RawClient client(server->port());
    client.send(bad.bytes);
    EXPECT_EQ(client.answer(), bad.status) << bad.bytes.substr(0, 60);
    EXPECT_THAT(client.seen(), HasSubstr("Connection: close\r\n"));
    EXPECT_EQ(client.rest(), "");
    EXPECT_EQ(client.last_error(), 0);
  }
  EXPECT_EQ(handled, 0);
  RawClient good(server->port());
  good.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(good.answer(), 200);
}

TEST(HttpServer, late_answers_do_not_hold_up_others) {
  const auto server = serve([](const ServerRequest& request) {
    ServerReply result = echo_target(request);
    result.delay = request.target == "/late" ? milliseconds(300) : milliseconds(0);
    return result;
  });
  const TimePoint begin = monotonic_now();
  RawClient late(server->port());
  late.send("GET /late HTTP/1.1\r\n\r\n");
  for (int i = 0; i < 20; ++i) {
    RawClient quick(server->port());
    quick.send("GET /quick HTTP/1.1\r\n\r\n");
    EXPECT_EQ(quick.answer(), 200);
  }
  const Duration quick_time = monotonic_now() - begin;
  EXPECT_EQ(late.answer(), 200);
  const Duration late_time = monotonic_now() - begin;
  EXPECT_GE(late_time, milliseconds(300));
  EXPECT_LT(quick_time, late_time);
}

TEST(HttpServer, resets_at_once_and_late) {
  for (const Duration delay : {Duration::zero(), Duration(milliseconds(20))}) {
    const auto server = serve([&](const ServerRequest&) {
      ServerReply result;
      result.action = ServerReply::Action::kReset;
      result.delay = delay;
      return result;
    });
    RawClient client(server->port());
    client.send("GET / HTTP/1.1\r\n\r\n");
    EXPECT_EQ(client.rest(), "");
    EXPECT_EQ(client.last_error(), ECONNRESET);
  }
}

TEST(HttpServer, silence_ends_with_the_client) {
  std::atomic<int> handled{0};
  HttpServer::Options options;
  options.max_connections = 1;
  const auto server = serve(
      [&](const ServerRequest& request) {
        ++handled;
        ServerReply result = echo_target(request);
        if (request.target == "/silent") {
          result.action = ServerReply::Action::kSilence;
        }
        return result;
      },
      options);
  {
    RawClient silent(server->port());
    silent.send("GET /silent HTTP/1.1\r\n\r\nGET /next HTTP/1.1\r\n\r\n");
    // The only place is taken as long as the silent one lasts.
    RawClient other(server->port());
    EXPECT_EQ(other.rest(), "");
  }
  // And free again when its client has left.
  const TimePoint deadline = monotonic_now() + seconds(10);
  int status = 0;
  while (status == 0 && monotonic_now() < deadline) {
    RawClient other(server->port());
    other.send("GET / HTTP/1.1\r\n\r\n");
    status = other.answer();
  }
  EXPECT_EQ(status, 200);
  EXPECT_EQ(handled, 2);
}

TEST(HttpServer, says_continue_only_to_who_waits) {
  const auto server = serve([](const ServerRequest& request) { return reply(request.body); });
  RawClient waiting(server->port());
  waiting.send("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(waiting.read_line(), "HTTP/1.1 100 Continue\r\n");
  EXPECT_EQ(waiting.read_line(), "\r\n");
  waiting.send("body");
  std::string text;
  EXPECT_EQ(waiting.answer(text), 200);
  EXPECT_EQ(text, "body");
  EXPECT_THAT(waiting.seen(), StartsWith("HTTP/1.1 200"));  // said once

  RawClient eager(server->port());
  eager.send("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\nbody");
  EXPECT_EQ(eager.answer(), 200);
  EXPECT_THAT(eager.seen(), StartsWith("HTTP/1.1 200"));

  RawClient large(server->port());
  large.send("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 99999999999\r\n\r\n");
  EXPECT_EQ(large.answer(), 413);
  EXPECT_THAT(large.seen(), StartsWith("HTTP/1.1 413"));
}

TEST(HttpServer, head_and_bodiless_statuses) {
  const auto server = serve([](const ServerRequest& request) {
    ServerReply result = reply("twelve bytes");
    result.status = request.target == "/204" ? 204 : 200;
    return result;
  });
  RawClient client(server->port());
  std::string body;
  client.send("HEAD / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(client.answer(body, true), 200);
  EXPECT_THAT(client.seen(), HasSubstr("Content-Length: 12\r\n"));
  client.send("GET /204 HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.answer(body), 204);
  EXPECT_EQ(client.answer(body), 200);
  EXPECT_EQ(body, "twelve bytes");
  EXPECT_EQ(client.rest(), "");
}

TEST(HttpServer, http_1_0) {
  const auto server = serve(echo_target);
  RawClient closing(server->port());
  closing.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(closing.answer(), 200);
  EXPECT_EQ(closing.rest(), "");
  RawClient keeping(server->port());
  keeping.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(keeping.answer(), 200);
  EXPECT_THAT(keeping.seen(), HasSubstr("Connection: keep-alive\r\n"));
  keeping.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(keeping.answer(), 200);
}

TEST(HttpServer, handler_may_close) {
  const auto server = serve([](const ServerRequest& request) {
    ServerReply result = echo_target(request);
    result.headers = {{"connection", "close"}};
    return result;
  });
  RawClient client(server->port());
  client.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(client.answer(), 200);
  EXPECT_EQ(client.rest(), "");
}

TEST(HttpServer, answers_a_client_that_has_closed_its_side) {
  const auto server = serve([](const ServerRequest& request) {
    ServerReply result = echo_target(request);
    result.delay = milliseconds(20);
    return result;
  });
  RawClient client(server->port());
  client.send("GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\nGET /half");
  client.end();
  std::string body;
  EXPECT_EQ(client.answer(body), 200);
  EXPECT_EQ(body, "/1");
  EXPECT_EQ(client.answer(body), 200);
  EXPECT_EQ(body, "/2");
  EXPECT_EQ(client.rest(), "");
  EXPECT_EQ(client.last_error(), 0);
}

TEST(HttpServer, slow_and_idle_clients_are_timed_out) {
  HttpServer::Options options;
  options.request_timeout = milliseconds(250);
  options.idle_timeout = milliseconds(250);
  const auto server = serve(echo_target, options);
  RawClient idle(server->port());
  EXPECT_EQ(idle.rest(), "");
  EXPECT_EQ(idle.last_error(), 0);
  RawClient slow(server->port());
  slow.send("GET / HTTP/1.1\r\nX: never finis");
  EXPECT_EQ(slow.answer(), 408);
  EXPECT_EQ(slow.rest(), "");
  RawClient half_body(server->port());
  half_body.send("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nhalf");
  EXPECT_EQ(half_body.answer(), 408);
}

TEST(HttpServer, client_that_does_not_read_is_dropped) {
  HttpServer::Options options;
  // Long enough for a reader that has to wait for its processor.
  options.write_timeout = seconds(2);
  const std::string large(16UL * 1024 * 1024, 'x');
  const auto server = serve([&](const ServerRequest&) { return reply(large); }, options);
  RawClient stuck(server->port(), 4096);
  stuck.send("GET / HTTP/1.1\r\n\r\n");
  RawClient reader(server->port());
  reader.send("GET / HTTP/1.1\r\n\r\n");
  std::string body;
  EXPECT_EQ(reader.answer(body), 200);
  EXPECT_TRUE(body == large);
  EXPECT_TRUE(stuck.is_reset_within(seconds(30)));
}

TEST(HttpServer, destroyed_with_connections_in_every_state) {
  HttpServer::Options options;
  auto server = serve(
      [](const ServerRequest& request) {
        ServerReply result = reply(std::string(16UL * 1024 * 1024, 'x'));
        if (request.target == "/late") {
          result.delay = seconds(100);
        } else if (request.target == "/silent") {
          result.action = ServerReply::Action::kSilence;
        } else if (request.target == "/quick") {
          result.body = "quick";
        }
        return result;
      },
      options);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (const char* text :
       {"", "GET /ha", "GET /late HTTP/1.1\r\n\r\n", "GET /silent HTTP/1.1\r\n\r\n",
        "GET /large HTTP/1.1\r\n\r\n", "nonsense\r\n\r\n"}) {
    clients.push_back(std::make_unique<RawClient>(server->port()));
    clients.back()->send(text);
  }
  RawClient last(server->port());
  last.send("GET /quick HTTP/1.1\r\n\r\n");
  EXPECT_EQ(last.answer(), 200);
  server.reset();
  EXPECT_EQ(last.rest(), "");
}

TEST(HttpServer, clients_that_vanish) {
  const auto server = serve([](const ServerRequest& request) {
    ServerReply result = reply(std::string(1024UL * 1024, 'x'));
    result.delay = milliseconds(request.target == "/late" ? 5 : 0);
    return result;
  });
  for (int i = 0; i < 30; ++i) {
    RawClient client(server->port());
    client.send(i % 2 == 0 ? "GET /late HTTP/1.1\r\n\r\n" : "GET / HTTP/1.1\r\n\r\nGET /");
    if (i % 3 == 0) {
      client.reset();
    }
  }
  RawClient good(server->port());
  good.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(good.answer(), 200);
}

TEST(HttpServer, address_that_cannot_be_bound) {
  const auto server = serve(echo_target);
  HttpServer::Options options;
  options.port = server->port();
  const auto second = HttpServer::start(options, echo_target);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(second.error().message, HasSubstr("127.0.0.1:" + std::to_string(server->port())));
}

TEST(HttpServer, many_clients_at_once) {
  const auto server = serve(echo_target);
  std::vector<std::thread> threads;
  threads.reserve(8);
  std::atomic<int> good{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      RawClient client(server->port());
      for (int n = 0; n < 200; ++n) {
        client.send("GET / HTTP/1.1\r\n\r\n");
        good += client.answer() == 200 ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(good, 1600);
}

}  // namespace
}  // namespace squall::net
