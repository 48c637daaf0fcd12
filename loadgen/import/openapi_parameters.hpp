// Parameters of an operation, as a request carries them.
#pragma once

#include <string>
#include <vector>

#include "loadgen/import/document.hpp"
#include "loadgen/import/draft.hpp"
#include "loadgen/import/openapi_references.hpp"
#include "loadgen/import/openapi_sample.hpp"

namespace squall::import {

struct OperationParameters {
  std::string path;                        // filled in, without query; percent-encoded
  std::vector<std::string> query = {};     // "name=value", percent-encoded
  std::vector<DraftHeader> headers = {};   // Cookie included
  std::vector<std::string> left_out = {};  // names of optional ones
  std::vector<std::string> form = {};      // Swagger 2.0: "name=value"
  const Node* body = nullptr;              // Swagger 2.0: the parameter that is the body
};

// Required parameters, and optional ones with an example; the operation's own win over those of its
// path. An Idempotency-Key becomes {{key}}, required or not. `path_template` is "/users/{id}".
[[nodiscard]] OperationParameters read_parameters(const std::string& path_template,
                                                  const Node& path_item, const Node& operation,
                                                  References& references, Sampler& sampler);

// "name=value" of each member of a form, percent-encoded.
[[nodiscard]] std::vector<std::string> form_pairs(const Node& object);

}  // namespace squall::import
