#include "loadgen/verify/request_edit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace squall::verify {
namespace {

using model::KeyCarrier;
using testing::HasSubstr;

RequestText post() {
  return {"POST /charges?x=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 14\r\n\r\n",
          R"({"amount":199})"};
}

RequestText edited(const KeyForm& form, const RequestEdit& edit = {}) {
  auto made = edit_request(post(), "k-1", form, edit);
  EXPECT_TRUE(made.has_value());
  return made.value_or(RequestText{});
}

TEST(RequestEdit, PutsTheKeyWhereTheCarrierSays) {
  EXPECT_EQ(edited({}).head,
            "POST /charges?x=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 14\r\n"
            "Idempotency-Key: k-1\r\n\r\n");
  EXPECT_THAT(edited({.carrier = {}, .quoted = true}).head,
              HasSubstr("Idempotency-Key: \"k-1\"\r\n\r\n"));
  EXPECT_THAT(edited({.carrier = {KeyCarrier::In::kQuery, "a b"}}).head,
              HasSubstr("POST /charges?x=1&a%20b=k-1 HTTP/1.1\r\n"));
  const RequestText in_body = edited({.carrier = {KeyCarrier::In::kBody, "/idempotency_key"}});
  EXPECT_EQ(in_body.body, R"({"amount":199,"idempotency_key":"k-1"})");
  EXPECT_THAT(in_body.head, HasSubstr("Content-Length: 38\r\n"));
}

TEST(RequestEdit, ReplacesAKeyThatTheBodyHasAlready) {
  RequestText request = post();
  request.body = R"({"key":"old","n":{"m":1}})";
  const auto made = edit_request(request, "k\"1", {.carrier = {KeyCarrier::In::kBody, "/key"}}, {});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->body, R"({"key":"k\"1","n":{"m":1}})");
}

TEST(RequestEdit, RefusesABodyWithoutAPlace) {
  EXPECT_FALSE(edit_request(post(), "k", {.carrier = {KeyCarrier::In::kBody, "/a/b"}}, {}));
  RequestText text = post();
  text.body = "no JSON";
  EXPECT_FALSE(edit_request(text, "k", {.carrier = {KeyCarrier::In::kBody, "/a"}}, {}));
  const model::BodyChange change{"/price", "1"};
  RequestEdit edit;
  edit.change = &change;
  EXPECT_FALSE(edit_request(post(), "k", {}, edit));
}

TEST(RequestEdit, ChangesOneValueAndTheLength) {
  const model::BodyChange change{"/amount", "29999"};
  RequestEdit edit;
  edit.change = &change;
  const RequestText made = edited({}, edit);
  EXPECT_EQ(made.body, R"({"amount":29999})");
  EXPECT_THAT(made.head, HasSubstr("Content-Length: 16\r\n"));
}

TEST(RequestEdit, LeavesTheKeyOutOrMakesItWrong) {
  RequestEdit edit;
  edit.key = RequestEdit::KeyUse::kNone;
  EXPECT_THAT(edited({}, edit).head, testing::Not(HasSubstr("Idempotency-Key")));
  edit.key = RequestEdit::KeyUse::kRaw;
  edit.raw_keys = {"one", "two"};
  EXPECT_THAT(edited({}, edit).head,
              HasSubstr("Idempotency-Key: one\r\nIdempotency-Key: two\r\n\r\n"));
}

TEST(RequestEdit, GivesARequestWithoutABodyNoLength) {
  const auto made = edit_request({"GET / HTTP/1.1\r\nHost: h\r\n\r\n", ""}, "k", {}, {});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->head, "GET / HTTP/1.1\r\nHost: h\r\nIdempotency-Key: k\r\n\r\n");
}

TEST(QuotedString, EscapesQuotesAndBackslashes) {
  EXPECT_EQ(quoted_string(R"(a"b\c)"), R"("a\"b\\c")");
}

}  // namespace
}  // namespace squall::verify
