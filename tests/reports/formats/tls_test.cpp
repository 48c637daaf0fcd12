// What reports say of TLS.
#include <gmock/gmock.h>

#include "tests/reports/formats/formats_test_support.hpp"
#include "tests/support/sample_record.hpp"

namespace squall::reports {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(TlsReport, NamesVersionCipherAndTheResumedShare) {
  model::RunRecord record = testing::clean_record();
  record.tls = {{"shop",
                 false,
                 {200,
                  50,
                  {{"TLSv1.3", "TLS_AES_256_GCM_SHA384", 198},
                   {"TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256", 2}}}},
                {"staging", true, {}}};
  for (const char* format : {"terminal", "markdown"}) {
    std::string text = render(format, record, {.color = false, .width = 400});
    std::erase(text, '\\');
    EXPECT_THAT(text, HasSubstr("TLS with shop: 200 handshakes, 25% resumed; TLSv1.3 "
                                "TLS_AES_256_GCM_SHA384 (198), TLSv1.2 "
                                "ECDHE-RSA-AES128-GCM-SHA256 (2)"))
        << format;
    EXPECT_THAT(text, HasSubstr("TLS with staging: no handshake was counted")) << format;
  }
}

TEST(TlsReport, IsSilentWithoutTls) {
  EXPECT_THAT(render("terminal", testing::clean_record()), Not(HasSubstr("TLS with")));
  EXPECT_THAT(render("json", testing::clean_record()), Not(HasSubstr("\"tls\"")));
}

}  // namespace
}  // namespace squall::reports
