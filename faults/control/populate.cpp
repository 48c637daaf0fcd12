#include "faults/control/populate.hpp"

#include <fstream>
#include <iterator>

#include <fmt/core.h>

#include "faults/control/request_body.hpp"
#include "loadgen/base/text.hpp"

namespace squall::faults {
namespace {

std::optional<ApiProblem> missing_field(const std::vector<ProxyBody>& bodies) {
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    const bool named = !bodies[i].name.empty();
    if (!named || bodies[i].changes.upstream.value_or("").empty()) {
      return ApiProblem{400, fmt::format("missing required field: {} at proxy {}",
                                         named ? "upstream" : "name", i + 1)};
    }
  }
  return std::nullopt;
}

}  // namespace

Populated populate(ProxyServer& proxies, std::string_view json) {
  const auto bodies = decode_proxies(json);
  if (!bodies) {
    return {{}, bodies.error()};
  }
  Populated result{{}, missing_field(*bodies)};
  if (result.problem.has_value()) {
    return result;
  }
  for (const ProxyBody& body : *bodies) {
    auto made = proxies.put(settings_of(body), body.toxics);
    if (!made) {
      result.problem = problem_of(made.error());
      return result;
    }
    result.proxies.push_back(std::move(*made));
  }
  return result;
}

Populated populate_from_file(ProxyServer& proxies, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) {
    return {{}, ApiProblem{500, fmt::format("cannot read {}", printable(path))}};
  }
  return populate(proxies, text);
}

}  // namespace squall::faults
