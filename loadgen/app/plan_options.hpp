// The options that every command which loads a plan has.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loadgen/expr/value.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/plan/loader.hpp"

namespace CLI {
class App;
}

namespace squall::app {

// As typed. A value.
struct PlanOptions {
  std::string file;
  std::vector<std::string> set;  // "path=value"
  std::vector<std::string> targets;
  std::vector<std::string> allow;
  std::optional<std::uint64_t> seed;
  std::optional<std::string> run_id;
  std::optional<unsigned> threads;
  std::string pace;
  std::optional<std::string> folder;  // of relative paths, when it is not the file's
  const std::map<std::string, std::string>* files = nullptr;  // as in plan::LoadOptions
  bool no_preflight = false;
  model::Shard shard;  // settled: see shard_options.hpp
  std::optional<WallTime> start_at;
  // Looked at before the process's own environment. For values that must not be written down.
  std::map<std::string, std::string> environment;
};

// --run-id, which plans of the command line itself have only for shards.
void add_run_id_option(CLI::App& command, PlanOptions& options, const std::string& group);
// All of them, for commands that are given a plan.
void add_plan_options(CLI::App& command, PlanOptions& options);
// Those that also make sense for a plan that the command line itself stands for: --set, --seed,
// --threads, --pace.
void add_common_plan_options(CLI::App& command, PlanOptions& options, const std::string& group);

// Random 64 bits of the operating system, for seeds and run ids that nobody chose.
[[nodiscard]] std::uint64_t entropy();

// What the loader gets. Services' ports are reserved by the process.
[[nodiscard]] plan::LoadOptions load_options(const PlanOptions& options);

// Loads the plan of `options`, or the one given as text or document. Prints every problem to
// stderr; null when there was an error. kLeaveOut: problems are printed only when one of them is an
// error; for a plan whose warnings were told before.
enum class PlanWarnings : std::uint8_t { kPrint, kLeaveOut };
[[nodiscard]] std::shared_ptr<const model::Plan> load_plan(
    const PlanOptions& options, PlanWarnings warnings = PlanWarnings::kPrint);
[[nodiscard]] std::shared_ptr<const model::Plan> load_plan_text(const std::string& text,
                                                                const PlanOptions& options);
[[nodiscard]] std::shared_ptr<const model::Plan> load_plan_document(expr::Value document,
                                                                    const PlanOptions& options);
// The same with ports from somewhere else.
[[nodiscard]] std::shared_ptr<const model::Plan> load_plan_text(
    const std::string& text, const PlanOptions& options,
    const std::function<Result<std::uint16_t>()>& free_port);

// Says on stderr that services are started though --target sends elsewhere.
void note_services(const std::vector<std::string>& targets, const model::Plan& plan);

// The command line that repeats the run: the options as typed, seed written out.
[[nodiscard]] std::string command_that_repeats(const PlanOptions& options, const model::Plan& plan);

}  // namespace squall::app
