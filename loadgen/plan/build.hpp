// What the readers of a plan's tables share while one plan is loaded.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/diagnostics.hpp"
#include "loadgen/expr/scope.hpp"
#include "loadgen/expr/table_reader.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/plan/loader.hpp"
#include "loadgen/plan/source_text.hpp"

namespace squall::plan {

// Where parts of a fault stand, for problems that show only when the whole plan is read.
struct FaultPlaces {
  SourceRef kind;
  SourceRef on;
};

// A host that squall would send to and that the plan's targets do not imply.
struct ForeignHost {
  std::string host;
  std::uint16_t port = 0;
  SourceRef where;
};

// Borrows everything; one loader, one thread. Readers fill `plan` and report to `diagnostics`.
struct Build {
  const expr::Value& document;  // the whole plan, as written
  const Registries& registries;
  const LoadOptions& options;
  expr::Scope& scope;
  Diagnostics& diagnostics;
  model::Plan& plan;
  const SourceText& text;

  std::optional<SourceRef> shared_traffic;  // where [load] gives arrivals or users
  std::vector<SourceRef> effect_places;     // parallel to plan.steps: of `effect`, else of the step
  std::vector<FaultPlaces> fault_places;    // parallel to plan.faults
  std::vector<SourceRef> feeder_places;     // parallel to plan.feeders.all()
  std::vector<ForeignHost> foreign_hosts;
  std::vector<std::string> implied_hosts;  // of the plan's own targets
  bool has_traffic = true;       // [load] and [[scenario]]; else there is [idempotency] alone
  bool faults_complete = true;   // every [[fault]] and [[action]] is read without errors
  bool oracles_complete = true;  // every [[effects.oracle]] is in plan.effects
};

// Scenarios, steps and so on are indexed with 16 bits; these bounds are far below and keep hostile
// plans small.
inline constexpr std::size_t kMaxScenarios = 256;
inline constexpr std::size_t kMaxSteps = 4096;
inline constexpr std::size_t kMaxTargets = 256;
inline constexpr std::size_t kMaxCallers = 256;
inline constexpr std::size_t kMaxFaults = 256;
inline constexpr std::size_t kMaxServices = 64;
inline constexpr std::size_t kMaxProxies = 64;
inline constexpr std::size_t kMaxActions = 256;
inline constexpr std::size_t kMaxOracles = 32;

// Names of one kind of thing: reports those that are malformed or taken.
class NameSet {
 public:
  // `what`: "scenario".
  NameSet(std::string what, Diagnostics& diagnostics)
      : what_(std::move(what)), diagnostics_(diagnostics) {}

  // Names begin with a letter and go on with letters, digits, '-' and '_': dots separate the parts
  // of a path.
  void add(const std::string& name, const SourceRef& where);

 private:
  std::string what_;
  Diagnostics& diagnostics_;
  std::vector<std::pair<std::string, SourceRef>> seen_;
};

[[nodiscard]] bool is_plain_name(std::string_view name);

// "there is no <what> named "x"", with the nearest that exists or all of a few.
[[nodiscard]] std::string unknown_name(std::string_view what, std::string_view name,
                                       const std::vector<std::string_view>& known);

// Reports and cuts off what exceeds `limit`; how many may be read.
[[nodiscard]] std::size_t bounded(std::size_t count, std::size_t limit, std::string_view what,
                                  const std::vector<const expr::Value*>& tables,
                                  Diagnostics& diagnostics);

}  // namespace squall::plan
