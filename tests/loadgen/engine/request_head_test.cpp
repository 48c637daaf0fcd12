#include "loadgen/engine/request_head.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace squall::engine {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(RequestHead, TakesARenderedRequestApart) {
  RequestHead head;
  ASSERT_TRUE(read_request_head(
      "POST /pay?x=1 HTTP/1.1\r\nHost: t:80\r\nX-Empty:\r\nAccept:  */* \r\n\r\n", head));
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.path, "/pay?x=1");
  EXPECT_THAT(head.fields,
              ElementsAre(Pair("Host", "t:80"), Pair("X-Empty", ""), Pair("Accept", "*/*")));
  EXPECT_EQ(head.field("host"), "t:80");
  EXPECT_EQ(head.field("Cookie"), "");
}

TEST(RequestHead, AnswersForTheLastRequestOnly) {
  RequestHead head;
  ASSERT_TRUE(read_request_head("GET /a HTTP/1.1\r\nA: 1\r\nB: 2\r\n\r\n", head));
  ASSERT_TRUE(read_request_head("GET /b HTTP/1.1\r\nC: 3\r\n\r\n", head));
  EXPECT_THAT(head.fields, ElementsAre(Pair("C", "3")));
}

TEST(RequestHead, RefusesWhatIsNoRequest) {
  RequestHead head;
  for (const char* text : {
           "",
           "\r\n",
           "GET / HTTP/1.1\r\n",
           "GET / HTTP/1.1\n\n",
           "GET / HTTP/1.0\r\n\r\n",
           "GET HTTP/1.1\r\n\r\n",
           "GET a HTTP/1.1\r\n\r\n",
           "G@T / HTTP/1.1\r\n\r\n",
           "GET /a b HTTP/1.1\r\n\r\n",
           "GET / HTTP/1.1\r\nno colon\r\n\r\n",
           "GET / HTTP/1.1\r\n: x\r\n\r\n",
           "GET / HTTP/1.1\r\nA b: x\r\n\r\n",
           "GET / HTTP/1.1\r\nA: x\ny\r\n\r\n",
           "GET / HTTP/1.1\r\nA: x\r\n\r\nbody",
       }) {
    EXPECT_FALSE(read_request_head(text, head)) << text;
  }
}

}  // namespace
}  // namespace squall::engine
