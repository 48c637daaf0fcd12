// Run records, journal lines and comparisons: what reads is written and reads again to the same
// text, in both styles.
#include <cstddef>
#include <cstdint>
#include <string>

#include "loadgen/base/check.hpp"
#include "loadgen/model/comparison.hpp"
#include "loadgen/model/run_record.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace squall::model;
  if (const auto comparison = comparison_from_json(std::string(data, data + size))) {
    const std::string text = to_json(*comparison);
    const auto again = comparison_from_json(text);
    SQUALL_CHECK(again.has_value() && to_json(*again) == text);
  }
  const auto record = record_from_json(std::string(data, data + size));
  if (!record) {
    SQUALL_CHECK(!record.error().message.empty());
    return 0;
  }
  const std::string full = to_json(*record);
  const auto from_full = record_from_json(full);
  SQUALL_CHECK(from_full.has_value() && to_json(*from_full) == full);
  const auto from_line = record_from_json(to_json_line(*record));
  SQUALL_CHECK(from_line.has_value() && to_json(*from_line) == full);
  return 0;
}
