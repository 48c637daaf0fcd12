// What pages with squall's charts are made of: report.html, and the dashboard of a run that goes
// on. All of it is compiled in, so a page needs neither files nor a network.
//
//   chart_js()  Chart.js, as Debian has it
//   page_js()   our own, on top of it: `squallPage.timeChart`, `.heatMap`, `.curveChart`,
//               `.capacityChart`, units, theme (reports/page/*.js; each file says what it offers)
//   page_css()  how they look, light and dark, on a phone and on paper
#pragma once

#include <string>
#include <string_view>

namespace squall::reports {

// Valid for ever; none of them holds "</script" or "</style".
[[nodiscard]] std::string_view chart_js();
[[nodiscard]] std::string_view page_js();
[[nodiscard]] std::string_view page_css();

// "'sha256-…'": how a Content-Security-Policy names a text that stands in a page between <script>
// or <style> and its end. Pure.
[[nodiscard]] std::string csp_hash(std::string_view inline_text);

}  // namespace squall::reports
