// Values inside a JSON body, looked up one by one.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

namespace squall::expr {

// A value inside the body. Views into the answer's buffers, valid until the next value is looked
// up.
struct JsonValue {
  enum class Kind { kString, kNumber, kBoolean, kNull, kContainer };
  Kind kind = Kind::kNull;
  std::string_view text;  // string: unescaped; else: as written
};

// Owns a parser and its buffers and uses them again for each body. One thread. Bodies come from
// outside: whatever they hold, nothing throws.
class JsonAnswer {
 public:
  JsonAnswer();
  ~JsonAnswer();
  JsonAnswer(JsonAnswer&&) noexcept;
  JsonAnswer& operator=(JsonAnswer&&) noexcept;

  // Borrows `body` until the next begin(). Cheap: it is parsed when something first asks.
  void begin(std::string_view body);
  // Whether the whole body is JSON (RFC 8259, at most 1024 levels).
  [[nodiscard]] bool valid();
  // By JSON pointer (RFC 6901). Nothing when the body is not JSON or has no such value. When a
  // member stands twice in an object, the first counts.
  [[nodiscard]] std::optional<JsonValue> find(std::string_view pointer);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace squall::expr
