// Plans with proxies: a dependency that gets slow is seen in the target's own figures, and a fault
// that reached nobody is no result.
#include <gtest/gtest.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "tests/e2e/plans.hpp"
#include "tests/e2e/squall_process.hpp"
#include "tests/support/files.hpp"

namespace squall::test {
namespace {

using nlohmann::json;

// The shop calls its provider through the proxy.
std::string proxied_shop(const std::string& more) {
  std::string text = shop_plan("atomic", more);
  const std::string direct = "http://127.0.0.1:{{port.psp}}\", \"--payments";
  text.replace(text.find(direct), direct.size(), "http://{{proxy.psp}}\", \"--payments");
  const std::string rate = "rate = \"60/s\"";
  text.replace(text.find(rate), rate.size(), "rate = \"20/s\"");
  return text + "[[proxy]]\nname = \"psp\"\nupstream = \"127.0.0.1:{{port.psp}}\"\n";
}

constexpr const char* kSlow =
    "[[fault]]\nname = \"slow-psp\"\nkind = \"latency\"\nproxy = \"psp\"\nlatency = \"500ms\"\n"
    "window = [\"1s\", \"2s\"]\n";

json record_of(const TestDirectory& directory) {
  return json::parse(read_file(directory / "run/record.json"));
}

TEST(ProxyPlan, ASlowDependencyIsSeenInItsWindowAndInTheRecord) {
  const TestDirectory directory;
  const std::string plan = directory.write("plan.toml", proxied_shop(kSlow));
  const ProcessResult result = squall(directory, {"run", plan, "--out", directory / "run"});
  ASSERT_EQ(result.exit_code, 0) << result.output << result.errors;
  EXPECT_NE(result.output.find("slow-psp: latency on psp downstream"), std::string::npos)
      << result.output;

  const json record = record_of(directory);
  const json& fault = record.at("proxy_faults").at(0);
  EXPECT_EQ(fault.at("name"), "slow-psp");
  EXPECT_GT(fault.at("fired").get<int>(), 0);
  EXPECT_GE(fault.at("planned").get<int>(), fault.at("fired").get<int>());
  const json& action = record.at("timeline").at(0);
  EXPECT_TRUE(action.at("started").get<bool>() && action.at("undone").get<bool>());
  EXPECT_GE(action.at("at_ns").get<std::int64_t>(), 1'000'000'000);
  EXPECT_GE(action.at("until_ns").get<std::int64_t>(), 2'000'000'000);

  std::int64_t slowest = 0;
  std::uint64_t links = 0;
  std::uint64_t bytes = 0;
  for (const json& second : record.at("seconds")) {
    if (second.at("response_max_us").is_number()) {
      slowest = std::max(slowest, second.at("response_max_us").get<std::int64_t>());
    }
    if (second.contains("proxies")) {
      links += second.at("proxies").at(0).at("accepted").get<std::uint64_t>();
      bytes += second.at("proxies").at(0).at("downstream_bytes").get<std::uint64_t>();
    }
  }
  EXPECT_GE(slowest, 500'000) << "payments waited for the provider, until it was let go at 2s";
  EXPECT_GT(bytes, 0U);
  EXPECT_GT(links + fault.at("seen").get<std::uint64_t>(), 0U);
  const std::string markdown = read_file(directory / "run/summary.md");
  EXPECT_NE(markdown.find("slow-psp"), std::string::npos);
  const std::string journal = read_file(directory / "run/events.ndjson");
  EXPECT_NE(journal.find("on: slow-psp"), std::string::npos);
  EXPECT_NE(journal.find("off: slow-psp"), std::string::npos);
}

TEST(ProxyPlan, AFaultThatNobodyMeetsMakesTheRunInvalid) {
  const TestDirectory directory;
  const std::string plan = directory.write(
      "plan.toml", proxied_shop("[[proxy]]\nname = \"unused\"\nupstream = "
                                "\"127.0.0.1:{{port.psp}}\"\n"
                                "[[fault]]\nname = \"lonely\"\nkind = \"blackhole\"\nproxy = "
                                "\"unused\"\nwindow = [\"1s\", \"2s\"]\n"));
  const ProcessResult result = squall(directory, {"run", plan, "--out", directory / "run"});
  EXPECT_EQ(result.exit_code, 3) << result.output << result.errors;
  EXPECT_NE(result.output.find("fault lonely: none of the connections"), std::string::npos)
      << result.output;
}

TEST(ProxyPlan, OneIterationGoesThroughTheProxyWithoutFaults) {
  const TestDirectory directory;
  const std::string plan = directory.write("plan.toml", proxied_shop(kSlow));
  const ProcessResult result = squall(directory, {"run", plan, "--once"});
  EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
  const ProcessResult described = squall(directory, {"validate", plan});
  EXPECT_EQ(described.exit_code, 0) << described.errors;
  EXPECT_NE(described.output.find("proxy     psp: 127.0.0.1:"), std::string::npos)
      << described.output;
  EXPECT_NE(described.output.find("timeline  +1.0s to +2.0s: slow-psp: latency on psp downstream"),
            std::string::npos)
      << described.output;
}

}  // namespace
}  // namespace squall::test
