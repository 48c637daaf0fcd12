// From the attributes that somebody wrote to a toxic.
#pragma once

#include "faults/proxy/toxic.hpp"
#include "faults/proxy/toxic_entry.hpp"
#include "loadgen/base/diagnostics.hpp"
#include "loadgen/base/result.hpp"
#include "loadgen/expr/value.hpp"

namespace squall::faults {

// `given` over `before` in the order of the description: keys of `given` may have any case (of two
// the last counts), absent ones get their defaults (those without a default stay absent), and
// integers that were written as 1000.0 become integers. Unknown ones are left out, for clients of
// Toxiproxy may send what its toxics do not know; what acts on HTTP has no such clients and keeps
// them, to be refused: one that does not read "rout" would act on all routes. REQUIRES: both are
// tables.
[[nodiscard]] expr::Value complete_attributes(const ToxicKind& kind, const expr::Value& before,
                                              const expr::Value& given);

// kInvalidArgument with all problems. REQUIRES: complete. Of what acts on HTTP exchanges the
// factory is empty.
[[nodiscard]] Result<ToxicFactory> compile_toxic(const ToxicKind& kind,
                                                 const expr::Value& attributes);
// The same. REQUIRES: kind.acts_on_http().
[[nodiscard]] Result<HttpEntry> compile_http_toxic(const ToxicKind& kind,
                                                   const expr::Value& attributes);

// Reports what is wrong with them, each where its value stands. REQUIRES: complete.
void check_attributes(const ToxicKind& kind, const expr::Value& attributes,
                      Diagnostics& diagnostics);

}  // namespace squall::faults
