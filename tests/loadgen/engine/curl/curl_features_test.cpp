// What only this engine does: cookies, authentication, proxies, compression, sockets. For redirects
// see curl_redirects_test.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <map>

#include "loadgen/base/text.hpp"
#include "tests/loadgen/engine/curl/curl_rig.hpp"
#include "tests/support/files.hpp"
#include "tests/support/nginx.hpp"

namespace squall::engine::test {
namespace {

using model::AttemptClass;
using model::AuthKind;
using model::CurlSettings;
using squall::test::HostileServer;
using squall::test::ok_answer;
using testing::HasSubstr;
using testing::Not;

// The value of a header in a request's text; empty when it has none.
std::string header_of(const std::string& text, std::string_view name) {
  for (std::string_view line : split(text, '\n')) {
    line = trim(line);
    if (line.size() > name.size() && equals_ignoring_case(line.substr(0, name.size()), name) &&
        line[name.size()] == ':') {
      return std::string(trim(line.substr(name.size() + 1)));
    }
  }
  return {};
}

// key="value" or key=value, separated by commas.
std::map<std::string, std::string> parameters_of(std::string_view text) {
  std::map<std::string, std::string> all;
  for (std::string_view part : split(text, ',')) {
    part = trim(part);
    const std::size_t equals = part.find('=');
    std::string_view value = part.substr(equals + 1);
    if (value.size() > 1 && value.front() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    all.emplace(std::string(part.substr(0, equals)), std::string(value));
  }
  return all;
}

std::string hex_of(const unsigned char* bytes, std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 15];
  }
  return text;
}

std::string digest_of(const EVP_MD* algorithm, std::string_view text) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EXPECT_EQ(EVP_Digest(text.data(), text.size(), out, &size, algorithm, nullptr), 1);
  return hex_of(out, size);
}

std::string hmac_of(std::string_view key, std::string_view text) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EXPECT_NE(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                 reinterpret_cast<const unsigned char*>(text.data()), text.size(), out, &size),
            nullptr);
  return {reinterpret_cast<const char*>(out), size};
}

CurlSettings with_auth(const model::AuthSettings& auth) {
  CurlSettings settings;
  settings.auth = auth;
  return settings;
}

TEST(CurlCookies, EachUserHasAJarOfItsOwn) {
  HostileServer server([](unsigned connection) -> HostileServer::Script {
    const std::string cookie = "Set-Cookie: who=c" + std::to_string(connection) + "; Path=/\r\n";
    return {HostileServer::read_request(), HostileServer::send(ok_answer("x", cookie)),
            HostileServer::read_request(), HostileServer::send(ok_answer("y")),
            HostileServer::read_request(), HostileServer::send(ok_answer("z"))};
  });
  CurlSettings settings;
  settings.cookies = true;
  CurlRig rig(curl_plan({server.port()}, settings));
  const auto send = [&](std::uint64_t user, std::string_view path) {
    Exchange& exchange = rig.make(get(path));
    exchange.user = user;
    rig.submit(exchange);
  };
  send(1, "/login1");
  send(2, "/login2");
  ASSERT_TRUE(rig.run_all());
  send(1, "/next1");
  ASSERT_TRUE(rig.run_all());
  send(2, "/next2");
  ASSERT_TRUE(rig.run_all());
  send(3, "/next3");
  ASSERT_TRUE(rig.run_all());
  rig.engine().forget_user(1);
  send(1, "/again1");
  ASSERT_TRUE(rig.run_all());
  std::map<std::string, std::string> cookies;
  std::map<std::string, std::string> given;
  for (const std::string& text : server.request_texts()) {
    cookies[text.substr(4, text.find(' ', 4) - 4)] = header_of(text, "Cookie");
  }
  EXPECT_EQ(cookies["/login1"], "");
  EXPECT_EQ(cookies["/login2"], "");
  EXPECT_THAT(cookies["/next1"], testing::StartsWith("who=c"));
  EXPECT_THAT(cookies["/next2"], testing::StartsWith("who=c"));
  EXPECT_NE(cookies["/next1"], cookies["/next2"]);
  EXPECT_EQ(cookies["/next3"], "");
  EXPECT_EQ(cookies["/again1"], "");
}

TEST(CurlCookies, AreNotKeptUnlessAskedFor) {
  HostileServer server({HostileServer::read_request(),
                        HostileServer::send(ok_answer("x", "Set-Cookie: a=b\r\n")),
                        HostileServer::again()});
  CurlRig rig(curl_plan({server.port()}));
  rig.run(get());
  rig.run(get());
  EXPECT_EQ(header_of(server.request_texts().at(1), "Cookie"), "");
}

TEST(CurlAuth, BasicAndBearerStandInTheFirstRequest) {
  HostileServer server(polite());
  CurlRig basic(curl_plan({server.port()}, with_auth({.kind = AuthKind::kBasic,
                                                      .user = "alice",
                                                      .password = "s3cret",
                                                      .token = {},
                                                      .region = {},
                                                      .service = {}})));
  basic.run(get());
  EXPECT_EQ(header_of(server.request_texts().at(0), "Authorization"), "Basic YWxpY2U6czNjcmV0");
  CurlRig bearer(curl_plan({server.port()}, with_auth({.kind = AuthKind::kBearer,
                                                       .user = {},
                                                       .password = {},
                                                       .token = "t0ken",
                                                       .region = {},
                                                       .service = {}})));
  bearer.run(get());
  EXPECT_EQ(header_of(server.request_texts().at(1), "Authorization"), "Bearer t0ken");
}

TEST(CurlAuth, DigestAnswersTheChallenge) {
  const std::string challenge =
      "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"shop\", nonce=\"n1\", "
      "qop=\"auth\", algorithm=MD5\r\nContent-Length: 6\r\n\r\nlogin!";
  HostileServer server({HostileServer::read_request(), HostileServer::send(challenge),
                        HostileServer::read_request(), HostileServer::send(ok_answer("in"))});
  CurlRig rig(curl_plan({server.port()}, with_auth({.kind = AuthKind::kDigest,
                                                    .user = "alice",
                                                    .password = "s3cret",
                                                    .token = {},
                                                    .region = {},
                                                    .service = {}})));
  Exchange& exchange = rig.make(post("amount=1"));
  exchange.once = true;  // an answer called for the second request: that is no repetition
  EXPECT_EQ(rig.run(exchange).how, AttemptClass::kSuccess) << exchange.detail;
  EXPECT_EQ(exchange.status, 200);
  EXPECT_EQ(exchange.body, "in");
  ASSERT_EQ(server.requests(), 2U);
  const std::string second = server.request_texts().at(1);
  EXPECT_THAT(second, testing::EndsWith("amount=1"));
  const std::string authorization = header_of(second, "Authorization");
  ASSERT_THAT(authorization, testing::StartsWith("Digest "));
  auto given = parameters_of(std::string_view(authorization).substr(7));
  // RFC 7616, section 3.4.1.
  const std::string a1 = digest_of(EVP_md5(), "alice:shop:s3cret");
  const std::string a2 = digest_of(EVP_md5(), "POST:/pay");
  EXPECT_EQ(given["response"], digest_of(EVP_md5(), a1 + ":n1:" + given["nc"] + ":" +
                                                        given["cnonce"] + ":auth:" + a2));
  const EngineCounters counters = rig.engine().take_counters();
  EXPECT_EQ(counters.follow_ups, 1U);
  EXPECT_EQ(counters.resends, 0U);
}

TEST(CurlAuth, SigV4SignsWhatAwsSaysItShould) {
  HostileServer server(polite());
  CurlRig rig(curl_plan({server.port()}, with_auth({.kind = AuthKind::kAwsSigv4,
                                                    .user = "AKID",
                                                    .password = "SECRET",
                                                    .token = {},
                                                    .region = "eu-central-1",
                                                    .service = "execute-api"})));
  const Exchange& exchange = rig.run(post("{\"a\":1}"));
  ASSERT_EQ(exchange.how, AttemptClass::kSuccess) << exchange.detail;
  const std::string text = server.request_texts().at(0);
  const std::string authorization = header_of(text, "Authorization");
  constexpr std::string_view kStart = "AWS4-HMAC-SHA256 ";
  ASSERT_THAT(authorization, testing::StartsWith(std::string(kStart)));
  auto given = parameters_of(std::string_view(authorization).substr(kStart.size()));
  const std::string time = header_of(text, "X-Amz-Date");
  ASSERT_EQ(time.size(), 16U);
  const std::string scope = time.substr(0, 8) + "/eu-central-1/execute-api/aws4_request";
  EXPECT_EQ(given["Credential"], "AKID/" + scope);
  // The signature over the headers that it names, computed by the published steps.
  std::string headers;
  for (const std::string_view name : split(given["SignedHeaders"], ';')) {
    headers += std::string(name) + ":" + header_of(text, name) + "\n";
  }
  const std::string canonical = "POST\n/pay\n\n" + headers + "\n" + given["SignedHeaders"] + "\n" +
                                digest_of(EVP_sha256(), "{\"a\":1}");
  const std::string to_sign =
      "AWS4-HMAC-SHA256\n" + time + "\n" + scope + "\n" + digest_of(EVP_sha256(), canonical);
  std::string key = hmac_of("AWS4SECRET", time.substr(0, 8));
  for (const std::string_view part : {"eu-central-1", "execute-api", "aws4_request"}) {
    key = hmac_of(key, part);
  }
  const std::string signature = hmac_of(key, to_sign);
  EXPECT_EQ(given["Signature"],
            hex_of(reinterpret_cast<const unsigned char*>(signature.data()), signature.size()))
      << canonical;
}

TEST(CurlProxy, HttpProxyGetsTheWholeAddress) {
  HostileServer proxy(polite());
  CurlSettings settings;
  settings.proxy = proxy.url("");
  model::Plan plan = curl_plan({8080}, settings);
  plan.targets[0].replicas[0].host = "shop.example";
  CurlRig rig(plan);
  const Exchange& exchange = rig.run(get("/x"));
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess) << exchange.detail;
  EXPECT_THAT(proxy.request_texts().at(0),
              testing::StartsWith("GET http://shop.example:8080/x HTTP/1.1\r\n"));
}

// What the proxy was asked for is not the request: nothing of it has left.
TEST(CurlProxy, TunnelThatIsRefusedSendsNothing) {
  HostileServer proxy({HostileServer::read_request(),
                       HostileServer::send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"),
                       HostileServer::close_fin()});
  CurlSettings settings;
  settings.proxy = proxy.url("");
  model::Plan plan = curl_plan({8443}, settings);
  plan.targets[0].replicas[0].scheme = "https";
  plan.targets[0].replicas[0].host = "shop.example";
  plan.targets[0].tls = TlsSettings{};
  CurlRig rig(plan);
  const Exchange& exchange = rig.run(post("pay"));
  EXPECT_EQ(exchange.how, AttemptClass::kRefused) << exchange.detail;
  EXPECT_THAT(proxy.request_texts().at(0), testing::StartsWith("CONNECT shop.example:8443 "));
  EXPECT_EQ(exchange.first_byte_sent, TimePoint{});
  EXPECT_EQ(exchange.bytes_sent, 0U);
}

TEST(CurlProxy, SocksProxyResolvesTheName) {
  // Method negotiation (3 bytes; libcurl may offer more methods), then CONNECT with a name (RFC
  // 1928), then HTTP through it.
  const std::string name = "shop.example";
  HostileServer proxy(
      {HostileServer::read_bytes(4), HostileServer::send(std::string("\x05\x00", 2)),
       HostileServer::read_bytes(5 + name.size() + 2),
       HostileServer::send(std::string("\x05\x00\x00\x01\x7f\x00\x00\x01\x1f\x90", 10)),
       HostileServer::read_request(), HostileServer::send(ok_answer("through"))});
  CurlSettings settings;
  settings.proxy = "socks5h://127.0.0.1:" + std::to_string(proxy.port());
  model::Plan plan = curl_plan({8080}, settings);
  plan.targets[0].replicas[0].host = name;
  CurlRig rig(plan);
  const Exchange& exchange = rig.run(get("/x"));
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess) << exchange.detail;
  EXPECT_EQ(exchange.body, "through");
  EXPECT_THAT(proxy.received_from(0), HasSubstr(std::string("\x03\x0c") + name + "\x1f\x90"));
  EXPECT_THAT(proxy.request_texts().at(0), testing::StartsWith("GET /x HTTP/1.1\r\n"));
}

TEST(CurlConnections, GoWhereConnectToAndResolveSay) {
  HostileServer server(polite());
  const std::string port = std::to_string(server.port());
  CurlSettings elsewhere;
  elsewhere.connect_to = {"shop.example:80:127.0.0.1:" + port};
  model::Plan plan = curl_plan({80}, elsewhere);
  plan.targets[0].replicas[0].host = "shop.example";
  CurlRig first(plan);
  EXPECT_EQ(first.run(get()).how, AttemptClass::kSuccess) << first.completed().back()->detail;
  CurlSettings resolved;
  resolved.resolve = {"pay.example:" + port + ":127.0.0.1"};
  plan = curl_plan({server.port()}, resolved);
  plan.targets[0].replicas[0].host = "pay.example";
  CurlRig second(plan);
  EXPECT_EQ(second.run(get()).how, AttemptClass::kSuccess) << second.completed().back()->detail;
  EXPECT_EQ(server.requests(), 2U);
}

TEST(CurlConnections, GoThroughAUnixSocket) {
  const squall::test::TestDirectory directory;
  CurlSettings settings;
  settings.unix_socket = directory / "socket";
  const squall::test::Nginx nginx(squall::test::Nginx::Speaks::kHttp1,
                                  "listen unix:" + settings.unix_socket + ";");
  CurlRig rig(curl_plan({1}, settings));
  const Exchange& exchange = rig.run(get());
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess) << exchange.detail;
  EXPECT_EQ(exchange.body, "hello");
}

TEST(CurlCompression, IsAskedForUndoneAndCountedBothWays) {
  // "aaaa…" (100 times), gzip -9n.
  const std::string packed(
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\x4b\x4c\xa4\x3d\x00\x00\x64\x7a\x70\xaf\x64\x00\x00"
      "\x00",
      24);
  HostileServer server({HostileServer::read_request(),
                        HostileServer::send(ok_answer(packed, "Content-Encoding: gzip\r\n")),
                        HostileServer::again()});
  CurlSettings settings;
  settings.compression = true;
  CurlRig rig(curl_plan({server.port()}, settings));
  const Exchange& exchange = rig.run(get());
  EXPECT_THAT(header_of(server.request_texts().at(0), "Accept-Encoding"), HasSubstr("gzip"));
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess) << exchange.detail;
  EXPECT_EQ(exchange.body, std::string(100, 'a'));
  EXPECT_EQ(exchange.bytes_received, ok_answer(packed, "Content-Encoding: gzip\r\n").size());
  EXPECT_EQ(rig.engine().take_counters().decoded_bytes, 100U);
  CurlRig plain(curl_plan({server.port()}));
  EXPECT_EQ(plain.run(get()).body, packed);
  EXPECT_THAT(server.request_texts().at(1), Not(HasSubstr("Accept-Encoding")));
}

}  // namespace
}  // namespace squall::engine::test
