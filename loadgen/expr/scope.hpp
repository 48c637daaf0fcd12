// What `{{var.rate}}`, `{{port.shop}}` and `${env:TOKEN}` mean while a plan is read.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "loadgen/base/result.hpp"
#include "loadgen/expr/value.hpp"

namespace squall::expr {

struct Braces;

// Values known before any traffic. Names that exist only while traffic runs ({{key}}, {{seq}},
// {{now}}) are left as they are: Template compiles them. One thread (the loader's).
class Scope {
 public:
  // `environment` returns the value of an environment variable, if it is set.
  using Environment = std::function<std::optional<std::string>(const std::string& name)>;
  explicit Scope(Environment environment) : environment_(std::move(environment)) {}

  // Names as they stand between the braces: "var.rate", "port.shop", "sink.mail", "run".
  void define(std::string name, std::string value);
  // The same for a value that has a type: in text it stands as TOML would write it, and a JSON
  // value that is exactly
  // {{name}} becomes this number or boolean. REQUIRES: a string, an integer, a number or a boolean.
  void define(std::string name, const Value& value);

  // A name that means nothing in this plan although others may use it: `why` is what substitute()
  // says where it stands.
  void refuse(std::string name, std::string why);

  // The folder that relative paths of a plan start from; the working directory unless set.
  void set_folder(std::string folder) { folder_ = std::move(folder); }
  // A path as a plan names it, for opening.
  [[nodiscard]] std::string resolve_path(std::string_view path) const;

  // Replaces every {{name}} that is defined here and every ${env:NAME}. Values of the environment
  // are remembered as secrets. Fails (with the column inside the text in `where`) with kNotFound
  // for {{var.x}}, {{port.x}}, {{proxy.x}}, {{sink.x}} that nobody defined (naming the nearest that
  // exists), a refused name, an unset environment variable, with kInvalidArgument for a format on a
  // name that is defined here, and with kMalformed for braces that are not closed. What was put in
  // is not searched again.
  [[nodiscard]] Result<std::string> substitute(std::string_view text) const;

  // The number or boolean that `text` stands for when it is exactly one {{name}} of such a value,
  // else nullptr. Valid until the name is defined anew.
  [[nodiscard]] const Value* typed(std::string_view text) const;

  // Every environment value that was substituted. Nothing that squall prints or writes may contain
  // one.
  [[nodiscard]] const std::set<std::string>& secrets() const { return secrets_; }
  // The same for what was made of such values, the Base64 of a password say. Nothing is done for an
  // empty text.
  void add_secret(std::string made) const;

  // What one {{name}} stands for; nothing for a name that is left as it is. Fails as substitute()
  // does.
  [[nodiscard]] Result<std::optional<std::string>> value_of(const Braces& braces) const;

 private:
  [[nodiscard]] Result<std::optional<std::string>> environment_value(std::string_view name) const;
  [[nodiscard]] Error unknown(std::string_view name) const;

  Environment environment_;
  std::string folder_;
  std::map<std::string, std::string, std::less<>> values_;
  std::map<std::string, Value, std::less<>> typed_;
  std::map<std::string, std::string, std::less<>> refused_;
  mutable std::set<std::string> secrets_;
};

}  // namespace squall::expr
