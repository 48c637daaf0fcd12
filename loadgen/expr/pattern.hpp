// Regular expressions of plans, over what comes from outside.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "loadgen/base/result.hpp"

namespace re2 {
class RE2;
}

namespace squall::expr {

// RE2's syntax and its promise: time linear in the text, memory bounded. Immutable; any thread.
// Cheap to copy.
class Pattern {
 public:
  // On failure: kInvalidArgument with RE2's reason.
  [[nodiscard]] static Result<Pattern> compile(std::string_view text);

  // Anywhere in `text`.
  [[nodiscard]] bool matches(std::string_view text) const;
  // Of the first match: its first named group, without one group 1, without groups the whole match.
  // nullptr data when there is no match or the group took no part in it. A view into `text`.
  [[nodiscard]] std::string_view capture(std::string_view text) const;

 private:
  Pattern(std::shared_ptr<const re2::RE2> compiled, int group)
      : compiled_(std::move(compiled)), group_(group) {}

  std::shared_ptr<const re2::RE2> compiled_;
  int group_;
};

}  // namespace squall::expr
