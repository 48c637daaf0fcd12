// Makes the reproducer of a property that was not kept: the least case that still breaks it, as a
// script where curl can express it, and tries that.
#pragma once

#include <string>

#include "loadgen/base/time.hpp"
#include "loadgen/effects/curl_line.hpp"
#include "loadgen/model/idempotency_report.hpp"
#include "loadgen/verify/judge.hpp"
#include "loadgen/verify/lab.hpp"
#include "loadgen/verify/property.hpp"

namespace squall::verify {

struct ReproductionOptions {
  // Else the case stands as it was recorded, as it does when the run was stopped.
  bool tries_it = false;
  Duration minimising = std::chrono::seconds(10);  // at most, of each property
  Duration trying = std::chrono::seconds(20);      // the script
  unsigned minimiser_tries = 60;                   // parts of the case that are left out
  effects::EnvironmentLookup environment = {};     // of secrets; empty: the process's
};

// Fills the result's reproducer, script, reproduced and reproducer_tries, and notes what the least
// case is. Effects that are too many and came of requests alone become a script, when it hits (or
// is not to be tried), and so do two answers that give the failure away; everything else `squall
// replay DIR --property N`, whose rate is the one of the run itself: it does the same. Blocks;
// sends to the target. REQUIRES: a result that fails or warns.
void make_reproducer(Lab& lab, const PropertyTest& test, const Counting& counting,
                     const ReproductionOptions& options, model::PropertyResult& result);

}  // namespace squall::verify
