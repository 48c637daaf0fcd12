// Tests the properties that a plan gives the means for, one after the other.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "loadgen/base/result.hpp"
#include "loadgen/model/idempotency_report.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/run/stop_signal.hpp"
#include "loadgen/verify/property.hpp"
#include "loadgen/verify/reproduction.hpp"
#include "loadgen/verify/world.hpp"

namespace squall::verify {

struct VerificationOptions {
  std::set<unsigned> only = {};  // numbers; empty: all
  unsigned rounds = 0;           // of race properties; 0: as the plan says
  unsigned times = 0;            // of every property, whatever its kind; 0: by `rounds`
  ReproductionOptions reproduction = {};
};

// Borrows everything.
struct VerificationDeps {
  const model::Plan& plan;  // has [idempotency]; its oracles are started
  const PropertyRegistry& properties;
  World& world;
  const run::StopSignal& stop;
  std::function<void(std::string_view text)> progress;
  // Told as soon as a property has its verdict; one that effects which come later overthrow is told
  // again. `so_far`: the report with all that have theirs, this one included.
  std::function<void(const model::PropertyResult& result, const model::IdempotencyReport& so_far)>
      result;
};

struct Verified {
  model::IdempotencyReport report;
  // The dialect as answers showed it: the plan's carrier, and what was seen.
  model::IdempotencyProfile learned;
};

// The control group first: operations sent once, which give the service time S and what one
// operation's effects are by themselves; then the properties by number; then all effects are
// counted once more, and what was not kept gets its reproducer. Blocks. When the run is stopped the
// properties that were not reached are "not tested". Fails with kUnavailable when the target cannot
// be reached, with kInvalidArgument when it does not take the plan's operation at all: then nothing
// can be verified.
[[nodiscard]] Result<Verified> verify(const VerificationDeps& deps,
                                      const VerificationOptions& options);

}  // namespace squall::verify
