#include "loadgen/app/shard_options.hpp"

#include <chrono>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "loadgen/app/output.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/effects/curl_line.hpp"
#include "loadgen/run/launcher.hpp"
#include "loadgen/run/shard_text.hpp"
#include "loadgen/run/start_instant.hpp"

namespace squall::app {
namespace {

constexpr std::string_view kAuto = "auto";
constexpr std::string_view kShardOption = " --run-id \"$RUN_ID\" --shard ";

// Launchers number anew on another host or after an installation, so another launch may have had
// that name; the start tells them apart.
std::string run_id_of(const std::string& launch, const std::optional<WallTime>& start) {
  if (!start) {
    return launch;
  }
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(start->time_since_epoch()).count();
  return fmt::format("{}-{}", launch, seconds);
}

}  // namespace

void add_shard_options(CLI::App& command, ShardOptions& options, const std::string& group) {
  command
      .add_option("--shard", options.shard,
                  "Take up one part of the arrivals: 2/8 is the second of eight processes that "
                  "share the run, and leaves its results in shard-2-of-8 below --out. auto: as "
                  "Kubernetes, Slurm, Open MPI or PMI say. `squall merge` joins and judges them")
      ->group(group)
      ->type_name("I/N");
  command
      .add_option("--start-at", options.start_at,
                  "When the first arrival may be due, by this host's clock and the same for all "
                  "shards: a date with its zone, or seconds after 1970")
      ->group(group)
      ->type_name("TIME");
}

Result<void> settle_shard(const ShardOptions& options, PlanOptions& plan) {
  if (!options.start_at.empty()) {
    const auto start = run::parse_start(options.start_at, wall_clock_now());
    if (!start) {
      return fail(with_context(start.error(), "--start-at"));
    }
    plan.start_at = *start;
  }
  if (options.shard.empty()) {
    return {};
  }
  std::optional<std::string> launch;
  if (options.shard == kAuto) {
    auto launched = run::launched_shard(effects::process_environment);
    if (!launched) {
      return fail(with_context(launched.error(), "--shard auto"));
    }
    plan.shard = launched->shard;
    launch = std::move(launched->launch);
    say("squall: shard {}, from {}\n", run::to_string(plan.shard), launched->source);
  } else {
    const auto shard = run::parse_shard(options.shard);
    if (!shard) {
      return fail(with_context(shard.error(), "--shard"));
    }
    plan.shard = *shard;
    launch = run::launch_of(effects::process_environment);
  }
  if (plan.shard.is_whole() || plan.run_id) {
    return {};
  }
  if (!launch) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("--shard {}: all shards of a run need one run id, else their keys and "
                            "decisions belong to different runs, and nothing here says which it "
                            "is: give each of them the same fresh --run-id, for example "
                            "--run-id night-42",
                            run::to_string(plan.shard)));
  }
  plan.run_id = run_id_of(*launch, plan.start_at);
  say("squall: run id {}, from the launcher\n", *plan.run_id);
  return {};
}

std::string whole_command(std::string_view shard_command) {
  return std::string(shard_command.substr(0, shard_command.find(kShardOption)));
}

}  // namespace squall::app
