// Comparing what must stay secret.
#pragma once

#include <cstddef>
#include <string_view>

namespace squall::shop {

// In the same time for any two texts of one length.
[[nodiscard]] inline bool equal_secretly(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) {
    return false;
  }
  unsigned different = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    different |=
        static_cast<unsigned>(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]));
  }
  return different == 0;
}

}  // namespace squall::shop
