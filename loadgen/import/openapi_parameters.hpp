// Parameters of an operation, as a request carries them.
#pragma once

#include <string>
#include <vector>

#include "loadgen/import/document.hpp"
#include "loadgen/import/draft.hpp"
#include "loadgen/import/openapi_references.hpp"
#include "loadgen/import/openapi_sample.hpp"

namespace squall::import {

struct FormField {
  std::string name;
  std::string value;
  bool file = false;
};

struct OperationParameters {
  std::string path;                        // filled in, without query; percent-encoded
  std::vector<std::string> query = {};     // "name=value", percent-encoded
  std::vector<DraftHeader> headers = {};   // Cookie included
  std::vector<std::string> left_out = {};  // names of optional ones
  std::vector<FormField> form = {};        // Swagger 2.0
  const Node* body = nullptr;              // Swagger 2.0: the parameter that is the body
};

// Required parameters, and optional ones with an example; the operation's own win over those of its
// path. An Idempotency-Key becomes {{key}}, required or not. `path_template` is "/users/{id}".
[[nodiscard]] OperationParameters read_parameters(const std::string& path_template,
                                                  const Node& path_item, const Node& operation,
                                                  References& references, Sampler& sampler);

// The members of a form; which of them are files is for the caller to say.
[[nodiscard]] std::vector<FormField> form_fields(const Node& object);

}  // namespace squall::import
