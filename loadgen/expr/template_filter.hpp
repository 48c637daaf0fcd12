// What can stand behind a bar in a template: {{key | sha256}}.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/expr/template.hpp"

namespace squall::expr {

struct TemplateFilter {
  std::string_view name;
  std::string_view summary;  // one line of Markdown
  std::string_view example;  // with the braces, for the reference
  bool takes_bytes = false;  // works on the bytes of a digest, not on the hex that shows them
  TextType gives = TextType::kText;
  // Changes text[from, end) in place. Any thread.
  void (*apply)(std::string& text, std::size_t from) = nullptr;
};

// Every filter, in the order of the reference.
[[nodiscard]] const std::vector<TemplateFilter>& template_filters();
// nullptr when there is none of that name.
[[nodiscard]] const TemplateFilter* find_template_filter(std::string_view name);

// Replaces text[from, end) by what `write(view of it, text)` appends. The view stays valid while at
// most `growth` times its size and 16 bytes are appended.
template <class Write>
void rewrite_tail(std::string& text, std::size_t from, std::size_t growth, Write write) {
  const std::size_t size = text.size() - from;
  text.reserve(text.size() + size * growth + 16);
  write(std::string_view(text).substr(from, size), text);
  text.erase(from, size);
}

}  // namespace squall::expr
