#include "loadgen/expr/pattern.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>
#include <re2/re2.h>

#include "loadgen/base/text.hpp"

namespace squall::expr {
namespace {

constexpr std::size_t kMaxPattern = 1024;
constexpr int kMaxGroups = 15;
// Of one compiled pattern and its caches, bytes.
constexpr std::int64_t kMaxMemory = std::int64_t{1} << 20;

}  // namespace

Result<Pattern> Pattern::compile(std::string_view text) {
  if (text.empty() || text.size() > kMaxPattern) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("a regular expression has 1 to {} characters", kMaxPattern));
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxMemory);
  options.set_dot_nl(false);
  auto compiled =
      std::make_shared<const re2::RE2>(re2::StringPiece(text.data(), text.size()), options);
  if (!compiled->ok()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("\"{}\" is not a regular expression: {}", printable(text, 60),
                            printable(compiled->error(), 100)));
  }
  if (compiled->NumberOfCapturingGroups() > kMaxGroups) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("a regular expression has at most {} groups", kMaxGroups));
  }
  int group = std::min(compiled->NumberOfCapturingGroups(), 1);
  const auto& named = compiled->NamedCapturingGroups();
  const auto first = std::min_element(
      named.begin(), named.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  if (first != named.end()) {
    group = first->second;
  }
  return Pattern(std::move(compiled), group);
}

bool Pattern::matches(std::string_view text) const {
  const re2::StringPiece piece(text.data(), text.size());
  return compiled_->Match(piece, 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
}

std::string_view Pattern::capture(std::string_view text) const {
  const re2::StringPiece piece(text.data(), text.size());
  std::array<re2::StringPiece, kMaxGroups + 1> groups;
  if (!compiled_->Match(piece, 0, text.size(), re2::RE2::UNANCHORED, groups.data(), group_ + 1)) {
    return {};
  }
  const re2::StringPiece& group = groups.at(static_cast<std::size_t>(group_));
  return {group.data(), group.size()};
}

}  // namespace squall::expr
