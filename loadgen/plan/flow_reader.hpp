// Reads the steps and groups of one scenario and compiles them into its program.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "loadgen/expr/table_reader.hpp"
#include "loadgen/expr/value.hpp"
#include "loadgen/model/flow_program.hpp"
#include "loadgen/plan/build.hpp"
#include "loadgen/plan/tables.hpp"

namespace squall::plan {

// Borrows everything. One loader, one thread; problems go to the build's diagnostics. Recursion is
// bounded by model::kMaxFlowDepth.
class FlowReader {
 public:
  // `target`: of steps that name none.
  FlowReader(model::Scenario& scenario, std::uint16_t target, Build& build);

  // Fills the scenario's steps, extracted names and program. REQUIRES: called once; not empty.
  void read(const std::vector<const expr::Value*>& steps);

 private:
  // What surrounds a step or group.
  struct Place {
    std::size_t depth = 0;
    std::uint64_t visits = 1;           // of what stands here, in one iteration, at most
    std::vector<std::string> hidden{};  // names that steps under way beside it extract
  };
  struct Loop {
    std::uint32_t low = 0;
    std::uint32_t high = 0;
  };

  [[nodiscard]] std::uint16_t here() const;
  std::uint16_t emit(model::FlowInstruction instruction);
  void sequence(const std::vector<const expr::Value*>& tables, const Place& place);
  void one(const expr::Value& table, const Place& place);
  void step(const expr::Value& table, const Place& place);
  void group(const expr::Value& table, const Place& place);
  void parallel(expr::TableReader& reader, const std::vector<const expr::Value*>& steps,
                const Place& place);
  // Position of the condition in the program; nothing, and reported, when it is none.
  std::optional<std::uint16_t> condition(const expr::LocatedText& text, const Place& place);
  // Position of the instruction that skips what follows; its target is still open.
  std::optional<std::uint16_t> begin_when(expr::TableReader& reader, const Place& place);
  // The extracted names by slot; one that is not known at that place is empty.
  [[nodiscard]] std::vector<std::string> visible(const Place& place) const;
  std::optional<Loop> read_loop(expr::TableReader& reader);
  void emit_pause(expr::TableReader& reader);

  model::Scenario& scenario_;
  std::uint16_t target_;
  Build& build_;
  NameSet step_names_;
  std::uint64_t operations_ = 0;  // of one iteration, at most
  std::size_t groups_ = 0;
  bool full_ = false;
};

}  // namespace squall::plan
