// The targets of a plan that is imported: one for each origin.
#pragma once

#include <string>
#include <vector>

#include "loadgen/import/draft.hpp"
#include "loadgen/import/importer.hpp"
#include "loadgen/import/names.hpp"
#include "loadgen/import/outside_url.hpp"

namespace squall::import {

// One plan; one thread.
class Targets {
 public:
  // `options.url`, when given, stands in the place of the first origin.
  explicit Targets(const ImportOptions& options) : options_(options) {}

  // The target of that origin, made when it is new. Valid until the next call.
  [[nodiscard]] DraftTarget& of(const OutsideUrl& url);
  // As it stands in a step: empty for the first target.
  [[nodiscard]] std::string name_in_step(const OutsideUrl& url);

  // The target of a step. REQUIRES: name_in_step() gave that name.
  [[nodiscard]] DraftTarget& named(std::string_view name_in_step);

  [[nodiscard]] std::vector<DraftTarget> take() { return std::move(targets_); }

 private:
  const ImportOptions& options_;
  Names names_;
  std::vector<std::string> origins_;
  std::vector<DraftTarget> targets_;
};

}  // namespace squall::import
