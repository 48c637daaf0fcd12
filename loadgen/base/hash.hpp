// Fast, seedable, well-mixed hashes for decisions, keys and digests. Not for secrets.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace squall {

// The finaliser of splitmix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number
// generators", 2014; constants by David Stafford, mix 13): a bijection of 64 bits in which each
// input bit reaches each output bit.
constexpr std::uint64_t mix64(std::uint64_t x) {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9ULL;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

// Order matters: combine(a, b) differs from combine(b, a).
constexpr std::uint64_t hash_combine(std::uint64_t a, std::uint64_t b) {
  return mix64(a + 0x9e3779b97f4a7c15ULL + mix64(b + 0x632be59bd9b4e019ULL));
}

// Eight bytes a step; the length takes part, so a prefix never collides with its padding.
// The same on every little-endian host.
inline std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed = 0) {
  std::uint64_t state = mix64(seed + 0x9e3779b97f4a7c15ULL) ^ mix64(bytes.size());
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, 8);
    state = hash_combine(state, word);
  }
  std::uint64_t tail = 0;
  if (at < bytes.size()) {  // memcpy takes no null pointer, even for nothing
    std::memcpy(&tail, bytes.data() + at, bytes.size() - at);
  }
  return hash_combine(state, tail);
}

// 128 bits as two words; enough that keys of one run never collide.
struct Hash128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  auto operator<=>(const Hash128&) const = default;
};

}  // namespace squall
