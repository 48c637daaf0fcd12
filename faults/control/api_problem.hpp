// Why the control API refuses a request.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "faults/proxy/proxy_settings.hpp"
#include "loadgen/base/result.hpp"

namespace squall::faults {

// The texts are those of Toxiproxy where it has one: clients compare them.
struct ApiProblem {
  int status = 500;
  std::string message;
};

template <class T>
using ApiResult = tl::expected<T, ApiProblem>;

inline tl::unexpected<ApiProblem> refuse_with(int status, std::string message) {
  return tl::unexpected<ApiProblem>(ApiProblem{status, std::move(message)});
}
// 400 "bad request body: <why>".
[[nodiscard]] tl::unexpected<ApiProblem> refuse_body(std::string_view why);
// As the wire says what the proxies say.
[[nodiscard]] ApiProblem problem_of(const ProxyError& error);

}  // namespace squall::faults
