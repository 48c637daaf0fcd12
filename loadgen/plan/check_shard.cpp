#include <string>
#include <string_view>

#include <fmt/core.h>

#include "loadgen/plan/cross_checks.hpp"

namespace squall::plan {
namespace {

struct WholeOnly {
  std::string_view table;
  std::string_view why;
};

constexpr WholeOnly kWholeOnly[] = {
    {"service",
     "each shard would start services of its own and load those: start them before the run, say "
     "where they are in `urls` or with --target, and take the [[service]] tables out"},
    {"proxy",
     "each shard would have a fault proxy of its own, which the others' traffic does not pass: "
     "faults of a run in shards are those of its own requests ([[fault]] without `proxy`)"},
    {"teardown",
     "no shard knows when the others have counted their effects: send these requests after `squall "
     "merge`"},
    {"skew", "the sweep before the load is one process's: run `squall skew` on its own"},
    {"history",
     "clocks of several hosts are not one clock, so what came before what cannot be told: run this "
     "plan whole"},
};

const SourceRef& place_of(const expr::Value& found) {
  const expr::Array* tables = found.as_array();
  return tables != nullptr && !tables->empty() ? tables->front().where : found.where;
}

}  // namespace

void check_shard(Build& build) {
  const model::Load& load = build.plan.load;
  if (load.shard.is_whole()) {
    return;
  }
  const auto refuse = [&](const SourceRef& where, std::string_view why) {
    build.diagnostics.error(where, fmt::format("not in a run of several shards: {}", why));
  };
  for (const WholeOnly& one : kWholeOnly) {
    if (const expr::Value* found = build.document.find(one.table)) {
      refuse(place_of(*found), one.why);
    }
  }
  for (const model::OracleSpec& oracle : build.plan.effects.oracles) {
    if (oracle.kind != nullptr && oracle.kind->listens) {
      refuse(oracle.where,
             "the target calls this oracle, and it can call only one shard's: count the effects "
             "where every shard can read them");
    } else if (oracle.oracle->counts_total_only() && !load.start_at) {
      refuse(oracle.where,
             "a sum means something only when every shard reads it before the first request and "
             "after the last: give all shards the same --start-at");
    }
  }
  if (const expr::Value* setup = build.document.find("setup"); setup != nullptr && !load.start_at) {
    refuse(place_of(*setup),
           "the first shard sends these requests, and the others wait for them until the common "
           "start: give all shards the same --start-at");
  }
}

}  // namespace squall::plan
