// Lines of ledger.ndjson, as shards leave them.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <variant>
#include <vector>

#include "loadgen/run/ledger_line.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<squall::model::RecordedStep> steps = {
      {.name = "buy.charge", .request = "POST /", .target = "shop", .is_effect = true}};
  const std::string text(data, data + size);
  const auto placed = squall::run::parse_placed_line(text, steps);
  if (!placed) {
    if (placed.error().message.empty()) {
      std::abort();
    }
    return 0;
  }
  // What was read is written so that it is read as the same.
  std::string line;
  std::visit(
      [&](const auto& entry) {
        squall::run::append_line(line, placed->place.second, entry, steps);
      },
      placed->entry);
  line.pop_back();
  const auto again = squall::run::parse_placed_line(line, steps);
  if (!again || again->place != placed->place || again->entry.index() != placed->entry.index()) {
    std::abort();
  }
  return 0;
}
