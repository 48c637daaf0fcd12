#include "loadgen/import/targets.hpp"

#include <algorithm>

namespace squall::import {

DraftTarget& Targets::of(const OutsideUrl& url) {
  const std::string origin = url.origin();
  const auto known = std::find(origins_.begin(), origins_.end(), origin);
  if (known != origins_.end()) {
    return targets_[static_cast<std::size_t>(known - origins_.begin())];
  }
  const bool replaced = targets_.empty() && !options_.url.empty();
  DraftTarget target;
  target.name = names_.unique(url.host, "api");
  target.url = replaced ? options_.url : origin;
  if (replaced) {
    target.comments.push_back("Was " + origin + ".");
  }
  origins_.push_back(origin);
  targets_.push_back(std::move(target));
  return targets_.back();
}

std::string Targets::name_in_step(const OutsideUrl& url) {
  const std::string name = of(url).name;
  return name == targets_.front().name ? "" : name;
}

DraftTarget& Targets::named(std::string_view name_in_step) {
  const auto found = std::find_if(targets_.begin(), targets_.end(), [&](const DraftTarget& target) {
    return target.name == name_in_step;
  });
  return found == targets_.end() ? targets_.front() : *found;
}

}  // namespace squall::import
