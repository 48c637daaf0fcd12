// What the http oracle counts, as commands of curl and jq.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loadgen/effects/counts_by_hand.hpp"
#include "loadgen/effects/effect_page.hpp"

namespace squall::effects {

// A request that was rendered for one token, and where its answer has the effects.
struct HttpCount {
  std::string method;
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  PageLayout layout;                 // of a list …
  std::optional<std::string> count;  // … unless this is the pointer to the number
  std::string next_parameter;
};

// Pages are followed while they name the next one by a value. Nothing when the URL has the
// parameter for it already.
[[nodiscard]] std::optional<ShellCount> http_count(const HttpCount& what, std::string_view token,
                                                   const CountsByHand::Quote& quote);

// "/a/0" as a path of jq: `.["a"] | (if type == "array" then .[0] else .["0"] end)`; "" is `.`.
[[nodiscard]] std::string jq_path(std::string_view pointer);

}  // namespace squall::effects
