// The head of an HTTP/1 message, to look at and to change.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace squall::faults {

// Lines that nobody changes stay as they came, byte for byte. A value.
class HttpHead {
 public:
  struct Field {
    std::string name;
    std::string value;
    std::string line;  // as it stands on the wire, without its end
  };

  HttpHead() = default;
  // REQUIRES: a whole head that net::HttpScanner has found.
  explicit HttpHead(std::string_view wire);
  // Of an answer that is written here.
  static HttpHead answer(int status);

  [[nodiscard]] std::string_view start_line() const { return start_; }
  // Of requests.
  [[nodiscard]] std::string_view method() const;
  [[nodiscard]] std::string_view target() const;
  // The target's path without query; of an absolute target what stands behind the authority.
  [[nodiscard]] std::string_view path() const;
  // Of answers.
  [[nodiscard]] int status() const;
  [[nodiscard]] bool is_http_1_0() const;

  [[nodiscard]] const std::vector<Field>& fields() const { return fields_; }
  // The first of that name.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  // Whether the comma-separated values of that name have this word, in any case.
  [[nodiscard]] bool has_word(std::string_view name, std::string_view word) const;
  // One field of that name, where the first one was or at the end.
  void set(std::string_view name, std::string_view value);
  // Of the field at this place. REQUIRES: index < fields().size().
  void set_value(std::size_t index, std::string_view value);
  // Whether there was one.
  bool remove(std::string_view name);

  // The head on the wire.
  [[nodiscard]] std::string wire() const;

 private:
  std::string start_;
  std::vector<Field> fields_;
};

// The usual phrase ("Service Unavailable"); "Status" for what has none.
[[nodiscard]] std::string_view reason_of(int status);

}  // namespace squall::faults
