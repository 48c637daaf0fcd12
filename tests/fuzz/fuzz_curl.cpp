// curl command lines: what can be imported loads as a plan.
#include "tests/fuzz/generated_plan.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  squall::fuzz::check_import(squall::import::Source::kCurl, text);
  return 0;
}
