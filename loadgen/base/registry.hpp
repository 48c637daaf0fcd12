// The open sets of squall (faults, arrival processes, oracles, checks, detectors, formats), by
// name.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "loadgen/base/check.hpp"

namespace squall {

// Entry is a value with a member `name` convertible to string_view that outlives the registry (a
// literal). Filled once at start-up by the generated register_* calls, read-only afterwards; then
// any thread may read.
template <class Entry>
class Registry {
 public:
  // REQUIRES: no entry of that name yet.
  void add(Entry entry) {
    SQUALL_CHECK(find(entry.name) == nullptr);
    entries_.push_back(std::move(entry));
  }

  // The entry of that name, or nullptr. Valid as long as the registry is and nothing is added.
  [[nodiscard]] const Entry* find(std::string_view name) const {
    for (const Entry& entry : entries_) {
      if (entry.name == name) {
        return &entry;
      }
    }
    return nullptr;
  }

  // In order of registration: sorted by file name, the same on every build.
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }

  [[nodiscard]] std::vector<std::string_view> names() const {
    std::vector<std::string_view> result;
    for (const Entry& entry : entries_) {
      result.emplace_back(entry.name);
    }
    return result;
  }

 private:
  std::vector<Entry> entries_;
};

}  // namespace squall
