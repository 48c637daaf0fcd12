// Access logs to plans with their files.
#include "loadgen/import/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "tests/loadgen/import/import_case.hpp"
#include "tests/support/files.hpp"

namespace squall::import {
namespace {

using ::testing::HasSubstr;

Result<GeneratedPlan> log(std::string_view text, ImportOptions options = {}) {
  options.file = "access.log";
  options.stem = "day";
  return plan_from(Source::kLog, text, options);
}

std::string line(const std::string& second, const std::string& request, int status = 200) {
  return "10.0.0.7 - - [14/Nov/2023:22:13:" + second + " +0000] \"" + request + "\" " +
         std::to_string(status) + " 5 \"-\" \"agent\"\n";
}

// Loads the plan from a folder with its files in it.
std::shared_ptr<const model::Plan> loaded_with_files(const Result<GeneratedPlan>& plan) {
  EXPECT_TRUE(plan.has_value()) << (plan ? "" : to_string(plan.error()));
  if (!plan) {
    return nullptr;
  }
  const test::TestDirectory directory;
  for (const SideFile& file : plan->files) {
    static_cast<void>(directory.write(file.name, file.content));
  }
  return loaded(plan->text, directory.path());
}

TEST(LogImport, RequestsAtTheirTimes) {
  const auto plan =
      log(line("20", "GET /a?b=c HTTP/1.1") + line("20", "GET /b HTTP/1.1") +
          line("22.25", "HEAD /h HTTP/1.0") + line("21", "GET /\\xc3\\xa4\\\"x HTTP/1.1") +
          line("20", "GET http://shop.example/abs,1 HTTP/1.1", 404));
  const auto ready = loaded_with_files(plan);
  ASSERT_NE(ready, nullptr);
  ASSERT_EQ(plan->files.size(), 2U);
  EXPECT_EQ(plan->files[0].name, "day.get.csv");
  EXPECT_EQ(plan->files[0].content,
            "time,path\n0.000000,\"a?b=c\"\n0.333333,\"b\"\n0.666666,\"abs,1\"\n"
            "1.000000,\"%C3%A4%22x\"\n");
  EXPECT_EQ(plan->files[1].content, "time,path\n2.250000,\"h\"\n");
  ASSERT_EQ(ready->scenarios.size(), 2U);
  EXPECT_EQ(ready->load.duration, std::chrono::seconds(3));
  // Not at t = 0: the distance between the methods is a part of the log's timing.
  EXPECT_THAT(plan->text, HasSubstr("file = \"day.head.csv\", begin = \"2250000us\" }"));
  std::array<Duration, 1> head{};
  ASSERT_EQ(ready->scenarios[1].arrivals->open(ready->load.span(), {0, "", ""})->fill(head), 1U);
  EXPECT_EQ(head[0], std::chrono::milliseconds(2250));
  EXPECT_THAT(plan->text, HasSubstr("error_rate < 21%"));
}

TEST(LogImport, WhatIsLeftOutIsCounted) {
  const std::string text = line("20", "GET / HTTP/1.1") + "no line\n\n" +
                           line("21", "POST /buy HTTP/1.1") + line("21", "\\x16\\x03") +
                           line("21", "OPTIONS * HTTP/1.1") + "neither\n";
  const auto plan = log(text);
  ASSERT_NE(loaded_with_files(plan), nullptr);
  EXPECT_THAT(notes_of(plan), HasSubstr("2 lines of another format, the first: access.log:2:1"));
  EXPECT_THAT(notes_of(plan), HasSubstr("1 POST requests"));
  EXPECT_THAT(notes_of(plan), HasSubstr("1 requests that are no HTTP"));
  EXPECT_THAT(notes_of(plan), HasSubstr("127.0.0.1:8080 is a placeholder"));
  EXPECT_THAT(notes_of(log(text, {.url = "http://127.0.0.1:1"})),
              testing::Not(HasSubstr("placeholder")));
  EXPECT_EQ(plan->files.size(), 1U);
  const auto all = log(text, {.include_destructive = true});
  ASSERT_NE(loaded_with_files(all), nullptr);
  EXPECT_EQ(all->files.size(), 2U);
}

TEST(LogImport, SaysWhatItCannotRead) {
  EXPECT_THAT(to_string(log("{\"json\": 1}\n{\"json\": 2}\n").error()),
              HasSubstr("access.log:1:1: there is no time"));
  EXPECT_THAT(to_string(log("").error()), HasSubstr("holds no request to send"));
  EXPECT_THAT(to_string(log(line("20", "POST / HTTP/1.1")).error()),
              HasSubstr("holds no request to send"));
}

}  // namespace
}  // namespace squall::import
