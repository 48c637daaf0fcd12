// The control API on a port, asked with exact bytes.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "faults/control/api_server.hpp"
#include "tests/faults/proxy/chain_case.hpp"
#include "tests/faults/proxy/socket.hpp"
#include "tests/support/raw_client.hpp"

namespace squall::faults {

class ApiCase : public ::testing::Test {
 protected:
  void SetUp() override { serve({}); }

  void serve(const Api::Options& options) {
    api.reset();
    auto started = ApiServer::start(proxies, {.api = options});
    ASSERT_TRUE(started.has_value()) << started.error().message;
    api = std::move(*started);
  }

  // The whole answer to these bytes: the values of Date and X-Toxiproxy-Request-Id are "*", "\r\n"
  // in the header is "\n".
  [[nodiscard]] std::string wire(std::string_view bytes) const {
    test::RawClient client(api->port());
    client.send(bytes);
    EXPECT_NE(client.answer(), 0) << bytes;
    return normalised(client.seen());
  }
  [[nodiscard]] std::string ask(std::string_view method, std::string_view path,
                                std::string_view body = {}, const std::string& headers = {}) const {
    return wire(request(method, path, body, headers));
  }
  // The body alone; the status is expected.
  [[nodiscard]] std::string body_of(int status, std::string_view method, std::string_view path,
                                    std::string_view body = {},
                                    const std::string& headers = {}) const {
    test::RawClient client(api->port());
    client.send(request(method, path, body, headers));
    std::string answer;
    EXPECT_EQ(client.answer(answer), status) << method << " " << path << " " << body << answer;
    return answer;
  }

  static std::string request(std::string_view method, std::string_view path, std::string_view body,
                             const std::string& headers) {
    std::string bytes = std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n";
    bytes += headers;
    if (!body.empty()) {
      bytes += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    }
    return bytes + "\r\n" + std::string(body);
  }

  // What is expected of wire(): Content-Length is added.
  static std::string answer(std::string_view status_line, std::string_view headers,
                            std::string_view body) {
    return "HTTP/1.1 " + std::string(status_line) + "\n" + std::string(headers) +
           "Content-Length: " + std::to_string(body.size()) + "\n\n" + std::string(body);
  }
  static std::string json(std::string_view status_line, std::string_view body) {
    return answer(status_line,
                  "Content-Type: application/json\nX-Toxiproxy-Request-Id: *\nDate: *\n", body);
  }
  static std::string problem(std::string_view status_line, std::string_view text) {
    return answer(status_line,
                  "Content-Type: text/plain; charset=utf-8\nX-Content-Type-Options: nosniff\n"
                  "X-Toxiproxy-Request-Id: *\nDate: *\n",
                  "{\"error\":\"" + std::string(text) +
                      "\",\"status\":" + std::string(status_line.substr(0, 3)) + "}\n");
  }
  // A proxy with no toxics and no links, as it is shown.
  static std::string proxy_json(std::string_view name, std::string_view listen,
                                std::string_view upstream, std::string_view enabled,
                                std::string_view toxics = {}) {
    return R"({"name":")" + std::string(name) + R"(","listen":")" + std::string(listen) +
           R"(","upstream":")" + std::string(upstream) + R"(","enabled":)" + std::string(enabled) +
           R"(,"Logger":{},"toxics":[)" + std::string(toxics) +
           R"(],"half_close":false,"links":{"open":0,"held":0,"accepted":0,"refused":0,)"
           R"("accept_failures":0,"dial_failures":0}})";
  }
  static std::string toxic_json(std::string_view attributes, std::string_view name,
                                std::string_view type, std::string_view stream,
                                std::string_view toxicity) {
    return R"({"attributes":)" + std::string(attributes) + R"(,"name":")" + std::string(name) +
           R"(","type":")" + std::string(type) + R"(","stream":")" + std::string(stream) +
           R"(","toxicity":)" + std::string(toxicity) + R"(,"fired":0,"links":0,"live_links":0})";
  }
  // A disabled proxy of that name: it takes no port.
  void make_proxy(const std::string& name = "p") {
    ASSERT_TRUE(proxies.create(
        {.name = name, .listen = "localhost:0", .upstream = "localhost:9", .enabled = false}));
  }

  ProxyServer proxies{all_toxics(), {.seed = 1}};
  std::unique_ptr<ApiServer> api;

 private:
  static void blank_out(std::string& header, std::string_view name) {
    const std::size_t at = header.find(name);
    if (at != std::string::npos) {
      const std::size_t value = at + name.size();
      EXPECT_GT(header.find('\n', value), value) << name;
      header.replace(value, header.find('\n', value) - value, "*");
    }
  }
  static std::string normalised(const std::string& seen) {
    const std::size_t end = seen.find("\r\n\r\n");
    std::string header;
    for (const char c : seen.substr(0, end + 2)) {
      header += c == '\r' ? "" : std::string(1, c);
    }
    blank_out(header, "\nDate: ");
    blank_out(header, "\nX-Toxiproxy-Request-Id: ");
    return header + "\n" + seen.substr(end + 4);
  }
};

}  // namespace squall::faults
