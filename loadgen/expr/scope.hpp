// What `{{var.rate}}`, `{{port.shop}}` and `${env:TOKEN}` mean while a plan is read.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/result.hpp"

namespace squall::expr {

// Values known before any traffic. Names that exist only while traffic runs ({{key}}, {{seq}}, {{now}}) are left as they
// are: Template compiles them. One thread (the loader's).
class Scope {
 public:
  // `environment` returns the value of an environment variable, if it is set.
  using Environment = std::function<std::optional<std::string>(const std::string& name)>;
  explicit Scope(Environment environment) : environment_(std::move(environment)) {}

  // Names as they stand between the braces: "var.rate", "port.shop", "sink.mail", "run".
  void define(std::string name, std::string value);

  // Replaces every {{name}} that is defined here and every ${env:NAME}. Values of the environment are remembered as secrets.
  // Fails with kNotFound for {{var.x}}, {{port.x}}, {{proxy.x}}, {{sink.x}} that nobody defined (naming the nearest that
  // exists), an unset environment variable, and with kMalformed for braces that are not closed.
  [[nodiscard]] Result<std::string> substitute(std::string_view text) const;

  // Every environment value that was substituted. Nothing that squall prints or writes may contain one.
  [[nodiscard]] const std::set<std::string>& secrets() const { return secrets_; }

 private:
  Environment environment_;
  std::map<std::string, std::string, std::less<>> values_;
  mutable std::set<std::string> secrets_;
};

}  // namespace squall::expr
