#include "tests/shop/trace.hpp"

#include <algorithm>
#include <atomic>
#include <random>

#include "loadgen/base/rng.hpp"

namespace squall::shop {
namespace {

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_id(std::string_view text) {
  return is_hex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

Rng& thread_rng() {
  static const std::uint64_t kSeed =
      (std::uint64_t{std::random_device{}()} << 32) | std::random_device{}();
  static std::atomic<std::uint64_t> threads{0};
  thread_local Rng rng(StreamId(kSeed, "shop", "trace", threads.fetch_add(1)));
  return rng;
}

}  // namespace

std::string Trace::traceparent() const {
  return "00-" + trace_id + "-" + span_id + "-" + flags;
}

Trace continue_trace(const std::optional<std::string>& traceparent) {
  Trace trace;
  trace.span_id = random_hex(16);
  // 00-<32 hex>-<16 hex>-<2 hex>
  const std::string_view text = traceparent ? std::string_view(*traceparent) : std::string_view();
  if (text.size() == 55 && text[2] == '-' && text[35] == '-' && text[52] == '-' &&
      text.substr(0, 2) == "00" && is_id(text.substr(3, 32)) && is_id(text.substr(36, 16)) &&
      is_hex(text.substr(53, 2))) {
    trace.trace_id = text.substr(3, 32);
    trace.parent_id = text.substr(36, 16);
    trace.flags = text.substr(53, 2);
  } else {
    trace.trace_id = random_hex(32);
  }
  return trace;
}

std::string random_hex(std::size_t digits) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(digits);
  while (text.size() < digits) {
    std::uint64_t bits = thread_rng().next_bits();
    for (int i = 0; i < 16 && text.size() < digits; ++i, bits >>= 4) {
      text += kDigits[bits & 15];
    }
  }
  return text;
}

double random_share() {
  return thread_rng().next_unit();
}

}  // namespace squall::shop
