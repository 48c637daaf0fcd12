// Names that a plan accepts, made of text from outside.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace squall::import {

// Gives each caller another name. A value; one thread at a time.
class Names {
 public:
  // Lower case words of `outside_text` joined by '-', of at most 48 bytes, beginning with a letter;
  // `otherwise` when nothing is left. Words of the language of checks get a '-' and a number, like
  // names that are taken.
  [[nodiscard]] std::string unique(std::string_view outside_text, std::string_view otherwise);

 private:
  std::set<std::string> taken_;
};

// "GET /users/{id}/orders" as "get-users-id-orders": what a step is called.
[[nodiscard]] std::string words_of_request(std::string_view method, std::string_view path);

// "my shop (v2)" as a plan's name: one line, at most 80 bytes, printable; `otherwise` when that is
// nothing.
[[nodiscard]] std::string plan_name(std::string_view outside_text, std::string_view otherwise);

}  // namespace squall::import
