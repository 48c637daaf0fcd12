// Expectations whose text is made anew for each operation: json /user == "{{users.email}}".
#pragma once

#include <optional>

#include "loadgen/base/result.hpp"
#include "loadgen/expr/expectation.hpp"
#include "loadgen/expr/template.hpp"

namespace squall::expr {

// What an expectation compares with or looks for. Rendered for the operation, it stands for the
// condition's own text. A value.
struct ExpectedText {
  Template text;
  bool number = false;  // written without quotes: what comes of it is compared as a number
};

// Nothing for an expectation without {{names}}. Values are those of the operation's request; the
// clock is that of the moment of judging. Fails as Template::parse() does, with the column inside
// expectation.source, and with kInvalidArgument for what is drawn by chance (the request would hold
// another draw) and for names where nothing is filled in: in pointers and regular expressions.
[[nodiscard]] Result<std::optional<ExpectedText>> expected_text(const Expectation& expectation,
                                                                const TemplateNames& names);

}  // namespace squall::expr
