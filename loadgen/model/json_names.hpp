// Enumerations and places of a record as both archives of json_archive.hpp describe them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "loadgen/model/json_archive.hpp"

namespace squall::model {

inline constexpr std::size_t kExposureCount = 2;

// An enumeration by the names that to_string() gives its values, which are 0 to count - 1. A reader
// refuses other names.
template <class Archive, class Enum>
void describe_name(Archive& archive, std::string_view key, Enum& value, std::size_t count) {
  if constexpr (Archive::kReads) {
    std::string name;
    archive.always(key, name);
    for (std::size_t i = 0; i < count; ++i) {
      if (to_string(static_cast<Enum>(i)) == name) {
        value = static_cast<Enum>(i);
        return;
      }
    }
    archive.refuse(key, "is none of the names that this field can have");
  } else {
    archive.always(key, std::string(to_string(value)));
  }
}

// An array of counts by an enumeration, as an object by its names.
template <class Enum, class Archive, class Counts>
void describe_counts(Archive& archive, std::string_view key, Counts& counts) {
  archive.object(key, [&](auto& inner) {
    for (std::size_t i = 0; i < counts.size(); ++i) {
      inner.sparse(to_string(static_cast<Enum>(i)), counts.at(i));
    }
  });
}

// A step by its name, under "step".
template <class Archive>
void describe_step(Archive& archive, Ref<Archive, std::uint16_t> step) {
  archive.reference("step", JsonTable::kSteps, step);
}

}  // namespace squall::model
