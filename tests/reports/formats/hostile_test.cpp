// Whatever a plan, a target or a host puts into a record, no format breaks and no terminal is
// driven by it.

#include <algorithm>
#include <regex>
#include <set>

#include <gmock/gmock.h>

#include "loadgen/base/text.hpp"
#include "loadgen/stats/histogram_log.hpp"
#include "reports/formats/common/escape.hpp"
#include "tests/reports/formats/formats_test_support.hpp"
#include "tests/reports/formats/html_page.hpp"
#include "tests/support/sample_record.hpp"

namespace squall::reports {
namespace {

using testing::hostile_record;
using testing::poison_text;

std::string poisoned(std::string_view format) {
  return without_assets(render(format, hostile_record(poison_text())));
}

bool is_control(char c) {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f;
}

TEST(HostileTest, NothingButLineBreaksControlsATextFormat) {
  for (const std::string_view format :
       {"terminal", "markdown", "prometheus", "hlog", "junit", "html"}) {
    const std::string text = poisoned(format);
    EXPECT_EQ(std::count_if(text.begin(), text.end(), is_control), 0) << format;
    // Valid UTF-8 without marks that turn text around passes unchanged.
    for (const std::string_view line : split(text, '\n')) {
      EXPECT_EQ(printable(line, line.size() + 1), line) << format;
    }
  }
}

TEST(HostileTest, JunitStaysValid) {
  expect_valid_junit(poisoned("junit"));
}

TEST(HostileTest, JsonStaysJson) {
  expect_accepted(
      poisoned("json"),
      {"python3", "-c", "import json, sys; json.load(open(sys.argv[1], encoding='utf-8'))"});
}

TEST(HostileTest, CsvKeepsItsColumnsAndHoldsNoFormula) {
  const std::string program =
      "import csv, sys\n"
      "rows = list(csv.reader(open(sys.argv[1], encoding='utf-8', newline=''), strict=True))\n"
      "assert len(rows) == 23 and len({len(row) for row in rows}) == 1, [len(row) for row in "
      "rows]\n"
      "assert not any(cell[:1] in ('=', '+', '@', '\\t', '\\r') for row in rows for cell in row)\n"
      "assert all(float(cell) or True for row in rows[1:] for cell in row if cell)\n";
  expect_accepted(poisoned("csv"), {"python3", "-c", program});
}

TEST(HostileTest, CsvFormulasAreDefused) {
  EXPECT_EQ(csv_cell("=1+1"), "\"'=1+1\"");
  EXPECT_EQ(csv_cell("@SUM(A1)"), "\"'@SUM(A1)\"");
  EXPECT_EQ(csv_cell("a \"b\", c"), "\"a \"\"b\"\", c\"");
}

TEST(HostileTest, PrometheusLinesFollowTheGrammar) {
  const std::regex sample(
      R"re([a-z_]+(\{[a-z_]+="([^"\\]|\\["\\n])*"(,[a-z_]+="([^"\\]|\\["\\n])*")*\})? (NaN|-?[0-9.e+-]+))re");
  const std::regex comment("# (HELP|TYPE) [a-z_]+ .+");
  std::set<std::string, std::less<>> series;
  const std::string text = poisoned("prometheus");
  ASSERT_TRUE(text.ends_with('\n'));
  for (const std::string_view view :
       split(std::string_view(text).substr(0, text.size() - 1), '\n')) {
    const std::string line(view);
    if (line.starts_with('#')) {
      EXPECT_TRUE(std::regex_match(line, comment)) << line;
      continue;
    }
    EXPECT_TRUE(std::regex_match(line, sample)) << line;
    EXPECT_TRUE(series.insert(line.substr(0, line.rfind(' '))).second) << "twice: " << line;
  }
}

TEST(HostileTest, PrometheusKeepsTheSeriesOfAMetricTogether) {
  std::set<std::string> done;
  std::string current;
  const std::string text = poisoned("prometheus");
  for (const std::string_view view : split(text, '\n')) {
    if (!view.starts_with("# HELP ")) {
      continue;
    }
    current = std::string(split(view, ' ')[2]);
    EXPECT_TRUE(done.insert(current).second) << current;
  }
}

TEST(HostileTest, HistogramLogIsReadBack) {
  const model::RunRecord record = hostile_record(poison_text());
  const auto log = stats::parse_hlog(render("hlog", record));
  ASSERT_TRUE(log.has_value()) << to_string(log.error());
  ASSERT_EQ(log->intervals.size(), 3U);
  std::uint64_t count = 0;
  for (const stats::LogInterval& interval : log->intervals) {
    count += interval.histogram.count();
  }
  EXPECT_EQ(count, 8000U);
}

// What GitHub would read: code spans, then tags, then the rest.
std::string without_code(const std::string& line) {
  std::string bare = std::regex_replace(line, std::regex("`[^`]*`"), "");
  return std::regex_replace(bare, std::regex("<code>[^<]*</code>"), "");
}

TEST(HostileTest, MarkdownTablesKeepTheirColumns) {
  std::size_t columns = 0;
  std::size_t rows = 0;
  const std::string text = poisoned("markdown");
  for (const std::string_view line : split(text, '\n')) {
    if (!line.starts_with("|")) {
      columns = 0;
      continue;
    }
    const auto pipes = static_cast<std::size_t>(std::count(line.begin(), line.end(), '|'));
    columns = columns == 0 ? pipes : columns;
    EXPECT_EQ(pipes, columns) << line;
    ++rows;
  }
  EXPECT_GT(rows, 15U);
}

TEST(HostileTest, MarkdownHoldsNoMarkupOfOthers) {
  std::string fence;
  const std::string text = poisoned("markdown");
  for (const std::string_view view : split(text, '\n')) {
    const std::string line(view);
    const std::size_t ticks = std::min(line.find_first_not_of('`'), line.size());
    if (ticks >= 3 && (fence.empty() || (ticks >= fence.size() && ticks == line.size()))) {
      fence = fence.empty() ? line.substr(0, ticks) : "";
      continue;
    }
    if (!fence.empty()) {
      continue;
    }
    std::string bare = without_code(line);
    bare = std::regex_replace(bare, std::regex("</?(details|summary)>"), "");
    EXPECT_EQ(bare.find_first_of("<@`"), std::string::npos) << line;
    EXPECT_EQ(bare.find("]("), std::string::npos) << line;
    EXPECT_EQ(bare.find("://"), std::string::npos) << line;
  }
  EXPECT_TRUE(fence.empty()) << "a block is left open";
}

TEST(HostileTest, MarkdownCodeSurvivesBackQuotesAndPipes) {
  EXPECT_EQ(markdown_code("plain"), "`plain`");
  EXPECT_EQ(markdown_code("a`b|c"), "<code>a&#96;b&#124;c</code>");
  EXPECT_EQ(markdown_code(""), "<code></code>");
  EXPECT_EQ(markdown_text("see @everyone"), "`see @everyone`");
  EXPECT_EQ(markdown_text("a < b & c"), "a &#60; b &#38; c");
}

TEST(HostileTest, MarkdownBlocksOutfenceTheirContent) {
  EXPECT_EQ(markdown_block("a\n````\nb", "sh"), "`````sh\na\n````\nb\n`````\n");
}

TEST(HostileTest, MarkdownFitsIntoAComment) {
  EXPECT_LT(render("markdown", hostile_record(std::string(100'000, '|'))).size(), 65'536U);
}

TEST(HostileTest, LongTextsAreCutEverywhere) {
  const model::RunRecord record = hostile_record(std::string(1'000'000, 'x'));
  for (const std::string_view format :
       {"terminal", "markdown", "prometheus", "hlog", "junit", "csv", "html"}) {
    EXPECT_LT(render(format, record).size(), 1'000'000U) << format;
  }
}

}  // namespace
}  // namespace squall::reports
