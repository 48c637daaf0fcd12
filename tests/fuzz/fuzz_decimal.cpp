// Balances that a target answers: digits are read as they are written, and differences are exact.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "loadgen/effects/decimal.hpp"
#include "loadgen/effects/json_number.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace squall::effects;
  const std::string text(data, data + size);
  for (const char* pointer : {"", "/balance", "/0", "/a~1b/1"}) {
    const auto found = decimal_at(text, pointer);
    if (!found) {
      continue;
    }
    const auto still = changes_between(*found, *found, "0.01");
    if (!still || *still != 0) {
      std::abort();
    }
    // What a number is to itself, it is once: of a change from zero.
    if (is_change(*found)) {
      const auto once = changes_between("0", *found, *found);
      if (!once || *once != 1) {
        std::abort();
      }
    }
  }
  return 0;
}
