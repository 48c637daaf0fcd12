#include "loadgen/expr/generated_bytes.hpp"

#include <algorithm>
#include <cstring>

#include "loadgen/base/hash.hpp"

namespace squall::expr {
namespace {

constexpr std::size_t kWord = sizeof(std::uint64_t);

// splitmix64, by its position.
std::uint64_t word_at(std::uint64_t stream, std::uint64_t index) {
  return mix64(stream + (index + 1) * 0x9e3779b97f4a7c15ULL);
}

}  // namespace

void write_generated(std::uint64_t stream, std::uint64_t from, std::span<char> out) {
  std::uint64_t index = from / kWord;
  const auto write_part = [&](std::size_t skip) {
    // The low byte comes first, on every host that squall is built for.
    const std::uint64_t rest = word_at(stream, index++) >> (8 * skip);
    const std::size_t taken = std::min(kWord - skip, out.size());
    std::memcpy(out.data(), &rest, taken);
    out = out.subspan(taken);
  };
  if (from % kWord != 0 && !out.empty()) {
    write_part(from % kWord);
  }
  for (; out.size() >= kWord; out = out.subspan(kWord)) {
    const std::uint64_t word = word_at(stream, index++);
    std::memcpy(out.data(), &word, kWord);
  }
  if (!out.empty()) {
    write_part(0);
  }
}

}  // namespace squall::expr
