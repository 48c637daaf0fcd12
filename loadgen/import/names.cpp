#include "loadgen/import/names.hpp"

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/expr/condition.hpp"

namespace squall::import {
namespace {

constexpr std::size_t kMaxName = 48;  // a plan takes 64, and a number may follow
constexpr std::size_t kMaxPlanName = 80;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string plain_words(std::string_view text) {
  std::string words;
  char before = 0;
  for (const char c : text) {
    // "listBooks" is two words.
    const bool new_word = c >= 'A' && c <= 'Z' && before >= 'a' && before <= 'z';
    if (new_word && words.size() + 1 < kMaxName) {
      words += '-';
    }
    before = c;
    if (words.size() == kMaxName) {
      break;
    }
    if (is_letter(c) || (is_digit(c) && !words.empty())) {
      words += c;
    } else if (!words.empty() && words.back() != '-') {
      words += '-';
    }
  }
  while (words.ends_with('-')) {
    words.pop_back();
  }
  return to_lower(words);
}

}  // namespace

std::string Names::unique(std::string_view outside_text, std::string_view otherwise) {
  std::string base = plain_words(outside_text);
  if (base.empty()) {
    base = otherwise;
  }
  std::string name = base;
  for (unsigned number = 2; expr::is_condition_word(name) || taken_.contains(name); ++number) {
    name = fmt::format("{}-{}", base, number);
  }
  taken_.insert(name);
  return name;
}

std::string words_of_request(std::string_view method, std::string_view path) {
  const std::string_view without_query = path.substr(0, path.find_first_of("?#"));
  // The end of a long path says more than its middle.
  constexpr std::size_t kShown = 36;
  const std::size_t slash =
      without_query.size() > kShown ? without_query.find('/', without_query.size() - kShown) : 0;
  return fmt::format("{} {}", method,
                     without_query.substr(slash == std::string_view::npos ? 0 : slash));
}

std::string plan_name(std::string_view outside_text, std::string_view otherwise) {
  const std::string_view line = trim(outside_text.substr(0, outside_text.find_first_of("\r\n")));
  const std::string name(trim(printable(line, kMaxPlanName)));
  return name.empty() || name != line ? std::string(otherwise) : name;
}

}  // namespace squall::import
