#include "loadgen/base/text.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "loadgen/base/utf8.hpp"

namespace squall {
namespace {

// Optimal string alignment: Levenshtein plus swaps of neighbours, which is how people mistype.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    d[i][0] = i;
  }
  for (std::size_t j = 0; j <= b.size(); ++j) {
    d[0][j] = j;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// C1 controls (U+0080 to U+009F) act as escape sequences on some terminals. Line separators and the
// controls of writing direction (U+200E, U+200F, U+2028 to U+202E, U+2066 to U+2069) show text in
// another order than it has ("Trojan Source", CVE-2021-42574). U+FFFE and U+FFFF may not stand in
// XML.
bool is_unsafe(std::string_view sequence) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(sequence[i]); };
  if (sequence.size() == 2) {
    return byte(0) == 0xc2 && byte(1) < 0xa0;
  }
  if (sequence.size() != 3) {
    return false;
  }
  const unsigned last = byte(2);
  const bool general = byte(0) == 0xe2 && byte(1) == 0x80 &&
                       (last == 0x8e || last == 0x8f || (last >= 0xa8 && last <= 0xae));
  const bool isolate = byte(0) == 0xe2 && byte(1) == 0x81 && last >= 0xa6 && last <= 0xa9;
  const bool not_a_character = byte(0) == 0xef && byte(1) == 0xbf && last >= 0xbe;
  return general || isolate || not_a_character;
}

}  // namespace

std::optional<std::string_view> nearest_name(std::string_view word,
                                             const std::vector<std::string_view>& candidates) {
  // Names are short; the distance of two texts of a hostile file would cost the product of their
  // lengths.
  constexpr std::size_t kLongestName = 128;
  std::optional<std::string_view> best;
  std::size_t best_distance = 0;
  for (const std::string_view candidate : candidates) {
    const std::size_t longer = std::max(word.size(), candidate.size());
    if (longer > kLongestName) {
      continue;
    }
    const std::size_t limit = std::max<std::size_t>(1, longer / 3);
    if (longer - std::min(word.size(), candidate.size()) > limit) {
      continue;
    }
    const std::size_t distance = edit_distance(word, candidate);
    if (distance <= limit && distance < longer && (!best || distance < best_distance)) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string join_or(const std::vector<std::string_view>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    text += i == 0 ? "" : i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

std::string shell_quote(std::string_view word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@%+,";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string_view::npos) {
    return std::string(word);
  }
  std::string quoted = "'";
  for (const char c : word) {
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return quoted + "'";
}

std::string printable(std::string_view outside_text, std::size_t max_bytes) {
  std::string result;
  std::size_t at = 0;
  while (at < outside_text.size()) {
    const std::size_t length = utf8_length(outside_text.substr(at));
    const std::string_view piece = outside_text.substr(at, std::max<std::size_t>(length, 1));
    const auto lead = static_cast<unsigned char>(piece[0]);
    const bool escape = length == 0 || lead < 0x20 || lead == 0x7f || is_unsafe(piece);
    const std::size_t shown = escape ? piece.size() * 4 : piece.size();
    if (shown > max_bytes - result.size()) {
      return result + "…";
    }
    if (escape) {
      for (const char c : piece) {
        fmt::format_to(std::back_inserter(result), "\\x{:02x}", static_cast<unsigned char>(c));
      }
    } else {
      result += piece;
    }
    at += piece.size();
  }
  return result;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  for (std::size_t end = text.find(separator); end != std::string_view::npos;
       end = text.find(separator, begin)) {
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  parts.push_back(text.substr(begin));
  return parts;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) {
    return {};
  }
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

std::string to_lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), lower);
  return result;
}

}  // namespace squall
