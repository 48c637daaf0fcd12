#include "loadgen/base/encoding.hpp"

#include <array>
#include <cstdint>

namespace squall {
namespace {

constexpr std::string_view kLowerDigits = "0123456789abcdef";
constexpr std::string_view kUpperDigits = "0123456789ABCDEF";

constexpr std::string_view kStandardAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrlAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::uint32_t byte_at(std::string_view bytes, std::size_t at) {
  return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U;
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

// The five bits of a base32 character.
std::optional<std::uint32_t> base32_value(char c) {
  if (c >= 'A' && c <= 'Z') {
    return static_cast<std::uint32_t>(c - 'A');
  }
  if (c >= 'a' && c <= 'z') {
    return static_cast<std::uint32_t>(c - 'a');
  }
  if (c >= '2' && c <= '7') {
    return static_cast<std::uint32_t>(c - '2' + 26);
  }
  return std::nullopt;
}

}  // namespace

void append_hex(std::string_view bytes, std::string& out) {
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += kLowerDigits[byte >> 4];
    out += kLowerDigits[byte & 15];
  }
}

void append_base64(std::string_view bytes, Base64 alphabet, std::string& out) {
  const bool padded = alphabet == Base64::kStandard;
  const std::string_view digits = padded ? kStandardAlphabet : kUrlAlphabet;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::uint32_t group =
        byte_at(bytes, at) << 16 | byte_at(bytes, at + 1) << 8 | byte_at(bytes, at + 2);
    const std::size_t left = bytes.size() - at;
    out += digits[group >> 18];
    out += digits[group >> 12 & 63];
    if (left > 1) {
      out += digits[group >> 6 & 63];
    }
    if (left > 2) {
      out += digits[group & 63];
    }
    if (padded && left < 3) {
      out.append(3 - left, '=');
    }
  }
}

std::optional<std::string> from_base32(std::string_view text) {
  while (text.ends_with('=')) {
    text.remove_suffix(1);
  }
  std::string bytes;
  std::uint32_t held = 0;
  unsigned held_bits = 0;
  for (const char c : text) {
    if (c == ' ' || c == '-') {
      continue;
    }
    const auto value = base32_value(c);
    if (!value) {
      return std::nullopt;
    }
    held = (held << 5 | *value) & 0xfff;
    held_bits += 5;
    if (held_bits >= 8) {
      held_bits -= 8;
      bytes += static_cast<char>(held >> held_bits & 0xff);
    }
  }
  return bytes;
}

void append_percent_encoded(std::string_view bytes, std::string& out) {
  for (const char c : bytes) {
    if (is_unreserved(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kUpperDigits[byte >> 4];
    out += kUpperDigits[byte & 15];
  }
}

}  // namespace squall
