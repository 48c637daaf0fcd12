#include "loadgen/net/http_plain_answer.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace squall::net {
namespace {

constexpr std::array<bool, 256> make_token_table() {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                       "ABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}
constexpr std::array<bool, 256> kToken = make_token_table();

constexpr bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

// The first control character from `at` on; bytes.size() when there is none. Eight bytes at a time:
// header values are most of an answer's header.
std::size_t find_control(std::string_view bytes, std::size_t at) {
  if constexpr (std::endian::native == std::endian::little) {
    constexpr std::uint64_t kOnes = 0x0101010101010101U;
    constexpr std::uint64_t kHighs = kOnes * 0x80;
    for (; at + 8 <= bytes.size(); at += 8) {
      std::uint64_t eight = 0;
      std::memcpy(&eight, bytes.data() + at, sizeof eight);
      const std::uint64_t deletes = eight ^ (kOnes * 0x7f);
      // A borrow can mark a byte wrongly only behind one that is marked rightly, and the first one
      // counts.
      const std::uint64_t marked =
          (((eight - kOnes * 0x20) & ~eight) | ((deletes - kOnes) & ~deletes)) & kHighs;
      if (marked != 0) {
        return at + static_cast<std::size_t>(std::countr_zero(marked)) / 8;
      }
    }
  }
  while (at < bytes.size() && !is_control(bytes[at])) {
    ++at;
  }
  return at;
}

// REQUIRES: `lower` is made of small letters and dashes, `text` has no control characters.
bool is_same_ignoring_case(std::string_view text, std::string_view lower) {
  constexpr int kCaseBit = 0x20;  // set in a dash, too
  bool same = text.size() == lower.size();
  for (std::size_t i = 0; same && i < lower.size(); ++i) {
    same = (text[i] | kCaseBit) == lower[i];
  }
  return same;
}

std::string_view trim_spaces(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  return first == std::string_view::npos
             ? std::string_view()
             : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::optional<std::size_t> parse_length(std::string_view digits) {
  constexpr std::size_t kMostDigits = 18;  // fits 64 bits
  if (digits.empty() || digits.size() > kMostDigits) {
    return std::nullopt;
  }
  std::size_t length = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') {
      return std::nullopt;
    }
    length = length * 10 + static_cast<std::size_t>(c - '0');
  }
  return length;
}

// Walks over the lines of one header.
class HeaderScan {
 public:
  explicit HeaderScan(std::string_view bytes) : bytes_(bytes) {}

  std::optional<PlainAnswer> run() {
    if (!status_line()) {
      return std::nullopt;
    }
    while (!at_blank_line()) {
      if (!field()) {
        return std::nullopt;
      }
    }
    answer_.header_bytes = at_ + kLineEnd.size();
    if (!length_.has_value() || *length_ > bytes_.size() - answer_.header_bytes) {
      return std::nullopt;
    }
    answer_.body_bytes = *length_;
    return answer_;
  }

 private:
  static constexpr std::string_view kLineEnd = "\r\n";

  [[nodiscard]] bool at_blank_line() const { return bytes_.substr(at_, 2) == kLineEnd; }

  // Up to the end of the line and over it; false when it does not end here in CRLF.
  bool rest_of_line(std::string_view& text) {
    const std::size_t end = find_control(bytes_, at_);
    if (bytes_.substr(end, 2) != kLineEnd) {
      return false;
    }
    text = bytes_.substr(at_, end - at_);
    at_ = end + kLineEnd.size();
    return true;
  }

  bool status_line() {
    constexpr std::string_view kVersion = "HTTP/1.1 ";
    constexpr std::size_t kWithStatus = kVersion.size() + 4;  // "HTTP/1.1 200 "
    if (bytes_.size() < kWithStatus || bytes_.substr(0, kVersion.size()) != kVersion ||
        bytes_[kWithStatus - 1] != ' ') {
      return false;
    }
    const auto status = parse_length(bytes_.substr(kVersion.size(), 3));
    if (!status.has_value() || *status < 200 || *status > 599 || *status == 204 || *status == 304) {
      return false;
    }
    answer_.status = static_cast<int>(*status);
    at_ = kWithStatus;
    std::string_view reason;
    return rest_of_line(reason);
  }

  bool field() {
    const std::size_t start = at_;
    while (at_ < bytes_.size() && kToken[static_cast<unsigned char>(bytes_[at_])]) {
      ++at_;
    }
    const std::string_view name = bytes_.substr(start, at_ - start);
    if (name.empty() || at_ == bytes_.size() || bytes_[at_] != ':') {
      return false;
    }
    ++at_;
    std::string_view value;
    if (!rest_of_line(value)) {
      return false;
    }
    if (at_ < bytes_.size() && (bytes_[at_] == ' ' || bytes_[at_] == '\t')) {
      return false;  // folded
    }
    return understands(name, trim_spaces(value));
  }

  bool understands(std::string_view name, std::string_view value) {
    switch (name.size()) {
      case std::string_view("upgrade").size():
        return !is_same_ignoring_case(name, "upgrade");
      case std::string_view("connection").size():
        return !is_same_ignoring_case(name, "connection") || connection(value);
      case std::string_view("content-length").size():
        return !is_same_ignoring_case(name, "content-length") || content_length(value);
      case std::string_view("proxy-connection").size():
        return !is_same_ignoring_case(name, "proxy-connection");
      case std::string_view("transfer-encoding").size():
        return !is_same_ignoring_case(name, "transfer-encoding");
      default:
        return true;
    }
  }

  bool connection(std::string_view value) {
    if (is_same_ignoring_case(value, "close")) {
      answer_.keep_alive = false;
      return true;
    }
    return is_same_ignoring_case(value, "keep-alive");
  }

  bool content_length(std::string_view value) {
    if (length_.has_value()) {
      return false;
    }
    length_ = parse_length(value);
    return length_.has_value();
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
  std::optional<std::size_t> length_;
  PlainAnswer answer_;
};

}  // namespace

std::optional<PlainAnswer> recognise_plain_answer(std::string_view bytes) {
  return HeaderScan(bytes).run();
}

}  // namespace squall::net
