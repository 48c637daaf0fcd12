// What clients of Toxiproxy send and expect to be understood.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/faults/control/api_case.hpp"

namespace squall::faults {
namespace {

using testing::HasSubstr;

class ApiLenienceTest : public ApiCase {};

TEST_F(ApiLenienceTest, null_is_as_if_absent) {
  EXPECT_THAT(body_of(201, "POST", "/proxies",
                      R"({"name":"p","listen":"localhost:0","upstream":"u:1","enabled":null,)"
                      R"("toxics":null,"half_close":null})"),
              HasSubstr(R"("enabled":true)"));
  EXPECT_THAT(body_of(200, "POST", "/proxies/p", R"({"listen":null,"enabled":false})"),
              HasSubstr(R"("enabled":false)"));
  EXPECT_THAT(body_of(200, "POST", "/proxies/p", "null"), HasSubstr(R"("enabled":false)"));
  EXPECT_THAT(body_of(200, "POST", "/proxies/p/toxics",
                      R"({"type":"latency","name":null,"stream":null,"toxicity":null,)"
                      R"("attributes":null,"ttl":null})"),
              HasSubstr(R"("name":"latency_downstream","type":"latency")"));
  EXPECT_THAT(body_of(200, "POST", "/proxies/p/toxics/latency_downstream",
                      R"({"attributes":{"latency":null,"jitter":3}})"),
              HasSubstr(R"({"latency":0,"jitter":3})"));
  EXPECT_EQ(body_of(201, "POST", "/populate", "null"), R"({"proxies":null})");
}

TEST_F(ApiLenienceTest, names_of_members_match_in_any_case) {
  EXPECT_THAT(body_of(201, "POST", "/proxies",
                      R"({"Name":"p","LISTEN":"localhost:0","upStream":"u:1","Enabled":false})"),
              HasSubstr(R"("enabled":false)"));
  EXPECT_THAT(body_of(200, "POST", "/proxies/p/toxics",
                      R"({"Type":"latency","Attributes":{"Latency":7},"Toxicity":0.5})"),
              HasSubstr(R"({"latency":7,"jitter":0})"));
}

TEST_F(ApiLenienceTest, of_two_members_the_last_counts) {
  EXPECT_THAT(body_of(201, "POST", "/proxies",
                      R"({"name":"p","upstream":"u:1","enabled":true,"Enabled":false,"name":"q"})"),
              HasSubstr(R"({"name":"q","listen":"","upstream":"u:1","enabled":false)"));
}

TEST_F(ApiLenienceTest, unknown_members_are_ignored) {
  (void)body_of(201, "POST", "/proxies",
                R"({"name":"p","upstream":"u:1","enabled":false,"Logger":{},"colour":[1,{}]})");
  EXPECT_EQ(body_of(200, "POST", "/proxies/p/toxics",
                    R"({"type":"noop","attributes":{"what":1},"index":3})"),
            toxic_json("{}", "noop_downstream", "noop", "downstream", "1"));
}

TEST_F(ApiLenienceTest, whole_floats_are_integers) {
  make_proxy();
  EXPECT_THAT(body_of(200, "POST", "/proxies/p/toxics",
                      R"({"type":"latency","attributes":{"latency":1000.0,"jitter":1e2}})"),
              HasSubstr(R"({"latency":1000,"jitter":100})"));
}

TEST_F(ApiLenienceTest, only_the_first_value_is_read) {
  (void)body_of(201, "POST", "/proxies",
                R"({"name":"p","upstream":"u:1","enabled":false} {"name":"q"} trailing)");
  EXPECT_TRUE(proxies.find("p").has_value());
}

TEST_F(ApiLenienceTest, the_content_type_does_not_matter) {
  for (const std::string type : {"text/plain", "application/x-www-form-urlencoded"}) {
    (void)body_of(201, "POST", "/proxies",
                  R"({"name":")" + type + R"(","upstream":"u:1","enabled":false})",
                  "Content-Type: " + type + "\r\n");
  }
}

TEST_F(ApiLenienceTest, toxicity_is_a_single_float_in_its_shortest_form) {
  make_proxy();
  (void)body_of(200, "POST", "/proxies/p/toxics", R"({"type":"noop","name":"t"})");
  const auto shown = [&](std::string_view sent) {
    const std::string body =
        body_of(200, "POST", "/proxies/p/toxics/t", R"({"toxicity":)" + std::string(sent) + "}");
    const std::size_t at = body.find(R"("toxicity":)") + 11;
    return body.substr(at, body.find(',', at) - at);
  };
  EXPECT_EQ(shown("0.2"), "0.2");
  EXPECT_EQ(shown("0.1"), "0.1");
  EXPECT_EQ(shown("1"), "1");
  EXPECT_EQ(shown("1.0"), "1");
  EXPECT_EQ(shown("0"), "0");
  EXPECT_EQ(shown("0.333333333333"), "0.33333334");
  EXPECT_EQ(shown("1e-7"), "1e-7");
}

TEST_F(ApiLenienceTest, the_default_name_has_the_stream_as_it_was_written) {
  make_proxy();
  EXPECT_THAT(body_of(200, "POST", "/proxies/p/toxics", R"({"type":"noop","stream":"UPSTREAM"})"),
              HasSubstr(R"("name":"noop_UPSTREAM","type":"noop","stream":"upstream")"));
}

}  // namespace
}  // namespace squall::faults
