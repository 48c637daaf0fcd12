// Adds one run record to another: a second to a run, a shard to a whole.
#pragma once

#include "loadgen/model/run_record.hpp"

namespace squall::run {

// Adds what was counted and measured (histograms, counters, series, faults, events, breaches,
// TLS,
// digest) of `delta` to `total`. Identity, effects and judgement of `total` stay. Seconds that both
// have are added up; their percentiles, which cannot be added, are those of the cells of both, and
// of lag the later one's. REQUIRES: both are of one plan (equal steps and faults) or `delta` has no
// faults.
void merge_into(model::RunRecord& total, const model::RunRecord& delta);

// Adds one kind of ending, which need not be in `total` yet; examples beyond the first few are left
// out.
void merge_ending(model::RunRecord& total, const model::RecordedEnding& ending);

// Adds what was seen of TLS with one target, which need not be in `total` yet.
void merge_tls(model::RunRecord& total, const model::RecordedTls& tls);

}  // namespace squall::run
