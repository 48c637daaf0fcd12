// A case as a shell script that a person can run: plain curl, and whatever counts effects by hand.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "loadgen/base/result.hpp"
#include "loadgen/effects/curl_line.hpp"
#include "loadgen/model/idempotency_report.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/verify/case.hpp"

namespace squall::verify {

inline constexpr unsigned kReproducerTries = 20;

// Borrows everything.
struct ScriptInputs {
  const model::Plan& plan;                // has [idempotency]; its oracles are started
  const model::PropertyResult& property;  // what the script is to show
  std::uint64_t effects_each = 1;         // of one operation
  std::set<std::string> volatile_fields;  // of answers, as of the normaliser
  effects::EnvironmentLookup environment;
};

// For a POSIX shell: `sh FILE [TRIES [SECONDS]]`, by default kReproducerTries and as long as it
// takes. Each try has fresh keys and tokens, sends the case's requests in their order (those of one
// play at once), and counts effects by the plan's first oracle where a shell can ask it, else the
// resources that successes name; or compares the answers of a case that has a sign. Prints a line
// for each try and "hit x of N"; exits 1 when it hit, 0 when it did not, 2 when it could not tell.
// Secrets are $NAME variables of the environment; where targets are stands in variables, too. Fails
// with kInvalidArgument and the reason when curl cannot express the case: a cut, bytes that no
// shell word holds, a secret that no variable has.
[[nodiscard]] Result<std::string> curl_script(const Case& one, const ScriptInputs& inputs);

}  // namespace squall::verify
