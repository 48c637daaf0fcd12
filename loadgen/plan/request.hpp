// Requests as plans write them: "POST /payments", headers, and a body (body.hpp).
#pragma once

#include <string_view>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/expr/key_spec.hpp"
#include "loadgen/expr/table_reader.hpp"
#include "loadgen/expr/template.hpp"
#include "loadgen/expr/value.hpp"
#include "loadgen/model/plan.hpp"

namespace squall::plan {

// The keys request and headers and those of bodies, for the table descriptions that have them.
[[nodiscard]] std::vector<expr::KeySpec> request_keys();

// Reads those keys of `table` through its `reader`; problems go to the reader's diagnostics.
[[nodiscard]] model::RequestSpec read_request(const expr::Value& table, expr::TableReader& reader,
                                              const expr::TemplateNames& names);

// Reads a table of headers. Refuses names that are not tokens, values with line breaks, a name
// given twice (whatever its case), and Content-Length and Transfer-Encoding, which follow from the
// body.
[[nodiscard]] std::vector<model::Header> read_headers(const expr::Value& table,
                                                      std::string_view key,
                                                      expr::TableReader& reader,
                                                      const expr::TemplateNames& names);

// Whether path, headers or body use the token.
[[nodiscard]] bool uses(const model::RequestSpec& request, expr::Token token);
// Whether clock skew changes path, headers or body.
[[nodiscard]] bool reads_clock(const model::RequestSpec& request);

// Method and URL of a probe: "GET http://127.0.0.1:8080/readyz".
struct Probe {
  std::string method;
  model::Endpoint endpoint;  // without the path
};
[[nodiscard]] Result<Probe> parse_probe(std::string_view text);

// Scheme, host and port of a URL that may also have a path and a query, for http and https alike.
[[nodiscard]] Result<model::Endpoint> endpoint_of_url(std::string_view url);

}  // namespace squall::plan
