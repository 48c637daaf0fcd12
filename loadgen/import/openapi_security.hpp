// The credentials that an API asks for.
#pragma once

#include <string>
#include <vector>

#include "loadgen/import/document.hpp"
#include "loadgen/import/draft.hpp"
#include "loadgen/import/openapi_references.hpp"
#include "loadgen/import/secrets.hpp"

namespace squall::import {

struct OperationSecurity {
  std::vector<DraftHeader> headers = {};
  std::vector<std::pair<std::string, PlanText>> query = {};  // name, value
  std::vector<std::string> notes = {};                       // schemes that a plan cannot follow
};

// The first of the alternatives that the operation, or else the whole description, names; each
// credential a variable of the environment.
[[nodiscard]] OperationSecurity read_security(const Node& document, const Node& operation,
                                              References& references, Secrets& secrets);

}  // namespace squall::import
