#include <gtest/gtest.h>

#include "loadgen/engine/request_builder.hpp"
#include "tests/loadgen/engine/plan_fixture.hpp"

namespace squall::test {
namespace {

using engine::RenderedRequest;
using engine::RequestBuilder;

class Builder : public testing::Test {
 protected:
  RenderedRequest render(const expr::RenderContext& context = {}) {
    builder_.emplace(target_, endpoint_, request_);
    return builder_->render(context, buffer_);
  }

  model::Endpoint endpoint_{
      .scheme = "http", .host = "shop.test", .port = 8080, .base_path = "/api"};
  model::Target target_;
  model::RequestSpec request_{
      .method = "GET", .path = text("/x"), .headers = {}, .body = {}, .where = {}};
  std::optional<RequestBuilder> builder_;
  std::string buffer_;
};

TEST_F(Builder, AddsWhatEachRequestNeeds) {
  EXPECT_EQ(
      render().bytes,
      "GET /api/x HTTP/1.1\r\nHost: shop.test:8080\r\nUser-Agent: squall\r\nAccept: */*\r\n\r\n");
  EXPECT_EQ(render().body(), "");
}

TEST_F(Builder, KeepsAConstantRequestWithoutRendering) {
  const auto first = render();
  EXPECT_EQ(builder_->render({}, buffer_).bytes.data(), first.bytes.data());
  EXPECT_TRUE(buffer_.empty());
}

TEST_F(Builder, CountsTheRenderedBody) {
  request_.method = "POST";
  request_.body = text("{\"k\":\"{{key}}\",\"n\":{{seq}}}");
  request_.json = true;
  const auto rendered =
      render({.key = "abc", .sequence = 12, .run_id = "", .now = {}, .extracted = {}});
  EXPECT_EQ(rendered.body(), "{\"k\":\"abc\",\"n\":12}");
  EXPECT_NE(rendered.bytes.find("Content-Length: 18\r\n\r\n"), std::string_view::npos);
  EXPECT_NE(rendered.bytes.find("Content-Type: application/json\r\n"), std::string_view::npos);
  EXPECT_EQ(rendered.head_bytes, rendered.bytes.find("\r\n\r\n") + 4);
}

TEST_F(Builder, APostWithoutBodySaysSo) {
  request_.method = "POST";
  EXPECT_NE(render().bytes.find("Content-Length: 0\r\n"), std::string_view::npos);
}

TEST_F(Builder, TheStepsHeadersWinOverTheTargetsAndTheDefaults) {
  target_.headers = {{"X-A", text("target")}, {"X-B", text("target")}};
  request_.headers = {{"x-a", text("step")}, {"User-Agent", text("mine")}, {"Host", text("other")}};
  const std::string sent(render().bytes);
  EXPECT_EQ(sent.find("X-A: target"), std::string::npos);
  EXPECT_NE(sent.find("x-a: step\r\n"), std::string::npos);
  EXPECT_NE(sent.find("X-B: target\r\n"), std::string::npos);
  EXPECT_EQ(sent.find("User-Agent: squall"), std::string::npos);
  EXPECT_EQ(sent.find("Host: shop.test"), std::string::npos);
}

TEST_F(Builder, KnowsWhatTimeChanges) {
  render();
  EXPECT_FALSE(builder_->is_volatile());
  request_.headers = {{"Date", text("{{now | http}}")}};
  const auto rendered =
      render({.key = {}, .sequence = 0, .run_id = {}, .now = WallTime{}, .extracted = {}});
  EXPECT_TRUE(builder_->is_volatile());
  EXPECT_TRUE(builder_->reads_clock());
  EXPECT_NE(rendered.bytes.find("Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"), std::string_view::npos);
}

TEST_F(Builder, AHeaderCanHoldTheBodyThatIsSent) {
  const auto header = [](std::string_view source) {
    return expr::Template::parse(source, {.body = true}).value();
  };
  request_.method = "POST";
  request_.headers = {{"X-Long", header(std::string(300, 'x'))},
                      {"X-Body", header("<{{body}}>")},
                      {"X-Digest", header("{{body | sha256}}")}};
  const expr::RenderContext context{
      .key = "abc", .sequence = 12, .run_id = "", .now = {}, .extracted = {}};
  for (const char* body : {"n={{seq}}", "n=12"}) {
    request_.body = text(body);
    buffer_ = std::string();  // so that it has to grow while it is rendered into
    const auto rendered = render(context);
    EXPECT_EQ(rendered.body(), "n=12");
    EXPECT_NE(rendered.bytes.find("X-Body: <n=12>\r\n"), std::string_view::npos);
    EXPECT_NE(rendered.bytes.find("X-Digest: "
                                  "b28e7ae4a8eab69512cb2274f0d4998282e4c90de8cc57ca2db0a7e289565a1c"
                                  "\r\n"),
              std::string_view::npos)
        << rendered.bytes;
  }
}

TEST_F(Builder, WhatAStepDrawsIsTheSameForARetry) {
  request_.headers = {{"X-Id", text("{{uuid}}")}};
  const auto id = [&](std::uint64_t chance) {
    return std::string(render({.chance = chance}).bytes);
  };
  EXPECT_EQ(id(4), id(4));
  EXPECT_NE(id(4), id(5));
  EXPECT_FALSE(builder_->is_volatile());
}

TEST_F(Builder, AHeadRequestHasNoBodyToWaitFor) {
  request_.method = "HEAD";
  render();
  EXPECT_TRUE(builder_->head_only());
}

}  // namespace
}  // namespace squall::test
