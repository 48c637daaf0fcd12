// An oracle reads from the target on the way that the target is reached, and from nowhere else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/loadgen/effects/oracle_case.hpp"
#include "tests/support/hostile_server.hpp"

namespace squall::effects {
namespace {

using test::HostileServer;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using namespace std::chrono_literals;

class HttpOracleRoute : public ::testing::Test {
 protected:
  HttpOracleRoute() {
    context_.default_base_url = "http://shop.invalid:8080";
    context_.default_route.proxy = proxy_.url("");
    context_.default_route.auth.kind = AuthKind::kBasic;
    context_.default_route.auth.user = "alice";
    context_.default_route.auth.password = "s3cr3t";
    context_.allowed_hosts = {"shop.invalid"};
  }
  std::uint64_t effects_of(const std::string& request) {
    const CompiledOracle compiled =
        compile("http", "request = \"" + request + "\"\nitems = \"\"\nkey = \"/key\"");
    EXPECT_EQ(compiled.problems, "");
    EXPECT_TRUE(compiled.oracle->start(context_).has_value());
    const auto reading = compiled.oracle->read({}, 5s);
    EXPECT_TRUE(reading.has_value()) << (reading ? "" : to_string(reading.error()));
    return reading ? reading->counts.size() : 0;
  }
  static HostileServer::Script list() {
    return {HostileServer::read_request(),
            HostileServer::send(test::ok_answer(R"([{"key":"a"},{"key":"b"}])"))};
  }

  HostileServer proxy_{list()};
  model::OracleContext context_;
};

TEST_F(HttpOracleRoute, APathOfTheTargetTakesItsWay) {
  EXPECT_EQ(effects_of("GET /ledger"), 2U);
  EXPECT_EQ(effects_of("GET http://shop.invalid:8080/ledger"), 2U);
  for (const std::string& request : proxy_.request_texts()) {
    EXPECT_THAT(request, AllOf(StartsWith("GET http://shop.invalid:8080/ledger HTTP/1.1\r\n"),
                               HasSubstr("\r\nAuthorization: Basic YWxpY2U6czNjcjN0\r\n")));
  }
  EXPECT_EQ(proxy_.requests(), 2U);
}

TEST_F(HttpOracleRoute, AnotherHostDoesNotAndGetsNoPassword) {
  HostileServer elsewhere(list());
  EXPECT_EQ(effects_of("GET " + elsewhere.url("/ledger")), 2U);
  EXPECT_EQ(proxy_.requests(), 0U);
  EXPECT_THAT(elsewhere.request_texts().at(0), Not(HasSubstr("Authorization")));
}

}  // namespace
}  // namespace squall::effects
