#include "loadgen/engine/request_changes.hpp"

#include <gtest/gtest.h>

namespace squall::engine {
namespace {

using model::Malformation;

constexpr std::string_view kHead =
    "POST /pay HTTP/1.1\r\nHost: t\r\nX-Key: k\r\nContent-Length: 13\r\n\r\n";
constexpr std::string_view kBody = R"({"a":"x","b"})";

class RequestChanges : public testing::Test {
 protected:
  RequestChanges() : text_(std::string(kHead) + std::string(kBody)) {}
  [[nodiscard]] RenderedRequest request() const { return {text_, kHead.size()}; }

  std::string malformed(const model::WireMalformed& how) {
    changed_ = malform(request(), how, out_);
    EXPECT_EQ(changed_.request.bytes.data(), out_.data());
    EXPECT_LT(changed_.shows_at, out_.size());
    EXPECT_EQ(changed_.request.bytes.substr(changed_.request.head_bytes - 4, 4), "\r\n\r\n");
    // What was left before it shows could be the beginning of the right request.
    return std::string(changed_.request.bytes);
  }
  std::string head() const {
    return std::string(changed_.request.bytes.substr(0, changed_.request.head_bytes));
  }
  std::string body() const { return std::string(changed_.request.body()); }

  std::string text_;
  std::string out_;
  ChangedRequest changed_;
};

TEST_F(RequestChanges, BadRequestLine) {
  EXPECT_EQ(malformed({.what = Malformation::kBadRequestLine}),
            "POST /pay HTTP/x.y" + text_.substr(text_.find("\r\n")));
  EXPECT_EQ(changed_.shows_at, text_.find("\r\n") - 1);
}

TEST_F(RequestChanges, OversizeHeader) {
  malformed({.what = Malformation::kOversizeHeader, .amount = 5});
  EXPECT_EQ(head(),
            "POST /pay HTTP/1.1\r\nHost: t\r\nX-Key: k\r\nContent-Length: 13\r\n"
            "X-Oversize: xxxxx\r\n\r\n");
  EXPECT_EQ(body(), kBody);
}

TEST_F(RequestChanges, DuplicateHeader) {
  const std::string host = "host";
  malformed({.what = Malformation::kDuplicateHeader, .header = &host});
  EXPECT_EQ(head(),
            "POST /pay HTTP/1.1\r\nHost: t\r\nHost: t\r\nX-Key: k\r\nContent-Length: 13\r\n\r\n");
  const std::string length = "Content-Length";
  const std::string zero = "0";
  malformed({.what = Malformation::kDuplicateHeader, .header = &length, .value = &zero});
  EXPECT_EQ(head(),
            "POST /pay HTTP/1.1\r\nHost: t\r\nX-Key: k\r\nContent-Length: 13\r\n"
            "Content-Length: 0\r\n\r\n");
  EXPECT_EQ(body(), kBody);
  const std::string other = "X-New";
  malformed({.what = Malformation::kDuplicateHeader, .header = &other});
  EXPECT_EQ(head(),
            "POST /pay HTTP/1.1\r\nHost: t\r\nX-Key: k\r\nContent-Length: 13\r\n"
            "X-New: squall\r\nX-New: squall\r\n\r\n");
}

TEST_F(RequestChanges, WrongLength) {
  malformed({.what = Malformation::kWrongLength, .amount = 7});
  EXPECT_NE(head().find("\r\nContent-Length: 20\r\n"), std::string::npos);
  EXPECT_EQ(body(), kBody);
  malformed({.what = Malformation::kWrongLength, .amount = -3});
  EXPECT_NE(head().find("\r\nContent-Length: 10\r\n"), std::string::npos);
  malformed({.what = Malformation::kWrongLength, .amount = -300});
  EXPECT_NE(head().find("\r\nContent-Length: 0\r\n"), std::string::npos);
}

TEST_F(RequestChanges, TruncatedJson) {
  malformed({.what = Malformation::kTruncatedJson});
  EXPECT_NE(head().find("\r\nContent-Length: 6\r\n"), std::string::npos);
  EXPECT_EQ(body(), R"({"a":")");
  EXPECT_EQ(changed_.shows_at, out_.size() - 1);
}

TEST_F(RequestChanges, InvalidUtf8InsideAString) {
  malformed({.what = Malformation::kInvalidUtf8});
  EXPECT_NE(head().find("\r\nContent-Length: 15\r\n"), std::string::npos);
  EXPECT_EQ(body(), "{\"a\":\"x\",\"b\xc3\x28\"}");
}

TEST_F(RequestChanges, BadChunk) {
  malformed({.what = Malformation::kBadChunk});
  EXPECT_EQ(head().find("Content-Length"), std::string::npos);
  EXPECT_NE(head().find("\r\nTransfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_EQ(body(), "7\r\n{\"a\":\"x\r\nxyz\r\n\",\"b\"}\r\n0\r\n\r\n");
  EXPECT_EQ(out_.substr(0, changed_.shows_at + 1).substr(changed_.shows_at - 4), "xyz\r\n");
}

TEST_F(RequestChanges, WithoutABody) {
  text_ = "GET /x HTTP/1.1\r\nHost: t\r\n\r\n";
  const RenderedRequest get{text_, text_.size()};
  EXPECT_EQ(malform(get, {.what = Malformation::kTruncatedJson}, out_).request.bytes, text_);
  EXPECT_EQ(malform(get, {.what = Malformation::kInvalidUtf8}, out_).request.bytes, text_);
  EXPECT_EQ(malform(get, {.what = Malformation::kWrongLength, .amount = 1}, out_).request.bytes,
            "GET /x HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\n\r\n");
  EXPECT_EQ(malform(get, {.what = Malformation::kBadChunk}, out_).request.bytes,
            "GET /x HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n0\r\n\r\n");
}

TEST_F(RequestChanges, AnotherBodyUnderTheSameHead) {
  text_ = "POST /pay HTTP/1.1\r\nContent-Length: 25\r\nX-Key: k\r\n\r\n";
  const std::size_t head_bytes = text_.size();
  text_ += R"({"token":"t","amount":19})";
  const RenderedRequest before{text_, head_bytes};
  const ChangedRequest after = change_body(before, {"/amount", "2999"}, out_);
  EXPECT_EQ(after.request.bytes,
            "POST /pay HTTP/1.1\r\nContent-Length: 27\r\nX-Key: k\r\n\r\n"
            R"({"token":"t","amount":2999})");
  EXPECT_EQ(after.request.body(), R"({"token":"t","amount":2999})");
  EXPECT_TRUE(change_body(before, {"/price", "1"}, out_).request.bytes.empty());
}

}  // namespace
}  // namespace squall::engine
