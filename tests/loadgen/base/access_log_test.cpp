#include "loadgen/base/access_log.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace squall {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kCommon =
    R"(10.0.0.7 - - [14/Nov/2023:22:13:20 +0000] "GET /items?page=2 HTTP/1.1" 200 512)";

std::string with_time(std::string_view time) {
  return "h - - [" + std::string(time) + "] \"GET / HTTP/1.1\" 200 1";
}

TEST(AccessLog, ReadsTheCommonFormat) {
  const auto line = parse_access_log_line(kCommon);
  ASSERT_TRUE(line.has_value()) << to_string(line.error());
  EXPECT_EQ(line->time, WallTime(1'700'000'000s));
  EXPECT_EQ(line->client, "10.0.0.7");
  EXPECT_EQ(line->request, "GET /items?page=2 HTTP/1.1");
  EXPECT_EQ(line->method, "GET");
  EXPECT_EQ(line->target, "/items?page=2");
  EXPECT_EQ(line->status, 200);
  EXPECT_EQ(line->bytes, 512U);
}

TEST(AccessLog, ReadsTheCombinedFormatAndWhatFollowsIt) {
  for (const std::string more : {R"log( "https://shop.example/?q=\"a\"" "Mozilla/5.0 (X11)")log",
                                 R"( "-" "-" 0.012 upstream=10.1.1.1:80)", "\r"}) {
    const std::string text = std::string(kCommon) + more;
    const auto line = parse_access_log_line(text);
    ASSERT_TRUE(line.has_value()) << more << to_string(line.error());
    EXPECT_EQ(line->target, "/items?page=2");
    EXPECT_EQ(line->bytes, 512U);
  }
}

TEST(AccessLog, ReadsUsersWithBlanksAndVirtualHosts) {
  EXPECT_EQ(parse_access_log_line(R"(::1 - - [14/Nov/2023:22:13:20 +0000] "-" 400 -)")->client,
            "::1");
  EXPECT_EQ(
      parse_access_log_line(R"(shop:443 10.0.0.7 - bob [14/Nov/2023:22:13:20 +0000] "-" 400 -)")
          ->client,
      "10.0.0.7");
  EXPECT_TRUE(parse_access_log_line(R"(h - an [odd] user [14/Nov/2023:22:13:20 +0000] "-" 400 -)")
                  .has_value());
}

struct TimeCase {
  std::string_view text;
  WallTime time;
};

TEST(AccessLog, ReadsTimesWithZonesAndFractions) {
  const WallTime base(1'700'000'000s);
  const TimeCase cases[]{
      {"14/Nov/2023:22:13:20 +0000", base},
      {"14/Nov/2023:23:43:20 +0130", base},
      {"14/Nov/2023:14:13:20 -0800", base},
      {"14/Nov/2023:22:13:20.5 +0000", base + 500ms},
      {"14/Nov/2023:22:13:20.123456789123 +0000", base + 123'456'789ns},
      {"01/Jan/1970:00:00:00 +0000", WallTime(0s)},
      {"29/Feb/2000:00:00:00 +0000", WallTime(951'782'400s)},
      {"31/Dec/2016:23:59:60 +0000", WallTime(1'483'228'800s)},
  };
  for (const TimeCase& one : cases) {
    const auto line = parse_access_log_line(with_time(one.text));
    ASSERT_TRUE(line.has_value()) << one.text << to_string(line.error());
    EXPECT_EQ(line->time, one.time) << one.text;
  }
}

TEST(AccessLog, RefusesTimesThatAreNone) {
  for (const char* time :
       {"30/Feb/2023:22:13:20 +0000", "14/Now/2023:22:13:20 +0000", "14/Nov/1969:22:13:20 +0000",
        "14/Nov/9999:22:13:20 +0000", "14/Nov/2023:24:13:20 +0000", "14/Nov/2023:22:60:20 +0000",
        "14/Nov/2023:22:13:61 +0000", "14/Nov/2023:22:13:20 0000", "14/Nov/2023:22:13:20",
        "14/Nov/2023:22:13:20. +0000", "14/Nov/2023:22:13:20 +2460"}) {
    const auto line = parse_access_log_line(with_time(time));
    ASSERT_FALSE(line.has_value()) << time;
    EXPECT_EQ(line.error().code, ErrorCode::kMalformed);
    ASSERT_TRUE(line.error().where.has_value());
    EXPECT_GT(line.error().where->column, 7U) << time;
  }
}

TEST(AccessLog, KeepsRequestsThatAreNoHttp) {
  for (const char* request : {"-", "", R"(\x16\x03\x01\x02)", "GET", "GET  HTTP/1.1", "a b c",
                              R"(GET /a b HTTP/1.1)", R"(quit\r\n)"}) {
    const std::string text =
        "h - - [14/Nov/2023:22:13:20 +0000] \"" + std::string(request) + "\" 400 -";
    const auto line = parse_access_log_line(text);
    ASSERT_TRUE(line.has_value()) << request << to_string(line.error());
    EXPECT_EQ(line->request, request);
    EXPECT_EQ(line->method, "") << request;
    EXPECT_EQ(line->target, "") << request;
    EXPECT_EQ(line->bytes, std::nullopt);
  }
}

TEST(AccessLog, SaysWhereALineIsWrong) {
  struct Case {
    std::string_view line;
    unsigned column;
  };
  const Case cases[]{
      {"", 1},
      {"{\"json\": true}", 1},
      {"[14/Nov/2023:22:13:20 +0000] \"-\" 400 -", 1},
      {"h - - [14/Nov/2023:22:13:20 +0000]", 35},
      {"h - - [14/Nov/2023:22:13:20 +0000] GET / 200 -", 36},
      {"h - - [14/Nov/2023:22:13:20 +0000] \"GET / 200 -", 37},
      {"h - - [14/Nov/2023:22:13:20 +0000] \"-\" 99 -", 40},
      {"h - - [14/Nov/2023:22:13:20 +0000] \"-\" 4000 -", 43},
      {"h - - [14/Nov/2023:22:13:20 +0000] \"-\" 400 x", 44},
      {"h - - [14/Nov/2023:22:13:20 +0000] \"-\" 400 12x", 46},
      {"h - - [14/Nov/2023:22:13:20 +0000] \"-\" 400 99999999999999999999", 44},
  };
  for (const Case& one : cases) {
    const auto line = parse_access_log_line(one.line);
    ASSERT_FALSE(line.has_value()) << one.line;
    ASSERT_TRUE(line.error().where.has_value());
    EXPECT_EQ(line.error().where->column, one.column) << one.line << to_string(line.error());
    EXPECT_NE(line.error().message.find("for example"), std::string::npos);
  }
  const std::string longest(kMaxAccessLogLine, 'x');
  EXPECT_FALSE(parse_access_log_line(std::string(kCommon) + " " + longest).has_value());
}

TEST(AccessLog, UndoesTheEscapesOfServers) {
  EXPECT_EQ(unescape_access_log(R"(/a\"b\\c\x22\xE4\t)"), "/a\"b\\c\"\xE4\t");
  EXPECT_EQ(unescape_access_log(R"(\q\x2 \x)"), R"(\q\x2 \x)");
  EXPECT_EQ(unescape_access_log("end\\"), "end\\");
  EXPECT_EQ(unescape_access_log(""), "");
}

}  // namespace
}  // namespace squall
