// report.html: well-formed whatever is in the record, closed to the outside, small, and without
// parts that have nothing to say. tests/reports/browser looks at it in a browser.

#include <limits>

#include <gmock/gmock.h>

#include "reports/formats/common/escape.hpp"
#include "reports/page/assets.hpp"
#include "tests/reports/formats/formats_test_support.hpp"
#include "tests/reports/formats/html_page.hpp"
#include "tests/support/hour_record.hpp"
#include "tests/support/sample_record.hpp"

namespace squall::reports {
namespace {

using ::testing::HasSubstr;
using testing::hostile_record;
using ::testing::Not;
using testing::poison_text;
using testing::sample_record;

std::string page_of(const model::RunRecord& record) {
  return render("html", record);
}

void expect_accepted_by_checker(const std::string& page) {
  expect_accepted(page, {"python3", SQUALL_SOURCE_DIR "/tests/reports/formats/check_html.py"});
}

TEST(HtmlTest, PagesAreBalancedAndHoldNothingForeign) {
  expect_accepted_by_checker(page_of(sample_record()));
  expect_accepted_by_checker(page_of(testing::clean_record()));
  expect_accepted_by_checker(page_of(model::RunRecord{}));
  expect_accepted_by_checker(page_of(hostile_record(poison_text())));
  expect_accepted_by_checker(
      page_of(hostile_record("</script><script>alert(1)</script><img src=x onerror=alert(1)>")));
}

TEST(HtmlTest, TheCheckerSeesWhatItIsFor) {
  const test::TestDirectory directory;
  for (const std::string_view bad :
       {"<script>alert(1)</script>", "<img src=\"https://x.test/\">", "<p onclick=\"x()\">",
        "<section>", "<p style=\"color:red\"></p>", "<a href=\"https://x.test\">x</a>"}) {
    std::string page = page_of(sample_record());
    page.insert(page.find("<main id=\"main\">"), bad);
    const test::ProcessResult checked =
        test::run_program({"python3", SQUALL_SOURCE_DIR "/tests/reports/formats/check_html.py",
                           directory.write("bad.html", page)});
    EXPECT_NE(checked.exit_code, 0) << bad;
  }
}

TEST(HtmlTest, AssetsCannotEndTheirElements) {
  for (const std::string_view asset : {chart_js(), page_js(), page_css()}) {
    EXPECT_GT(asset.size(), 1000U);
    EXPECT_EQ(asset.find("</script"), std::string_view::npos);
    EXPECT_EQ(asset.find("</style"), std::string_view::npos);
  }
}

TEST(HtmlTest, EscapesForTextAndAttributes) {
  EXPECT_EQ(html_text("<b a=\"x\" c='y'>&"), "&lt;b a=&quot;x&quot; c=&#39;y&#39;&gt;&amp;");
  EXPECT_EQ(html_text(std::string("a\0b\x1b[1m\xff", 8)), "a\\x00b\\x1b[1m\\xff");
  EXPECT_EQ(html_block("a < b\n  c"), "<pre>a &lt; b\n  c</pre>\n");
}

TEST(HtmlTest, AnHourStaysBelowOneMebibyte) {
  const std::string page = page_of(testing::hour_record());
  EXPECT_LT(page.size(), std::size_t{1} << 20U);
  EXPECT_THAT(page, HasSubstr("Each point is 6 seconds"));
  expect_accepted_by_checker(page);
}

TEST(HtmlTest, SecondsAtTheEndsOfTimeMakeNoMoreColumns) {
  model::RunRecord record = sample_record();
  record.seconds.front().second = std::numeric_limits<std::int64_t>::min();
  record.seconds.back().second = std::numeric_limits<std::int64_t>::max();
  const std::string page = page_of(record);
  EXPECT_LT(page.size(), std::size_t{1} << 20U);
  expect_accepted_by_checker(page);
}

TEST(HtmlTest, PartsWithoutDataAreLeftOut) {
  const std::string empty = without_assets(page_of(model::RunRecord{}));
  for (const char* part :
       {"id=\"judged\"", "id=\"findings\"", "id=\"capacity\"", "id=\"charts\"", "id=\"injected\"",
        "id=\"effects\"", "id=\"idempotency\"", "id=\"history\"", "id=\"happened\""}) {
    EXPECT_THAT(empty, Not(HasSubstr(part)));
  }
  EXPECT_THAT(empty, HasSubstr("id=\"verdict\""));
  EXPECT_THAT(empty, HasSubstr("id=\"run\""));
}

TEST(HtmlTest, AKilledRunSaysSoBeforeAnythingElse) {
  model::RunRecord record = sample_record();
  EXPECT_THAT(without_assets(page_of(record)), Not(HasSubstr("class=\"alert\"")));
  record.complete = false;
  const std::string page = without_assets(page_of(record));
  ASSERT_THAT(page, HasSubstr("This run was killed before its end"));
  EXPECT_LT(page.find("This run was killed before its end"), page.find("id=\"verdict\""));
}

TEST(HtmlTest, ShardsOfAMergedRunAreListed) {
  model::RunRecord record = sample_record();
  record.shards = {{{0, 2}, "host-a, 2 cores", 1, 32, 4000, true},
                   {{1, 2}, "host-b, 4 cores", 2, 32, 3990, false}};
  const std::string page = without_assets(page_of(record));
  EXPECT_THAT(page, HasSubstr("id=\"shards\""));
  EXPECT_THAT(page, HasSubstr("host-b, 4 cores"));
  EXPECT_THAT(page, HasSubstr("no: it was killed"));
}

TEST(HtmlTest, RefusedRunsShowWhyAlone) {
  model::RunRecord record = sample_record();
  record.events = {{Duration{}, "refused", "the target never answered"}};
  const std::string page = without_assets(page_of(record));
  EXPECT_THAT(page, HasSubstr("id=\"verdict\""));
  EXPECT_THAT(page, Not(HasSubstr("id=\"charts\"")));
}

}  // namespace
}  // namespace squall::reports
