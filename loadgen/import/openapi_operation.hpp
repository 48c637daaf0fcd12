// One operation of an API description as a step.
#pragma once

#include <string>

#include "loadgen/import/document.hpp"
#include "loadgen/import/draft.hpp"
#include "loadgen/import/openapi_references.hpp"
#include "loadgen/import/openapi_sample.hpp"
#include "loadgen/import/secrets.hpp"

namespace squall::import {

// Where an operation stands.
struct OperationPlace {
  std::string method;  // "GET"
  std::string path;    // "/users/{id}"
  const Node& path_item;
  const Node& operation;
};

// What all operations of a description share. Borrows everything.
struct OperationContext {
  const Node& document;
  References& references;
  Sampler& sampler;
  Secrets& secrets;
};

// Everything but the step's name.
[[nodiscard]] DraftStep operation_step(const OperationPlace& place,
                                       const OperationContext& context);

// What the documented answers say about success: the statuses from 200 to 299, else from 300 to
// 399; empty when none is documented.
[[nodiscard]] std::vector<std::string> documented_success(const Node& operation);

}  // namespace squall::import
