// The script of report.html: reads the page's data and draws it with the charts of reports/page.
#pragma once

#include <string_view>

namespace squall::reports {

// Valid for ever; does not hold "</script".
[[nodiscard]] std::string_view report_js();

}  // namespace squall::reports
