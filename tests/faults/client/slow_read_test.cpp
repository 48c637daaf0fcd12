#include <gtest/gtest.h>

#include "tests/faults/client/fault_case.hpp"

namespace squall::faults {
namespace {

TEST(SlowReadFault, ReadsPacesInEveryUnit) {
  const std::pair<const char*, double> paces[] = {
      {"512/s", 512}, {"2KiB/s", 2048}, {"60KB/m", 1000}, {"100/250ms", 400}};
  for (const auto& [text, per_second] : paces) {
    const Compiled fault = compile("slow_read", "rate = '" + std::string(text) + "'");
    EXPECT_EQ(fault.problems, "") << text;
    const auto slow = fault.script().slow_read;
    ASSERT_TRUE(slow) << text;
    EXPECT_DOUBLE_EQ(slow->bytes_per_s, per_second) << text;
    EXPECT_EQ(slow->window, 4096u);
  }
}

TEST(SlowReadFault, TakesAWindow) {
  const auto slow =
      compile("slow_read", "rate = '1KiB/s'\nreceive_buffer = '64KiB'").script().slow_read;
  ASSERT_TRUE(slow);
  EXPECT_EQ(slow->window, 65536u);
}

TEST(SlowReadFault, RefusesWhatIsNoPace) {
  for (const char* text : {"2KiB", "fast", "0/s", "2KiB/0s", "-1/s", "/s", "2KiB/"}) {
    const std::string problems =
        compile("slow_read", "rate = '" + std::string(text) + "'").problems;
    EXPECT_NE(problems.find("test.toml:1:"), std::string::npos) << text;
    EXPECT_NE(problems.find("2KiB/s"), std::string::npos) << text;
  }
  for (const char* window : {"100", "2MiB"}) {
    EXPECT_NE(compile("slow_read", "rate = '1/s'\nreceive_buffer = '" + std::string(window) + "'")
                  .problems,
              "")
        << window;
  }
}

TEST(SlowReadFault, ContradictsWhatLeavesNothingToRead) {
  const Compiled slow = compile("slow_read", "rate = '1KiB/s'");
  for (const char* at : {"connect", "body", "after_send", "during_response"}) {
    model::WireScript script = slow.script();
    const model::WireScript untouched = script;
    const Result<void> cut = compile("drop", "at = '" + std::string(at) + "'").apply(script);
    ASSERT_FALSE(cut) << at;
    EXPECT_NE(cut.error().message.find(at), std::string::npos);
    EXPECT_EQ(script, untouched);
  }
  model::WireScript script = slow.script();
  EXPECT_FALSE(slow.apply(script)) << "one pace for each attempt";
  EXPECT_FALSE(
      compile("duplicate", "spacing = 'after_response'\nconnection = 'same'").apply(script));
  EXPECT_TRUE(compile("duplicate", "spacing = 'after_response'").apply(script));
}

}  // namespace
}  // namespace squall::faults
