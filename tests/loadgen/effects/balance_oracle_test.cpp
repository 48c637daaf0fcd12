#include <gtest/gtest.h>

#include <mutex>
#include <string>
#include <vector>

#include "tests/loadgen/effects/oracle_case.hpp"

namespace squall::effects {
namespace {

using model::OracleReading;
using net::ServerRequest;
using namespace std::chrono_literals;

constexpr const char* kStock = "request = 'GET /items/tea'\nvalue = '/stock'\nchange = '-1'\n";

// A shop whose balance the test sets.
class Account {
 public:
  Account()
      : server_(serve([this](const ServerRequest& request) {
          const std::lock_guard lock(mutex_);
          asked_.push_back(request.target);
          return reply(body_, status_);
        })) {}

  void says(std::string body, int status = 200) {
    const std::lock_guard lock(mutex_);
    body_ = std::move(body);
    status_ = status;
  }
  [[nodiscard]] std::vector<std::string> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  [[nodiscard]] std::unique_ptr<model::Oracle> oracle(const char* keys) const {
    CompiledOracle compiled = compile("balance", keys);
    EXPECT_EQ(compiled.problems, "");
    model::OracleContext context;
    context.run_id = "r1";
    context.default_base_url = base_url(*server_);
    EXPECT_TRUE(compiled.oracle->start(context));
    return std::move(compiled.oracle);
  }

 private:
  mutable std::mutex mutex_;
  std::string body_;
  int status_ = 200;
  std::vector<std::string> asked_;
  std::unique_ptr<net::HttpServer> server_;  // last: its thread calls the rest
};

TEST(BalanceOracle, CountsFromItsFirstReadingOn) {
  Account account;
  const auto oracle = account.oracle(kStock);
  EXPECT_TRUE(oracle->counts_total_only());
  account.says(R"({"stock":500})");
  const std::vector<std::string> keys = {"a", "b"};
  const auto first = oracle->read(keys, 10s);
  ASSERT_TRUE(first) << to_string(first.error());
  EXPECT_EQ(first->total, 0u);
  EXPECT_TRUE(first->counts.empty());
  EXPECT_EQ(first->undecided.size(), 2u) << "whose effects they are it does not know";
  account.says(R"({"stock":"493"})");
  EXPECT_EQ(oracle->read({}, 10s)->total, 7u);
  EXPECT_EQ(account.asked(), std::vector<std::string>(2, "/items/tea"));
}

TEST(BalanceOracle, CannotCountWhatIsNoWholeNumberOfEffects) {
  Account account;
  const auto oracle =
      account.oracle("request = 'GET /accounts/shop'\nvalue = '/balance'\nchange = '19.99'\n");
  account.says(R"({"balance":0.01})");
  ASSERT_TRUE(oracle->read({}, 10s));
  account.says(R"({"balance":30})");
  EXPECT_EQ(oracle->read({}, 10s).error().message,
            "it went from 0.01 to 30, by 29.99: no whole number of effects of 19.99 each");
  account.says(R"({"balance":39.99})");
  EXPECT_EQ(oracle->read({}, 10s)->total, 2u);
}

TEST(BalanceOracle, AnAnswerThatIsNoneIsNoZero) {
  Account account;
  const auto oracle = account.oracle(kStock);
  account.says("", 503);
  EXPECT_EQ(oracle->read({}, 10s).error().code, ErrorCode::kUnavailable);
  account.says(R"({"stock":true})");
  EXPECT_EQ(oracle->read({}, 10s).error().message, "true is no decimal number");
  account.says(R"({"stock":3})");
  EXPECT_EQ(oracle->read({}, 10s)->total, 0u) << "the first reading that succeeded counts";
}

TEST(BalanceOracle, RefusesKeysThatCannotWork) {
  const auto problems = [](const char* keys) { return compile("balance", keys).problems; };
  EXPECT_NE(problems("request = 'GET /b/{{key}}'\nvalue = '/b'\nchange = '1'\n")
                .find("a balance is one number for all keys"),
            std::string::npos);
  EXPECT_NE(problems("request = 'GET /b'\nvalue = 'b'\nchange = '1'\n").find("write \"/b\""),
            std::string::npos);
  EXPECT_NE(problems("request = 'GET /b'\nvalue = '/b'\nchange = '0.0'\n")
                .find("\"0.0\" is no decimal number other than zero"),
            std::string::npos);
  EXPECT_NE(problems("request = '/b'\nvalue = '/b'\nchange = '1'\n")
                .find("is not a method and a path: write \"GET /accounts/shop\""),
            std::string::npos);
}

}  // namespace
}  // namespace squall::effects
