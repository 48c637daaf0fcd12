// Values as JSON text, byte for byte as Toxiproxy writes them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "loadgen/expr/value.hpp"

namespace squall::faults {

// A string with its quotes. <, > and & are escaped, too, and what is no UTF-8 becomes U+FFFD.
void append_json_string(std::string_view text, std::string& out);
// The shortest text that reads back as the same number of that precision, without a fraction when
// it has none: 0.2, 1, 1e+21. REQUIRES: finite.
void append_json_number(float number, std::string& out);
void append_json_number(double number, std::string& out);
void append_json(const expr::Value& value, std::string& out);

// An object that is written member by member.
class JsonObject {
 public:
  explicit JsonObject(std::string& out) : out_(out) { out_ += '{'; }
  JsonObject(const JsonObject&) = delete;
  JsonObject& operator=(const JsonObject&) = delete;
  void end() { out_ += '}'; }

  // Writes the name; the value is to be appended to what this returns.
  std::string& member(std::string_view name);
  void text(std::string_view name, std::string_view value) {
    append_json_string(value, member(name));
  }
  void number(std::string_view name, std::uint64_t value) { member(name) += std::to_string(value); }
  void boolean(std::string_view name, bool value) { member(name) += value ? "true" : "false"; }

 private:
  std::string& out_;
  bool first_ = true;
};

// `[…]` of what `append(item, out)` writes for each.
template <class Items, class Append>
void append_json_list(const Items& items, std::string& out, Append append) {
  out += '[';
  bool first = true;
  for (const auto& item : items) {
    if (!first) {
      out += ',';
    }
    first = false;
    append(item, out);
  }
  out += ']';
}

}  // namespace squall::faults
