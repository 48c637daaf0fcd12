// The part of a run in which traffic flows: workers started, their seconds collected, journaled,
// watched, until the drain ends.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "loadgen/engine/closed_driver.hpp"
#include "loadgen/engine/worker.hpp"
#include "loadgen/model/ledger.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/model/progress.hpp"
#include "loadgen/model/run_record.hpp"
#include "loadgen/run/aggregator.hpp"
#include "loadgen/run/dependency_collector.hpp"
#include "loadgen/run/history_processes.hpp"
#include "loadgen/run/journal.hpp"
#include "loadgen/run/proxy_watch.hpp"
#include "loadgen/run/run.hpp"
#include "loadgen/run/self_watch.hpp"
#include "loadgen/run/stop_signal.hpp"
#include "loadgen/run/timeline.hpp"

namespace squall::run {

// Borrows everything; one use; the run's thread.
class LoadPhase {
 public:
  struct Deps {
    const model::Plan& plan;
    const RunHooks& hooks;
    model::ProgressView& view;
    const StopSignal& stop;
    Journal& journal;
    model::Ledger& ledger;     // filled with the operations of effect steps
    model::RunRecord& record;  // filled with everything measured
    bool spin = false;
  };
  explicit LoadPhase(const Deps& deps);

  // Blocks until every worker has ended. Returns the first failure to write the journal, if any.
  [[nodiscard]] std::optional<Error> run();

 private:
  void make_workers();
  void await_start();
  void poll_events();
  [[nodiscard]] bool workers_finished() const;
  void tick();
  void take_seconds(Aggregator::Which which);
  void take_second(RunSecond second);
  void take_history(std::vector<model::HistoryOperation> history);
  void watch(const model::SecondSummary& second, const std::vector<model::Lateness>& lateness);
  [[nodiscard]] std::optional<std::string> abort_reason(const model::SecondSummary& second) const;
  void breached(model::Breach breach);
  void note_last_iteration();
  void stop_early(const char* kind, std::string text);
  void announce(model::RunEvent event);
  void announce_stage(Duration elapsed);
  void announce_timeline();
  void take_timeline();
  // Without the plan's secrets.
  [[nodiscard]] std::vector<model::RecordedAction> shown(
      std::vector<model::RecordedAction> actions) const;
  void end_timeline();
  void keep(const Result<void>& written);
  void take_exchanges();
  void finish(Duration cpu_user, Duration cpu_system);

  Deps deps_;
  DescriptorLimitRaised raised_;
  HostWatch host_watch_;
  Aggregator aggregator_;
  engine::WorkerControl control_;
  engine::IterationBudgets iterations_;
  SelfWatch self_watch_;
  ProxyWatch proxy_watch_;
  Timeline timeline_;
  HistoryProcesses processes_;
  bool guards_users_;  // the plan has a max_rate, and users whose rate is not known beforehand
  TimePoint zero_;
  std::unique_ptr<DependencyCollector> dependencies_;  // null: no proxy in HTTP mode
  std::vector<std::unique_ptr<engine::Worker>> workers_;
  model::SecondSummary last_second_;
  model::Stage stage_ = model::Stage::kBaseline;
  std::optional<Error> not_written_;
};

}  // namespace squall::run
