#include "loadgen/expr/template_filter.hpp"

#include <algorithm>

#include "loadgen/base/crypto.hpp"
#include "loadgen/base/encoding.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/expr/json_text.hpp"

namespace squall::expr {
namespace {

void to_base64(std::string& text, std::size_t from) {
  rewrite_tail(text, from, 2, [](std::string_view bytes, std::string& out) {
    append_base64(bytes, Base64::kStandard, out);
  });
}

void to_base64url(std::string& text, std::size_t from) {
  rewrite_tail(text, from, 2, [](std::string_view bytes, std::string& out) {
    append_base64(bytes, Base64::kUrl, out);
  });
}

void to_hex(std::string& text, std::size_t from) {
  rewrite_tail(text, from, 2, append_hex);
}

void to_url(std::string& text, std::size_t from) {
  rewrite_tail(text, from, 3, append_percent_encoded);
}

void to_sha256(std::string& text, std::size_t from) {
  const Digest digest = digest_of(DigestKind::kSha256, std::string_view(text).substr(from));
  text.resize(from);
  text.append(digest.bytes());
}

void lower_tail(std::string& text, std::size_t from) {
  std::transform(text.begin() + static_cast<std::ptrdiff_t>(from), text.end(),
                 text.begin() + static_cast<std::ptrdiff_t>(from),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
}

void upper_tail(std::string& text, std::size_t from) {
  std::transform(text.begin() + static_cast<std::ptrdiff_t>(from), text.end(),
                 text.begin() + static_cast<std::ptrdiff_t>(from),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
}

void trim_tail(std::string& text, std::size_t from) {
  rewrite_tail(text, from, 1,
               [](std::string_view all, std::string& out) { out.append(trim(all)); });
}

void to_json(std::string& text, std::size_t from) {
  rewrite_tail(text, from, 6, [](std::string_view all, std::string& out) {
    out += '"';
    append_json_text(all, out);
    out += '"';
  });
}

}  // namespace

const std::vector<TemplateFilter>& template_filters() {
  static const std::vector<TemplateFilter> filters{
      {.name = "base64",
       .summary = "Base64 with padding.",
       .example = "{{\"user:${env:PASSWORD}\" | base64}}",
       .takes_bytes = true,
       .apply = to_base64},
      {.name = "base64url",
       .summary = "Base64 for URLs and tokens, without padding.",
       .example = "{{body | base64url}}",
       .takes_bytes = true,
       .apply = to_base64url},
      {.name = "hex",
       .summary = "Two lower case digits a byte.",
       .example = "{{body | sha256 | hex}}",
       .takes_bytes = true,
       .apply = to_hex},
      {.name = "urlencode",
       .summary = "Everything but letters, digits and `-._~` as `%XX`.",
       .example = "{{now | iso | urlencode}}",
       .apply = to_url},
      {.name = "sha256",
       .summary = "SHA-256; in hex, unless a filter that works on its bytes follows: `base64`, "
                  "`base64url`, `hex`, `sha256`.",
       .example = "{{body | sha256}}",
       .takes_bytes = true,
       .gives = TextType::kBytes,
       .apply = to_sha256},
      {.name = "lower",
       .summary = "ASCII letters in lower case.",
       .example = "{{uuid | lower}}",
       .apply = lower_tail},
      {.name = "upper",
       .summary = "ASCII letters in upper case.",
       .example = "{{uuid | upper}}",
       .apply = upper_tail},
      {.name = "trim",
       .summary = "Without blanks and line ends around it.",
       .example = "{{file \"token.txt\" | trim}}",
       .apply = trim_tail},
      {.name = "json",
       .summary = "As a JSON string with its quotes, for bodies that are text.",
       .example = "{{key | json}}",
       .apply = to_json},
  };
  return filters;
}

const TemplateFilter* find_template_filter(std::string_view name) {
  const auto& all = template_filters();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const TemplateFilter& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace squall::expr
