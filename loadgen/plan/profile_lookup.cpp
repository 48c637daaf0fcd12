#include "loadgen/plan/profile_lookup.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/expr/plan_file.hpp"
#include "loadgen/model/profile_file.hpp"
#include "loadgen/plan/shipped_profiles.hpp"

namespace squall::plan {
namespace {

constexpr std::size_t kMaxBytes = 256UL * 1024;

bool is_file_name(std::string_view name) {
  return name.find('/') != std::string_view::npos || name.ends_with(".toml");
}

}  // namespace

std::optional<model::IdempotencyProfile> find_profile(const std::string& name,
                                                      const SourceRef& where, Build& build) {
  if (is_file_name(name)) {
    const auto text = expr::read_plan_file(build.scope.resolve_path(name), kMaxBytes);
    if (!text) {
      build.diagnostics.error(where, text.error().message);
      return std::nullopt;
    }
    return model::read_profile(*text, name, build.diagnostics);
  }
  std::vector<std::string_view> known{"auto"};
  for (const ShippedProfile& shipped : shipped_profiles()) {
    if (shipped.name == name) {
      return model::read_profile(shipped.text, std::string(shipped.file), build.diagnostics);
    }
    known.push_back(shipped.name);
  }
  const auto nearest = nearest_name(name, known);
  build.diagnostics.error(
      where, fmt::format("there is no profile named \"{}\"; {}", printable(name),
                         nearest ? fmt::format("did you mean \"{}\"?", *nearest)
                                 : "`squall list profiles` names all, and \"./my-api.toml\" is a "
                                   "file beside the plan"));
  return std::nullopt;
}

}  // namespace squall::plan
