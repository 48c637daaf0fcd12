// squall under the names of Toxiproxy's programs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace squall::app {

// What a program called toxiproxy-server or toxiproxy-cli was asked, in squall's own words.
struct ToxiproxyCall {
  std::vector<std::string> words;  // "proxy", "serve", …
  std::string say = {};            // when not empty: to be printed, and nothing is to be done
};

// Nothing when `program` (argv[0]) is called otherwise. `words` are those after it. Flags are Go's:
// one or two dashes, values behind "=" or in the next word. "-h" of toxiproxy-cli is its host, and
// an update without toxicity sets it to 1, as that program does.
[[nodiscard]] std::optional<ToxiproxyCall> toxiproxy_call(std::string_view program,
                                                          const std::vector<std::string>& words);

}  // namespace squall::app
