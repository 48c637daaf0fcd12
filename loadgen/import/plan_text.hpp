// A string of a plan, made of text from outside and of squall's own expressions.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace squall::import {

// $NAME of a shell's command line stands in texts of it as these bytes around the name: no argument
// of a program can hold a NUL, so they cannot be mistaken.
inline constexpr char kVariableMark = '\0';
// Whether a text may hold such variables, or a NUL in it is just a NUL.
enum class Variables { kNone, kShell };

// Values that an earlier step extracts: value to name.
using KnownValues = std::map<std::string, std::string, std::less<>>;

// Text from outside stays text in it, whatever it holds: a recording with "${env:AWS_SECRET}" in a
// header must not make the plan send that variable. A value; append-only.
class PlanText {
 public:
  PlanText() = default;
  // Text from outside.
  explicit PlanText(std::string_view outside_text) { text(outside_text); }

  PlanText& text(std::string_view outside_text);
  // {{name}}, filled in by squall.
  PlanText& expression(std::string_view name);
  // ${env:NAME}: a secret. REQUIRES: is_variable_name(name).
  PlanText& secret(std::string_view name);
  PlanText& append(const PlanText& other);

  [[nodiscard]] bool empty() const { return pieces_.empty(); }
  // Whether it holds nothing but text from outside.
  [[nodiscard]] bool is_plain() const;
  // Why no plan can hold it, for people: "holds bytes that are not UTF-8"; empty when one can.
  [[nodiscard]] std::string_view why_not() const;
  // As it stands between the quotes of a TOML string, before TOML's own escapes. REQUIRES:
  // why_not() is empty. {{var.dollar}} stands in it where uses_dollar(); then the plan has to
  // define that name.
  [[nodiscard]] std::string source() const;
  [[nodiscard]] bool uses_dollar() const;

 private:
  enum class Kind { kText, kExpression, kSecret };
  struct Piece {
    Kind kind;
    std::string text;
  };
  std::vector<Piece> pieces_;
};

// Letters, digits and "_", no digit first: what ${env:NAME} takes.
[[nodiscard]] bool is_variable_name(std::string_view name);

}  // namespace squall::import
