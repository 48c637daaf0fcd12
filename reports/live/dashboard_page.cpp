#include "reports/live/dashboard_page.hpp"

#include <fmt/core.h>

#include "reports/page/assets.hpp"

namespace squall::reports {

std::string dashboard_page() {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>squall</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>{}</style>\n</head>\n"
      "<body>\n{}<script>{}</script>\n<script>{}</script>\n<script>{}</script>\n</body>\n</html>\n",
      page_css(), dashboard_body(), chart_js(), page_js(), dashboard_js());
}

std::string dashboard_policy() {
  return fmt::format(
      "default-src 'none'; script-src {} {} {}; style-src {}; img-src data:; connect-src 'self'; "
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      csp_hash(chart_js()), csp_hash(page_js()), csp_hash(dashboard_js()), csp_hash(page_css()));
}

}  // namespace squall::reports
