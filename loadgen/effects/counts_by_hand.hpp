// An optional power of an oracle: how a person counts what it counts.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace squall::effects {

// Lines of a POSIX shell that print the number of effects of one token, and nothing when they
// cannot be counted.
struct ShellCount {
  std::string lines;                  // each ends with a line break
  std::vector<std::string> programs;  // that they need: "curl", "jq"
};

// An Oracle may be one of these too. The run's thread, between readings.
class CountsByHand {
 public:
  virtual ~CountsByHand() = default;
  // `token` stands for the token wherever it is put in; `quote` turns a text into a shell word in
  // which token and secrets are variables. Nothing when a shell cannot do it.
  using Quote = std::function<std::string(std::string_view text)>;
  [[nodiscard]] virtual std::optional<ShellCount> count_by_hand(std::string_view token,
                                                                const Quote& quote) const = 0;
};

}  // namespace squall::effects
