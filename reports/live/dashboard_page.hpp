// The page of a run that goes on, whole: it loads nothing but /events.
#pragma once

#include <string>
#include <string_view>

namespace squall::reports {

[[nodiscard]] std::string dashboard_page();
// The Content-Security-Policy that it is served with: its own scripts by their digests, connections
// to where it came from, nothing else.
[[nodiscard]] std::string dashboard_policy();

// Its own parts; valid for ever.
[[nodiscard]] std::string_view dashboard_js();
[[nodiscard]] std::string_view dashboard_body();

}  // namespace squall::reports
