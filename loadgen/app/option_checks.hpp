// Checks of quantities on the command line, by the parsers that read them later: a wrong one is a
// usage error that names its option.
#pragma once

#include <string>

namespace squall::app {

// Why the text is not one, in a sentence; empty when it is (the form that CLI11's checks have).
[[nodiscard]] std::string no_duration(const std::string& text);
[[nodiscard]] std::string no_rate(const std::string& text);
[[nodiscard]] std::string no_share(const std::string& text);
[[nodiscard]] std::string no_count(const std::string& text);    // a whole number from 1
[[nodiscard]] std::string no_latency(const std::string& text);  // TIME or TIME:SHARE
[[nodiscard]] std::string no_condition(const std::string& text);

}  // namespace squall::app
