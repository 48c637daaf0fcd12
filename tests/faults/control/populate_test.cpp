// Configuration files in Toxiproxy's format.
#include <gtest/gtest.h>

#include "faults/control/populate.hpp"
#include "tests/faults/proxy/chain_case.hpp"
#include "tests/support/files.hpp"

namespace squall::faults {
namespace {

class PopulateTest : public ::testing::Test {
 protected:
  Populated load(const std::string& text) {
    return populate_from_file(proxies, directory.write("proxies.json", text));
  }
  const test::TestDirectory directory;
  ProxyServer proxies{all_toxics(), {.seed = 1}};
};

TEST_F(PopulateTest, makes_the_proxies_of_a_file) {
  const Populated made =
      load(R"([{"name":"web","listen":"localhost:0","upstream":"web:80"},)"
           R"({"name":"db","listen":"[::]:0","upstream":"db:3306","enabled":false,)"
           R"("toxics":[{"type":"latency","attributes":{"latency":9}}]}])");
  EXPECT_FALSE(made.problem.has_value());
  ASSERT_EQ(made.proxies.size(), 2U);
  EXPECT_TRUE(proxies.find("web")->settings.enabled);
  EXPECT_EQ(proxies.find("db")->toxics.size(), 1U);
}

TEST_F(PopulateTest, says_what_is_wrong_with_a_file) {
  EXPECT_EQ(load("").problem->message, "bad request body: EOF");
  EXPECT_EQ(load("[{]").problem->message.substr(0, 17), "bad request body:");
  EXPECT_EQ(load(R"([{"name":"x"}])").problem->message,
            "missing required field: upstream at proxy 1");
  const Populated missing = populate_from_file(proxies, directory / "nowhere.json");
  EXPECT_EQ(missing.problem->message, "cannot read " + (directory / "nowhere.json"));
  EXPECT_TRUE(proxies.list().empty());
}

}  // namespace
}  // namespace squall::faults
