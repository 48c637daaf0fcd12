// The spread of a second's responses, for both archives of json_archive.hpp: cells and their counts
// in turn, as one list of numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "loadgen/model/json_archive.hpp"
#include "loadgen/model/json_names.hpp"
#include "loadgen/model/response_cells.hpp"

namespace squall::model {

template <class Archive>
void describe(Archive& archive, Ref<Archive, ResponseCells> cells) {
  describe_step(archive, cells.step);
  describe_name(archive, "exposure", cells.exposure, kExposureCount);
  std::vector<std::uint64_t> numbers;
  if constexpr (Archive::kReads) {
    archive.numbers("counts", numbers);
    bool good = numbers.size() % 2 == 0;
    for (std::size_t i = 0; good && i < numbers.size(); i += 2) {
      good = numbers[i] <= never_cell() &&
             (cells.counts.empty() || cells.counts.back().first < numbers[i]);
      if (good) {
        cells.counts.emplace_back(static_cast<std::uint16_t>(numbers[i]), numbers[i + 1]);
      }
    }
    if (!good) {
      archive.refuse("counts", "expected rising cells, each followed by its count");
    }
  } else {
    for (const auto& [cell, operations] : cells.counts) {
      numbers.push_back(cell);
      numbers.push_back(operations);
    }
    archive.numbers("counts", numbers);
  }
}

}  // namespace squall::model
