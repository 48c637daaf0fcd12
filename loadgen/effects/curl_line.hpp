// The request of an operation as commands that a person can run.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loadgen/base/time.hpp"
#include "loadgen/model/plan.hpp"

namespace squall::effects {

// Secret values of a plan and the environment variables that hold them: {"s3cr3t", "TOKEN"},
// longest value first. Found by the ${env:NAME} that the plan's effective text still has. Secrets
// that no variable holds any more have an empty name.
using SecretNames = std::vector<std::pair<std::string, std::string>>;
using EnvironmentLookup = std::function<std::optional<std::string>(const std::string& name)>;
// Of the process.
[[nodiscard]] std::optional<std::string> process_environment(const std::string& name);
[[nodiscard]] SecretNames secret_names(const model::Plan& plan,
                                       const EnvironmentLookup& environment);

// Quotes for a POSIX shell, with each secret replaced by "$NAME" (outside the single quotes) or by
// *** when it has no name.
[[nodiscard]] std::string quote_hiding_secrets(std::string_view text, const SecretNames& secrets);

// Which request.
struct CurlRequest {
  std::uint64_t arrival = 0;  // global arrival index of the step's scenario
  std::uint32_t visit = 0;    // of the step in its iteration
  std::string caller = {};    // by name; empty: none
  WallTime now{};             // what {{now}} stands for
  unsigned sent = 1;  // how often it was sent under its key: more than once gives a loop that sends
                      // them together
};

// One `curl` command with the method, address (first replica), headers and body of that operation;
// values extracted from earlier answers stand as <name>. Ends without a line break.
[[nodiscard]] std::string curl_lines(const model::Plan& plan, const model::Step& step,
                                     const CurlRequest& request, const SecretNames& secrets);

}  // namespace squall::effects
