// Answers of the control API in their few forms.
#pragma once

#include <string>

#include "faults/control/api_problem.hpp"
#include "loadgen/net/http_server.hpp"

namespace squall::faults {

// JSON as it is.
[[nodiscard]] net::ServerReply json_reply(int status, std::string json);
// {"error": …, "status": …} and a line feed, which goes as plain text over the wire: Go's
// http.Error sets that type after Toxiproxy has set its own.
[[nodiscard]] net::ServerReply problem_reply(const ApiProblem& problem);
// A line of plain text.
[[nodiscard]] net::ServerReply text_reply(int status, std::string line);
// 204.
[[nodiscard]] net::ServerReply empty_reply();

}  // namespace squall::faults
