// The keys of a target that choose and set up its engine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/model/engine_abilities.hpp"
#include "tests/loadgen/plan/plan_fixture.hpp"

namespace squall::plan::test {
namespace {

using model::EngineKind;
using testing::HasSubstr;

std::string with_target(std::string_view keys, std::string_view top = "") {
  std::string text = small_plan("", top);
  const std::string urls = "urls = [\"http://127.0.0.1:8080\"]\n";
  const std::size_t at = text.find(urls) + urls.size();
  return text.insert(at, std::string(keys) + "\n");
}

TEST(CurlTarget, AutoTakesNativeUntilSomethingNeedsCurl) {
  World world;
  const auto plain = world.plan(with_target(""));
  EXPECT_EQ(plain->targets[0].engine, EngineKind::kNative);
  EXPECT_EQ(model::engines_text(*plain), "");
  const auto cookies = world.plan(with_target("cookies = true"));
  EXPECT_EQ(cookies->targets[0].engine, EngineKind::kCurl);
  EXPECT_EQ(model::engines_text(*cookies), "shop: curl (cookies = true)");
  const auto asked = world.plan(with_target("engine = \"curl\""));
  EXPECT_EQ(model::engines_text(*asked), "shop: curl (asked for)");
}

TEST(CurlTarget, EveryKeyReachesTheSettings) {
  World world;
  world.environment["KEY"] = "s3cret";
  const auto plan = world.plan(with_target(R"(http = "2-prior-knowledge"
max_streams = 7
proxy = "socks5h://127.0.0.1:1080"
auth = { kind = "aws_sigv4", access_key = "A", secret_key = "${env:KEY}", region = "r", service = "s" }
compression = true
connect_to = ["shop.example:80:127.0.0.1:8080"]
resolve = ["shop.example:80:127.0.0.1"]
redirects = 3)"));
  const model::CurlSettings& curl = plan->targets[0].curl;
  EXPECT_EQ(curl.http, model::HttpVersion::k2PriorKnowledge);
  EXPECT_EQ(curl.max_streams, 7U);
  EXPECT_EQ(curl.proxy, "socks5h://127.0.0.1:1080");
  EXPECT_EQ(curl.auth.kind, model::AuthKind::kAwsSigv4);
  EXPECT_EQ(curl.auth.user, "A");
  EXPECT_EQ(curl.auth.password, "s3cret");
  EXPECT_TRUE(curl.compression);
  EXPECT_FALSE(curl.cookies);
  EXPECT_EQ(curl.redirects, 3U);
  EXPECT_TRUE(plan->secrets.contains("s3cret"));
  EXPECT_EQ(plan->effective_text.find("s3cret"), std::string::npos);
}

TEST(CurlTarget, PlacesElsewhereMustBeAllowed) {
  World world;
  const std::string keys =
      "connect_to = [\"shop.example:80:10.0.0.5:8080\"]\nresolve = [\"a.example:80:10.0.0.6\"]";
  const std::string problems = world.problems(with_target(keys));
  EXPECT_THAT(problems, HasSubstr("10.0.0.5 is neither loopback"));
  EXPECT_THAT(problems, HasSubstr("10.0.0.6 is neither loopback"));
  EXPECT_EQ(world.problems(with_target(keys, "allow = [\"10.0.0.5\", \"10.0.0.6\"]")), "");
}

TEST(CurlTarget, FaultsThatLibcurlCannotDoAreRefusedWhereTheyStand) {
  World world;
  const auto with_fault = [](std::string_view kind) {
    return with_target("engine = \"curl\"") + "[[fault]]\nname = \"f\"\nkind = \"" +
           std::string(kind) + "\"\n";
  };
  EXPECT_THAT(world.problems(with_fault("cut")), HasSubstr("cannot be cut"));
  EXPECT_EQ(world.problems(with_fault("copies")), "") << "the step has a body";
  std::string bodiless = with_fault("copies");
  const std::string body = "json = { at = \"{{now}}\" }\n";
  bodiless.erase(bodiless.find(body), body.size());
  EXPECT_THAT(world.problems(bodiless), HasSubstr("there is no last byte of it to hold back"));
  EXPECT_EQ(world.problems(with_fault("clock")), "");
  EXPECT_EQ(world.problems(with_fault("hold")), "");
}

TEST(CurlTarget, ConnectionsAreDividedByTargets) {
  model::Plan plan;
  plan.targets.resize(3);
  EXPECT_EQ(model::connection_shares(plan, 9).native, 9U);
  EXPECT_EQ(model::connection_shares(plan, 9).curl, 0U);
  plan.targets[0].engine = EngineKind::kCurl;
  EXPECT_EQ(model::connection_shares(plan, 9).native, 6U);
  EXPECT_EQ(model::connection_shares(plan, 9).curl, 3U);
  EXPECT_EQ(model::connection_shares(plan, 1).native, 1U);
  EXPECT_EQ(model::connection_shares(plan, 1).curl, 1U);
  plan.targets[1].engine = plan.targets[2].engine = EngineKind::kCurl;
  EXPECT_EQ(model::connection_shares(plan, 9).curl, 9U);
}

}  // namespace
}  // namespace squall::plan::test
