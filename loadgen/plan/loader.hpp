// TOML to Plan: everything checked, every problem reported at once.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loadgen/base/diagnostics.hpp"
#include "loadgen/base/registry.hpp"
#include "loadgen/expr/scope.hpp"
#include "loadgen/model/action_kind.hpp"
#include "loadgen/model/arrival_process.hpp"
#include "loadgen/model/client_fault.hpp"
#include "loadgen/model/detector.hpp"
#include "loadgen/model/oracle.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/model/proxy_fault.hpp"

namespace squall::expr {
struct Value;
}

namespace squall::plan {

// The open sets that a plan can name. Borrowed; must outlive every plan that was loaded with them.
struct Registries {
  const model::ArrivalRegistry& arrivals;
  const model::ClientFaultRegistry& faults;
  const model::OracleRegistry& oracles;
  const model::DetectorRegistry& detectors;
  const model::ProxyFaultRegistry& proxy_faults;
  const model::ActionRegistry& actions;
};

// What the command line says about a plan.
struct LoadOptions {
  // --set path=value. Arrays of tables are addressed by the `name` of their entries:
  // scenario.buy.arrivals.rate; entries without a name by their position from 0. The value is read
  // as TOML and, when that fails, taken as a string.
  std::vector<std::pair<std::string, std::string>> set;
  // --target [name=]url: replaces the replicas of that (or the first) target.
  std::vector<std::string> targets;
  // --allow host[:port].
  std::vector<std::string> allow;
  std::optional<std::uint64_t> seed;
  std::optional<std::string> run_id;
  std::optional<unsigned> threads;
  std::optional<model::PaceMode> pace;
  // --shard: the part of the run that this process takes up, and --start-at.
  model::Shard shard;
  std::optional<WallTime> start_at;
  // Where relative paths in the plan start from; the plan's own folder unless given.
  std::optional<std::string> folder;
  // Files that feeders read from here and not from the disk, contents by the names in the plan;
  // borrowed, null: none.
  const std::map<std::string, std::string>* files = nullptr;
  expr::Scope::Environment environment;
  // Gives a port that nobody listens on, one call for each service, proxy and sink that needs one.
  std::function<Result<std::uint16_t>()> free_port;
  // Where {{dir.NAME}} lie: an absolute path with the beginning of their names, which nobody else
  // uses.
  std::string scratch;
  // Random bits for a seed or run id that nobody chose.
  std::function<std::uint64_t()> entropy;
};

struct Loaded {
  std::shared_ptr<const model::Plan> plan;  // null when there are errors
  Diagnostics diagnostics;                  // errors and warnings
};

// Syntax errors stop at the first; else all semantic problems are in the diagnostics, each at
// file:line:col with the nearest known name or an example of a right value. Opens no connection,
// starts nothing. `file` is used in positions only.
[[nodiscard]] Loaded load(std::string_view text, std::string file, const Registries& registries,
                          const LoadOptions& options);

// The same of a plan that is no text: positions are those of its values. A value that a person
// typed as the argument of an option has the option for its file, which of them it is for its line,
// and column 1: "--require:2:1".
[[nodiscard]] Loaded load(expr::Value document, std::string file, const Registries& registries,
                          const LoadOptions& options);

// Reads the file first; an unreadable one is a diagnostic.
[[nodiscard]] Loaded load_file(const std::string& path, const Registries& registries,
                               const LoadOptions& options);

}  // namespace squall::plan
