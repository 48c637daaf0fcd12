// Bodies that are made while they are sent, through libcurl.
#include <gtest/gtest.h>

#include "tests/loadgen/engine/curl/curl_rig.hpp"
#include "tests/loadgen/engine/streamed_case.hpp"

namespace squall::engine::test {
namespace {

using model::AttemptClass;
using squall::test::DigestServer;
using squall::test::HostileServer;
using squall::test::ok_answer;

TEST(CurlStream, TwoHundredMegabytesNeedNoMemory) {
  DigestServer server;
  CurlRig rig(curl_plan({server.port()}));
  const StreamedRequest request(150'000'001, 50'000'000);
  const Exchange& exchange = send_without_memory(rig, server, request);
  EXPECT_GE(exchange.bytes_sent, request.body_bytes());
  EXPECT_LT(exchange.bytes_sent, request.body_bytes() + 1000) << "nothing is counted twice";
}

TEST(CurlStream, AHandleGoesBetweenStreamedAndPlainBodies) {
  HostileServer server(polite());
  CurlRig rig(curl_plan({server.port()}), 1);
  const StreamedRequest request(300'000, 10);
  Exchange& streamed = rig.make(get());
  request.put_into(streamed);
  rig.run(streamed);
  rig.run(post("plain"));
  Exchange& again = rig.make(get());
  request.put_into(again);
  rig.run(again);
  rig.run(get());
  const std::vector<std::string> texts = server.request_texts();
  ASSERT_EQ(texts.size(), 4U);
  const std::string body = request.begin(streamed.request_bytes()).substr(request.head_bytes());
  EXPECT_TRUE(texts[0].ends_with("\r\n\r\n" + body));
  EXPECT_TRUE(texts[1].ends_with("\r\n\r\nplain"));
  EXPECT_TRUE(texts[2].ends_with("\r\n\r\n" + body));
  EXPECT_EQ(texts[0].find("Expect:"), std::string::npos);
  EXPECT_EQ(texts[0].find("Transfer-Encoding"), std::string::npos);
}

// The body goes on the wire from its beginning again.
TEST(CurlStream, AChallengeIsAnsweredWithTheWholeBody) {
  model::CurlSettings settings;
  settings.auth.kind = model::AuthKind::kDigest;
  settings.auth.user = "u";
  settings.auth.password = "p";
  const std::string challenge =
      "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\", "
      "qop=\"auth\"\r\nContent-Length: 0\r\n\r\n";
  HostileServer server({HostileServer::read_request(), HostileServer::send(challenge),
                        HostileServer::read_request(), HostileServer::send(ok_answer("x"))});
  CurlRig rig(curl_plan({server.port()}, settings));
  const StreamedRequest request(200'000, 10);
  Exchange& exchange = rig.make(get());
  request.put_into(exchange);
  rig.run(exchange);
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess) << exchange.detail;
  const std::vector<std::string> texts = server.request_texts();
  ASSERT_EQ(texts.size(), 2U);
  const std::string body = request.begin(exchange.request_bytes()).substr(request.head_bytes());
  EXPECT_TRUE(texts[1].ends_with("\r\n\r\n" + body));
}

}  // namespace
}  // namespace squall::engine::test
