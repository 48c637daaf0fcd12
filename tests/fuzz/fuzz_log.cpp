// Access logs: what can be imported loads as a plan, together with the files that it reads.
#include "tests/fuzz/generated_plan.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  squall::fuzz::check_import(squall::import::Source::kLog, text);
  return 0;
}
