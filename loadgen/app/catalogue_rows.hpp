// The catalogue of production failures: those that a plan rehearses, and those that none does yet.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/plan/catalogue_page.hpp"

namespace squall::app {

// A value. The plans are compiled in, so that they are there wherever the binary is.
struct CatalogueRow {
  std::string id;
  std::string part;
  std::string incident;
  std::optional<plan::CataloguePage> page;  // absent: no plan yet
  std::string_view plan_text = {};          // valid for ever
};

// By part, and in each part those with a plan first.
[[nodiscard]] std::vector<CatalogueRow> catalogue_rows();

// "Capacity and latency".
[[nodiscard]] std::string_view title_of_part(std::string_view part);

// The generated part of plans/catalogue/README.md: a table of all rows, then a page for each that
// has a plan.
[[nodiscard]] std::string catalogue_reference();

}  // namespace squall::app
