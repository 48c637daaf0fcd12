#include "faults/control/api_reply.hpp"

#include <utility>

#include "faults/control/view_json.hpp"

namespace squall::faults {

net::ServerReply json_reply(int status, std::string json) {
  return {
      .status = status, .headers = {{"Content-Type", "application/json"}}, .body = std::move(json)};
}

net::ServerReply problem_reply(const ApiProblem& problem) {
  return text_reply(problem.status, problem_json(problem));
}

net::ServerReply text_reply(int status, std::string line) {
  return {.status = status,
          .headers = {{"Content-Type", "text/plain; charset=utf-8"},
                      {"X-Content-Type-Options", "nosniff"}},
          .body = std::move(line += '\n')};
}

net::ServerReply empty_reply() {
  return {.status = 204, .headers = {}, .body = {}};
}

}  // namespace squall::faults
