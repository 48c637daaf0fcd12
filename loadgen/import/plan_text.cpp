#include "loadgen/import/plan_text.hpp"

#include <algorithm>

#include "loadgen/base/check.hpp"
#include "loadgen/base/utf8.hpp"

namespace squall::import {
namespace {

constexpr std::string_view kSecretOpen = "${env:";
// A brace that another one follows, as an expression of a quoted text: two braces begin a name.
constexpr std::string_view kBrace = "{{\"{\"}}";

void append_text(std::string_view outside_text, std::string& source) {
  for (std::size_t i = 0; i < outside_text.size(); ++i) {
    const std::string_view rest = outside_text.substr(i);
    if (rest.starts_with(kSecretOpen)) {
      source += "{{var.dollar}}";
    } else if (rest.starts_with("{{")) {
      source += kBrace;
    } else {
      source += rest.front();
    }
  }
}

}  // namespace

PlanText& PlanText::text(std::string_view outside_text) {
  if (outside_text.empty()) {
    return *this;
  }
  // Joined, because "$" and "{env:X}" one after the other are as dangerous as in one piece.
  if (!pieces_.empty() && pieces_.back().kind == Kind::kText) {
    pieces_.back().text += outside_text;
  } else {
    pieces_.push_back({Kind::kText, std::string(outside_text)});
  }
  return *this;
}

PlanText& PlanText::expression(std::string_view name) {
  pieces_.push_back({Kind::kExpression, std::string(name)});
  return *this;
}

PlanText& PlanText::secret(std::string_view name) {
  SQUALL_CHECK(is_variable_name(name));
  pieces_.push_back({Kind::kSecret, std::string(name)});
  return *this;
}

PlanText& PlanText::append(const PlanText& other) {
  for (const Piece& piece : other.pieces_) {
    if (piece.kind == Kind::kText) {
      text(piece.text);
    } else {
      pieces_.push_back(piece);
    }
  }
  return *this;
}

bool PlanText::is_plain() const {
  return std::all_of(pieces_.begin(), pieces_.end(),
                     [](const Piece& piece) { return piece.kind == Kind::kText; });
}

std::string_view PlanText::why_not() const {
  for (const Piece& piece : pieces_) {
    if (piece.kind != Kind::kText) {
      continue;
    }
    if (!is_utf8(piece.text)) {
      return "holds bytes that are not UTF-8";
    }
  }
  return {};
}

std::string PlanText::source() const {
  SQUALL_CHECK(why_not().empty());
  std::string source;
  for (const Piece& piece : pieces_) {
    switch (piece.kind) {
      case Kind::kExpression:
        source += "{{" + piece.text + "}}";
        break;
      case Kind::kSecret:
        source += std::string(kSecretOpen) + piece.text + "}";
        break;
      case Kind::kText:
        append_text(piece.text, source);
        break;
    }
  }
  return source;
}

bool PlanText::uses_dollar() const {
  return std::any_of(pieces_.begin(), pieces_.end(), [](const Piece& piece) {
    return piece.kind == Kind::kText && piece.text.find(kSecretOpen) != std::string::npos;
  });
}

bool is_variable_name(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !name.empty() && letter(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

}  // namespace squall::import
