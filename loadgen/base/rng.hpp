// Seeded chance. Every random decision of a run comes from a stream named by (seed, scenario, role,
// index), so adding a fault or a scenario does not shift what another one draws.
#pragma once

#include <cstdint>
#include <string_view>

#include "loadgen/base/hash.hpp"

namespace squall {

// Names a stream of chance. A value; the same arguments give the same stream on every host and with
// any number of threads.
class StreamId {
 public:
  StreamId(std::uint64_t seed, std::string_view scenario, std::string_view role,
           std::uint64_t index = 0)
      : id_(hash_combine(hash_combine(hash_bytes(scenario, mix64(seed)), hash_bytes(role)),
                         index)) {}

  // A stateless draw: 64 uniform bits for a point of the stream, without drawing the points before
  // it.
  [[nodiscard]] std::uint64_t bits_at(std::uint64_t index, std::uint64_t sub_index = 0) const {
    return hash_combine(hash_combine(id_, index), sub_index);
  }
  // The same as a number in [0, 1).
  [[nodiscard]] double unit_at(std::uint64_t index, std::uint64_t sub_index = 0) const {
    return static_cast<double>(bits_at(index, sub_index) >> 11) * 0x1.0p-53;
  }
  [[nodiscard]] std::uint64_t value() const { return id_; }

 private:
  std::uint64_t id_;
};

// A sequence of draws from a stream: xoshiro256++ 1.0 (Blackman, Vigna: "Scrambled linear
// pseudorandom number generators", 2021), seeded through splitmix64 as its authors advise. One
// thread at a time.
class Rng {
 public:
  explicit Rng(StreamId stream);

  [[nodiscard]] std::uint64_t next_bits();
  // Uniform in [0, 1).
  [[nodiscard]] double next_unit();
  // Uniform in [0, bound). REQUIRES: bound > 0. Lemire's multiplication; the bias is below bound /
  // 2^64.
  [[nodiscard]] std::uint64_t next_below(std::uint64_t bound);
  // Exponential with mean 1.
  [[nodiscard]] double next_exponential();
  // Normal with mean 0 and standard deviation 1 (Marsaglia's polar method).
  [[nodiscard]] double next_normal();

 private:
  std::uint64_t state_[4];
};

}  // namespace squall
