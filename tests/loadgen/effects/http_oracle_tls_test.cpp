// An oracle behind https is one whose certificate holds, or none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/loadgen/effects/oracle_case.hpp"
#include "tests/support/tls_server.hpp"

namespace squall::effects {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

class HttpOracleTls : public ::testing::Test {
 protected:
  // The oracle, started, of a request to the server.
  std::unique_ptr<model::Oracle> oracle(std::string_view path, std::string_view layout) {
    CompiledOracle compiled =
        compile("http", "request = \"GET " + server_.url(path) + "\"\n" + std::string(layout));
    EXPECT_EQ(compiled.problems, "");
    context_.default_base_url = server_.url("");
    context_.default_headers = {{"Authorization", "Bearer t0psecret"}};
    EXPECT_TRUE(compiled.oracle->start(context_).has_value());
    return std::move(compiled.oracle);
  }

  test::TlsServer server_;
  model::OracleContext context_;
};

TEST_F(HttpOracleTls, AListBehindAnUnknownCertificateIsNotRead) {
  const auto reading = oracle("/ledger", "items = \"\"\nkey = \"/key\"")->read({}, 5s);
  ASSERT_FALSE(reading.has_value());
  EXPECT_THAT(reading.error().message, HasSubstr("certificate"));
  EXPECT_EQ(server_.requests(), 0U);
}

TEST_F(HttpOracleTls, AKeyBehindAnUnknownCertificateIsUndecided) {
  const std::vector<std::string> keys = {"a"};
  const auto reading = oracle("/ledger/{{key}}", "count = \"/count\"")->read(keys, 5s);
  ASSERT_TRUE(reading.has_value());
  EXPECT_TRUE(reading->undecided.contains("a"));
  EXPECT_THAT(reading->undecided_reason, HasSubstr("certificate"));
  EXPECT_EQ(server_.requests(), 0U);
}

TEST_F(HttpOracleTls, SpeaksAsTheTargetDoes) {
  context_.tls = {{"127.0.0.1", server_.port(), {.insecure = true}}};
  const auto reading = oracle("/ledger", "items = \"\"\nkey = \"/key\"")->read({}, 5s);
  ASSERT_FALSE(reading.has_value());
  EXPECT_EQ(reading.error().message.find("certificate"), std::string::npos);
  EXPECT_EQ(server_.requests(), 1U) << "\"secret\" is no list, but it was read";
}

}  // namespace
}  // namespace squall::effects
