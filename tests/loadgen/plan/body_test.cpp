// Bodies in plans, as they are sent.
#include "loadgen/plan/body.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/engine/request_builder.hpp"
#include "loadgen/plan/loader.hpp"
#include "tests/support/all_registries.hpp"
#include "tests/support/files.hpp"

namespace squall::plan {
namespace {

using testing::HasSubstr;

class Bodies : public testing::Test {
 protected:
  Loaded load(const std::string& keys) {
    const std::string text =
        "format = 1\nname = 'body'\nseed = 4\n[[target]]\nname = 't'\nurls = "
        "['http://127.0.0.1:1']\n[load]\nduration = '10s'\n[[scenario]]\nname = 's'\narrivals = { "
        "process = 'constant', rate = '10/s' }\n[[scenario.step]]\nname = 'put'\nrequest = 'POST "
        "/'\n" +
        keys;
    LoadOptions options;
    options.entropy = [] { return std::uint64_t{1}; };
    options.folder = folder_.path();
    return plan::load(text, "plan.toml", squall::test::all_registries().for_plans(), options);
  }
  // The request as it goes out, for arrival 7.
  std::string sent(const std::string& keys) {
    const Loaded loaded = load(keys);
    EXPECT_NE(loaded.plan, nullptr) << loaded.diagnostics.to_text();
    if (loaded.plan == nullptr) {
      return {};
    }
    plan_ = loaded.plan;
    const engine::RequestBuilder builder(plan_->targets[0], plan_->targets[0].replicas[0],
                                         plan_->steps[0].request);
    std::string buffer;
    const auto rendered = builder.render({.key = "k\"&\r\n=", .sequence = 7, .chance = 5}, buffer);
    body_ = rendered.body();
    return std::string(rendered.bytes.substr(0, rendered.head_bytes));
  }
  std::string problems(const std::string& keys) { return load(keys).diagnostics.to_text(); }

  squall::test::TestDirectory folder_;
  std::shared_ptr<const model::Plan> plan_;
  std::string body_;
};

TEST_F(Bodies, AFileIsSentByteForByte) {
  const std::string bytes("\x00{{key}}\xff\r\n", 11);
  static_cast<void>(folder_.write("x.bin", bytes));
  const std::string head = sent("body_file = 'x.bin'");
  EXPECT_EQ(body_, bytes);
  EXPECT_THAT(head, HasSubstr("Content-Length: 11\r\n"));
  EXPECT_EQ(head.find("Content-Type"), std::string::npos);
  EXPECT_THAT(problems("body_file = 'y.bin'"), HasSubstr("cannot read"));
}

TEST_F(Bodies, AFormIsEncoded) {
  const std::string head =
      sent("form = { a = '{{key}}', 'b c' = 'x y&z', n = '{{seq}}', empty = '' }");
  EXPECT_EQ(body_, "a=k%22%26%0D%0A%3D&b%20c=x%20y%26z&n=7&empty=");
  EXPECT_THAT(head, HasSubstr("Content-Type: application/x-www-form-urlencoded\r\n"));
  EXPECT_EQ(sent("form = {}").find("Content-Length: 0\r\n") == std::string::npos, false);
}

// Taken apart as a receiver does it, by the boundary of the header.
std::vector<std::string> parts_of(const std::string& head, const std::string& body) {
  const std::string_view mark = "Content-Type: multipart/form-data; boundary=";
  const std::size_t at = head.find(mark) + mark.size();
  const std::string line = "--" + head.substr(at, head.find("\r\n", at) - at);
  std::vector<std::string> parts;
  std::size_t from = body.find(line + "\r\n");
  EXPECT_EQ(from, 0U);
  while (body.compare(from, line.size() + 2, line + "--") != 0) {
    const std::size_t begin = from + line.size() + 2;
    const std::size_t end = body.find("\r\n" + line, begin);
    if (end == std::string::npos) {
      ADD_FAILURE() << "no boundary behind a part";
      return parts;
    }
    parts.push_back(body.substr(begin, end - begin));
    from = end + 2;
  }
  EXPECT_EQ(body.substr(from), line + "--\r\n");
  return parts;
}

TEST_F(Bodies, APartIsAValueAFileOrGenerated) {
  static_cast<void>(folder_.write("p.png", std::string("\x89PNG\0\r\n--", 9)));
  const std::string head = sent(
      "multipart = [ { name = 'order', value = '{{seq}}' },"
      " { name = 'say \"hi\"', value = '{}', type = 'application/json' },"
      " { name = 'picture', file = 'p.png', type = 'image/png' },"
      " { name = 'blob', generate = '100KiB', filename = '{{key}}.bin' } ]");
  const std::vector<std::string> parts = parts_of(head, body_);
  ASSERT_EQ(parts.size(), 4U);
  EXPECT_EQ(parts[0], "Content-Disposition: form-data; name=\"order\"\r\n\r\n7");
  EXPECT_EQ(parts[1],
            "Content-Disposition: form-data; name=\"say %22hi%22\"\r\n"
            "Content-Type: application/json\r\n\r\n{}");
  EXPECT_EQ(parts[2], std::string("Content-Disposition: form-data; name=\"picture\"; "
                                  "filename=\"p.png\"\r\nContent-Type: image/png\r\n\r\n") +
                          std::string("\x89PNG\0\r\n--", 9));
  const std::string blob =
      "Content-Disposition: form-data; name=\"blob\"; filename=\"k%22&%0D%0A=.bin\"\r\n"
      "Content-Type: application/octet-stream\r\n\r\n";
  ASSERT_TRUE(parts[3].starts_with(blob)) << parts[3].substr(0, 200);
  EXPECT_EQ(parts[3].size() - blob.size(), 100U * 1024);
}

TEST_F(Bodies, WhatIsTheSameForAllIsHeldOnce) {
  static_cast<void>(folder_.write("x.bin", std::string(1024 * 1024, 'x')));
  sent("multipart = [ { name = 'blob', file = 'x.bin' } ]");
  const engine::RequestBuilder builder(plan_->targets[0], plan_->targets[0].replicas[0],
                                       plan_->steps[0].request);
  std::string first;
  std::string second;
  EXPECT_EQ(builder.render({.sequence = 1}, first).bytes.data(),
            builder.render({.sequence = 2}, second).bytes.data());
  EXPECT_EQ(first.capacity(), std::string().capacity());
}

TEST_F(Bodies, GeneratedContentIsNotedAndCounted) {
  const std::string whole_head = sent(
      "multipart = [ { name = 'a', generate = '70KiB' }, { name = 'b', generate = '70KiB' } ]");
  const std::string whole = body_;
  const engine::RequestBuilder builder(plan_->targets[0], plan_->targets[0].replicas[0],
                                       plan_->steps[0].request);
  std::string buffer;
  std::vector<expr::GeneratedRange> generated;
  const auto rendered = builder.render({.sequence = 7, .chance = 5}, buffer, &generated);
  EXPECT_LT(rendered.bytes.size(), 2000U);
  EXPECT_EQ(rendered.bytes.substr(0, rendered.head_bytes), whole_head);
  EXPECT_EQ(rendered.body_bytes(), whole.size());
  EXPECT_THAT(whole_head, HasSubstr("Content-Length: " + std::to_string(whole.size()) + "\r\n"));
  ASSERT_EQ(rendered.generated.size(), 2U);
  EXPECT_NE(rendered.generated[0].stream, rendered.generated[1].stream);
  std::string content(70UL * 1024, '\0');
  expr::write_generated(rendered.generated[1].stream, 0, content);
  EXPECT_NE(whole.find(content), std::string::npos);
}

TEST_F(Bodies, ASignatureIsOfTheWholeBody) {
  const std::string head = sent(
      "headers = { X-Digest = '{{\"{{body}}\" | sha256}}' }\n"
      "multipart = [ { name = 'a', generate = '1MiB' } ]");
  const engine::RequestBuilder builder(plan_->targets[0], plan_->targets[0].replicas[0],
                                       plan_->steps[0].request);
  std::string buffer;
  std::vector<expr::GeneratedRange> generated;
  const auto rendered = builder.render({.sequence = 7, .chance = 5}, buffer, &generated);
  EXPECT_TRUE(rendered.generated.empty());
  EXPECT_EQ(rendered.body().size(), body_.size());
  EXPECT_TRUE(rendered.body() == body_);
  EXPECT_EQ(rendered.bytes.substr(0, rendered.head_bytes), head);
}

TEST_F(Bodies, SayWhatIsWrong) {
  EXPECT_THAT(problems("multipart = []"), HasSubstr("from 1 to 256 parts"));
  EXPECT_THAT(problems("multipart = [{ name = 'a' }]"),
              HasSubstr("a part has one content: give value, file or generate"));
  EXPECT_THAT(problems("multipart = [{ name = 'a', value = 'x', generate = '1' }]"),
              HasSubstr("a part has one content"));
  EXPECT_THAT(problems("multipart = [{ name = 'a', generate = '5GiB' }]"),
              HasSubstr("a part has at most 4GiB"));
  EXPECT_THAT(problems("multipart = [{ name = 'a', generate = '3GiB' }, { name = 'b', generate = "
                       "'3GiB' }]"),
              HasSubstr("the parts generate more than 4GiB"));
  EXPECT_EQ(problems("multipart = [{ name = 'a', generate = '4GiB' }]").find("error"),
            std::string::npos);
  EXPECT_THAT(problems("headers = { X-Digest = '{{\"{{body}}\" | sha256}}' }\n"
                       "multipart = [{ name = 'a', generate = '65MiB' }]"),
              HasSubstr("{{body}} stands in a header of this request"));
  EXPECT_THAT(problems("multipart = [{ name = 'a', generate = '65MiB' }]\n[[fault]]\nname = 'f'\n"
                       "kind = 'malformed'\nwhat = 'bad_chunk'"),
              HasSubstr("which must be in memory for it"));
  EXPECT_THAT(problems("multipart = [{ name = 'a', generate = '65MiB' }]\n[[setup]]\nrequest = "
                       "'POST /'\nmultipart = [{ name = 'a', generate = '65MiB' }]"),
              HasSubstr("this request is sent outside the load"));
  EXPECT_THAT(problems("form = { a = 'x' }\nbody = 'x'"),
              HasSubstr("a request has one body: give `body` or `form`, not both"));
}

}  // namespace
}  // namespace squall::plan
