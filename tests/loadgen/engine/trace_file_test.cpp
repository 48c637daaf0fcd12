#include <gtest/gtest.h>

#include <sstream>

#include "loadgen/engine/trace_file.hpp"

namespace squall::engine {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Result<std::vector<Duration>> read(const std::string& text, const TraceOptions& options = {}) {
  std::istringstream in(text);
  return read_trace(in, "arrivals.txt", options).map([](Trace trace) { return trace.offsets; });
}

std::string problem(const std::string& text, const TraceOptions& options = {}) {
  const auto result = read(text, options);
  return result ? "none" : to_string(result.error());
}

TEST(TraceFile, ReadsNumbersAndDatesAsOffsetsAfterTheFirst) {
  EXPECT_EQ(*read("# taken on Monday\n12\n12.25\n\n13.000000001\r\n"),
            (std::vector<Duration>{Duration(0), milliseconds(250), seconds(1) + Duration(1)}));
  EXPECT_EQ(*read("2023-11-14T22:13:20Z\n2023-11-14T23:13:21.5+01:00\n"),
            (std::vector<Duration>{Duration(0), milliseconds(1500)}));
}

TEST(TraceFile, KeepsTheNanosecondsOfAnEpoch) {
  EXPECT_EQ(*read("1700000000.123456789\n1700000000.123456790\n"),
            (std::vector<Duration>{Duration(0), Duration(1)}));
  EXPECT_EQ(*read("1700000000123\n1700000000124.5\n", {.unit_ns = 1'000'000}),
            (std::vector<Duration>{Duration(0), Duration(1'500'000)}));
}

TEST(TraceFile, FindsAColumnOfCsv) {
  const TraceOptions options{.format = TraceFormat::kCsv, .column = "at"};
  EXPECT_EQ(*read("path, at\n\"/a,\"\"b\"\"\",1.5\n/c,\"2\"\n", options),
            (std::vector<Duration>{Duration(0), milliseconds(500)}));
  EXPECT_EQ(problem("path,time\n/,1\n", options),
            "arrivals.txt:1:1: no column is called \"at\": the first line names them, as in "
            "\"time,path\"");
  EXPECT_EQ(problem("path,at\n/\n", options),
            "arrivals.txt:2:1: the line has 1 fields, none for \"at\"");
  EXPECT_EQ(problem("path,at\n\"/,1\n", options),
            "arrivals.txt:2:1: a quoted field does not end on its line");
}

TEST(TraceFile, FindsAMemberOfJson) {
  EXPECT_EQ(*read("{\"a\":{\"x\":1},\"t\":1.5}\n{\"t\":\"2\"}\n",
                  {.format = TraceFormat::kNdjson, .column = "t"}),
            (std::vector<Duration>{Duration(0), milliseconds(500)}));
  EXPECT_EQ(*read("{\"a\":{\"x\":1}}\n{\"a\":{\"x\":3}}\n",
                  {.format = TraceFormat::kNdjson, .column = "/a/x"}),
            (std::vector<Duration>{Duration(0), seconds(2)}));
  const TraceOptions options{.format = TraceFormat::kNdjson, .column = "t"};
  EXPECT_EQ(problem("{\"t\":1}\n[1]\n", options), "arrivals.txt:2:1: the line has no \"t\"");
  EXPECT_NE(problem("{\"t\":true}\n", options).find("\"true\" is not a timestamp"),
            std::string::npos);
  EXPECT_NE(problem("{\"t\":1e3}\n", options).find("\"1e3\" is not a timestamp"),
            std::string::npos);
}

TEST(TraceFile, ReadsAnAccessLog) {
  const TraceOptions options{.format = TraceFormat::kLog};
  EXPECT_EQ(
      *read("10.0.0.7 - - [14/Nov/2023:22:13:20 +0000] \"GET / HTTP/1.1\" 200 512\n"
            "10.0.0.8 - a [14/Nov/2023:23:13:22 +0100] \"GET /a HTTP/1.1\" 200 - \"-\" \"x\"\n",
            options),
      (std::vector<Duration>{Duration(0), seconds(2)}));
  EXPECT_EQ(problem("10.0.0.7 - - [yesterday] \"GET / HTTP/1.1\" 200 512\n", options).substr(0, 15),
            "arrivals.txt:1:");
}

TEST(TraceFile, SpreadsWhatHasTheSameTimestamp) {
  std::vector<Duration> offsets{seconds(0), seconds(0),         seconds(0),        seconds(0),
                                seconds(5), milliseconds(5100), milliseconds(5100)};
  spread_out(offsets, seconds(1));
  EXPECT_EQ(offsets, (std::vector<Duration>{seconds(0), milliseconds(250), milliseconds(500),
                                            milliseconds(750), seconds(5), milliseconds(5100),
                                            milliseconds(5600)}));
  std::vector<Duration> near{seconds(0), seconds(0), milliseconds(100)};
  spread_out(near, seconds(1));
  EXPECT_EQ(near, (std::vector<Duration>{seconds(0), milliseconds(50), milliseconds(100)}));
  spread_out(near, {});
  EXPECT_EQ(near.size(), 3U);
}

// A server writes a line when the request ends.
TEST(TraceFile, PutsTimestampsInOrderAndCountsThem) {
  std::istringstream in("# log\n10\n12\n9\n11.5\n12\n13\n");
  const auto trace = read_trace(in, "arrivals.txt", {});
  ASSERT_TRUE(trace.has_value());
  EXPECT_EQ(trace->offsets, (std::vector<Duration>{seconds(0), seconds(1), milliseconds(2500),
                                                   seconds(3), seconds(3), seconds(4)}));
  EXPECT_EQ(trace->out_of_order, 2U);
  EXPECT_EQ(trace->first_out_of_order, 4U);
  std::istringstream sorted("1\n1\n2\n");
  EXPECT_EQ(read_trace(sorted, "arrivals.txt", {})->out_of_order, 0U);
}

TEST(TraceFile, NamesTheLineThatIsWrong) {
  EXPECT_EQ(
      problem("1\n2\nabc\n"),
      "arrivals.txt:3:1: \"abc\" is not a timestamp; right ones are 12.25, 1700000000.125 and "
      "2023-11-14T22:13:20.125Z");
  EXPECT_NE(problem("99999999999999999999\n").find("is not a timestamp"), std::string::npos);
  EXPECT_NE(problem("1.\n").find("is not a timestamp"), std::string::npos);
  EXPECT_EQ(problem(std::string(kMaxTraceLine + 1, '1')),
            "arrivals.txt:1:1: a line of more than 65536 bytes");
}

TEST(TraceFile, NeedsATimestamp) {
  EXPECT_EQ(problem(""), "arrivals.txt holds no timestamp");
  EXPECT_EQ(problem("# nothing\n\n"), "arrivals.txt holds no timestamp");
}

}  // namespace
}  // namespace squall::engine
