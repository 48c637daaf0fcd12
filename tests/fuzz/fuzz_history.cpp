// Lines of history.ndjson: what reads is written and reads again to the same text, and an operation
// that reads can be shown.
#include <cstddef>
#include <cstdint>
#include <string>

#include "loadgen/base/check.hpp"
#include "loadgen/model/history_line.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace squall::model;
  const std::vector<std::string> steps = {"kv.put", "kv.get"};
  const auto operation = parse_history_line(std::string(data, data + size), steps);
  if (!operation) {
    SQUALL_CHECK(!operation.error().message.empty());
    return 0;
  }
  SQUALL_CHECK(!witness_line(*operation).empty());
  std::string line;
  append_line(line, *operation, steps.at(operation->step));
  const auto again = parse_history_line(line, steps);
  SQUALL_CHECK(again.has_value());
  std::string second;
  append_line(second, *again, steps.at(again->step));
  SQUALL_CHECK(line == second);
  return 0;
}
