// A request as somebody recorded or wrote it, and what a plan makes of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loadgen/import/draft.hpp"
#include "loadgen/import/outside_url.hpp"
#include "loadgen/import/secrets.hpp"

namespace squall::import {

struct RecordedRequest {
  std::string method = "GET";
  std::string target = "/";                                       // path and query, mended
  std::string authority = {};                                     // "host:port" of the URL
  std::vector<std::pair<std::string, std::string>> headers = {};  // in order, as recorded
  std::optional<std::string> body = {};
  Variables variables = Variables::kNone;
  // These values become {{name}} where one of them is all that stands there: a segment of the path,
  // a value of the query, of a form or of a JSON body, a header's value or what follows a blank in
  // it ("Bearer …").
  KnownValues known = {};
};

// Fills in method, path, headers and body of `step`. What a plan cannot or should not carry is left
// out and named in the step's comments: headers that squall writes itself, control bytes, text that
// the language of plans has no way to say. Credentials go to `secrets`; an Idempotency-Key becomes
// {{key}}, because a recorded one would make each operation a replay of the first.
void fill_step(const RecordedRequest& request, Secrets& secrets, DraftStep& step);

// Text from outside, its variables (if it has any) as secrets.
[[nodiscard]] PlanText outside_text(std::string_view text, Variables variables, Secrets& secrets);

// Header values that all steps of `steps` share move into `shared`: shorter plans, one place to
// change them.
void factor_out_headers(std::vector<DraftStep*> steps, std::vector<DraftHeader>& shared);

}  // namespace squall::import
