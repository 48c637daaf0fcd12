// Bodies of requests as plans write them: text, exact bytes, JSON, forms, multipart.
#pragma once

#include <vector>

#include "loadgen/expr/key_spec.hpp"
#include "loadgen/expr/table_reader.hpp"
#include "loadgen/expr/template.hpp"
#include "loadgen/expr/value.hpp"
#include "loadgen/model/plan.hpp"

namespace squall::plan {

// The keys json, body, body_file, form and multipart, for the table descriptions that have them.
[[nodiscard]] std::vector<expr::KeySpec> body_keys();
// One part of `multipart`. Static.
[[nodiscard]] const expr::TableSpec& multipart_spec();

// Reads those keys through the reader of their table into the request's body, content type and
// `json`; problems go to the reader's diagnostics. A request has one body; it holds at most 64 MiB
// of files, and 4 GiB of content that is generated while it is sent.
void read_body(expr::TableReader& reader, const expr::TemplateNames& names,
               model::RequestSpec& request);

}  // namespace squall::plan
