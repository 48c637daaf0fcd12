// Executable files, as the test of whether a program's clock can be set reads them.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "faults/process/clock_reach.hpp"
#include "loadgen/base/check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto facts = squall::faults::read_elf(bytes);
  SQUALL_CHECK(!facts || facts->loader.size() < size);
  return 0;
}
