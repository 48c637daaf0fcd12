#include "loadgen/base/rng.hpp"

#include <bit>
#include <cmath>

namespace squall {

Rng::Rng(StreamId stream) {
  std::uint64_t x = stream.value();
  for (std::uint64_t& word : state_) {
    x += 0x9e3779b97f4a7c15ULL;
    word = mix64(x);
  }
}

std::uint64_t Rng::next_bits() {
  const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

double Rng::next_unit() {
  return static_cast<double>(next_bits() >> 11) * 0x1.0p-53;
}

std::uint64_t Rng::next_below(std::uint64_t bound) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(next_bits()) * bound;
  return static_cast<std::uint64_t>(product >> 64);
}

double Rng::next_exponential() {
  return -std::log1p(-next_unit());
}

double Rng::next_normal() {
  // Accepts with probability pi/4, so the bound is never reached in practice: it keeps the loop
  // provably finite.
  for (int tries = 0; tries < 256; ++tries) {
    const double u = 2.0 * next_unit() - 1.0;
    const double v = 2.0 * next_unit() - 1.0;
    const double s = u * u + v * v;
    if (s > 0.0 && s < 1.0) {
      return u * std::sqrt(-2.0 * std::log(s) / s);
    }
  }
  return 0.0;
}

}  // namespace squall
