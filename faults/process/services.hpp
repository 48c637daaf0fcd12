// The services of a plan: processes that squall starts, watches and stops.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/model/run_record.hpp"
#include "loadgen/model/service_control.hpp"

namespace squall::faults {

class GuardianCalls;
class ServiceClock;
struct GuardianCommand;
struct GuardianReport;

struct ServiceOptions {
  std::string log_directory;      // LABEL.log goes there (stdout and stderr); made when missing
  std::string program_directory;  // searched before PATH; empty: where the running executable is
  std::string
      guardian_program;  // empty: the running executable, whose main() calls run_as_guardian()
  // Asked every few tens of milliseconds while start_all() or a command is waited for, by whichever
  // thread waits; true gives up.
  std::function<bool()> stop_requested;
  // Where services run and the relative path of a program starts; empty: squall's own.
  std::string working_directory = {};
};

// Something that happened to a service.
struct ServiceEvent {
  TimePoint at{};  // when the guardian saw it
  std::string service;
  std::string text;      // "psp exited with status 3"
  bool planned = false;  // an action of the plan did that
  bool failed_undo = false;

  // As the run record has it: "service" for what nobody meant to happen. `start`: t = 0 of the run.
  [[nodiscard]] model::RunEvent as_run_event(TimePoint start) const {
    return {at - start, planned ? "action" : failed_undo ? "undo" : "service", text};
  }
};

// Runs the services under a guardian process (guardian.hpp), so that they and everything that stems
// from them end with this object, and with squall however it dies. Owns the guardian. The calls of
// ServiceControl and poll() may come from several threads at a time; start_all(), stop_all() and
// the destructor, which does what stop_all() does, alone.
class Services final : public model::ServiceControl {
 public:
  explicit Services(ServiceOptions options);
  ~Services() override;
  Services(const Services&) = delete;
  Services& operator=(const Services&) = delete;

  // Starts them in the plan's order, each once the one before is ready: an answer 2xx to its
  // `ready` request, an accepted connection, a `ready_command` that exits with 0 or, without any, a
  // running program. Before a service starts its directory is made and its preparation run. The
  // Error names the service and says what happened: program not found, preparation failed, exited
  // early (with its status), not ready within ready_timeout; it quotes the last lines of the log.
  // Services that were started before a failure run on until stop_all(). kUnavailable when
  // stop_requested said so. REQUIRES: called once; labels differ.
  [[nodiscard]] Result<void> start_all(const std::vector<model::Service>& services);

  // What happened since the last call: exits of services, death of the guardian.
  [[nodiscard]] std::vector<ServiceEvent> poll();

  Result<void> signal(const std::string& process, int signal, model::ExitIs exit) override;
  Result<void> stop(const std::string& process, int signal, Duration patience) override;
  Result<void> start(const std::string& process) override;
  [[nodiscard]] bool is_running(const std::string& process) override;
  Result<model::ResourceLimits> change_limits(const std::string& process,
                                              const model::ResourceLimits& limits) override;
  Result<void> move_clock(const std::string& process, const model::ClockMove& move) override;
  Result<void> restore_clock(const std::string& process) override;
  [[nodiscard]] const model::Service& described(const std::string& process) const override;
  Result<void> run(const model::HookCommand& command) override;
  Result<std::uint64_t> add_undo(const model::HookCommand& command) override;
  Result<void> run_undo(std::uint64_t handle) override;
  [[nodiscard]] bool pause(Duration time) override;

  // Runs what is left to undo, ends every service and everything that stems from it, each with its
  // stop signal and SIGKILL after its stop_timeout; removes the services' directories. Blocks until
  // all is gone. Returns what went wrong with that: an undo that failed has failed_undo.
  // Idempotent.
  std::vector<ServiceEvent> stop_all();

  // Of a running service.
  [[nodiscard]] std::optional<pid_t> pid_of(std::string_view process);
  [[nodiscard]] std::string log_path(std::string_view process) const;

 private:
  // For the guardian to fork and the program to be loaded, and for whatever else it does at once.
  static constexpr Duration kAnswerLimit = std::chrono::seconds(10);

  // Whether waiting ends when the run is asked to stop. A restart does not: what comes after the
  // load needs the service.
  enum class Heed : std::uint8_t { kStop, kNothing };
  struct Process {
    model::Service service;
    std::uint64_t id = 0;  // of its present incarnation; 0: none yet
    pid_t pid = 0;
    std::optional<int> exit;  // wait status
    bool exit_planned = false;
    // Of a service with moves_clock, for all incarnations.
    std::unique_ptr<ServiceClock> clock;  // null: it cannot have one, clock_problem says why
    std::string clock_problem;
    std::uint64_t readings_before = 0;  // it was moved
  };

  Result<void> ensure_guardian();
  Result<void> start_first(const model::Service& service);
  Result<void> make_directory(const model::Service& service);
  Result<void> prepare(const model::Service& service);
  Result<void> launch(Process& process);
  // Lets the command start with the process's clock, or notes why it cannot.
  void give_clock(Process& process, GuardianCommand& command);
  [[nodiscard]] Process& process_named(const std::string& label);
  void tell_planned(const std::string& label, std::string text);
  Result<void> wait_until_ready(const Process& process, Heed heed);
  [[nodiscard]] Result<void> probe(const Process& process, Duration timeout, Heed heed);
  [[nodiscard]] Result<GuardianCommand> program_of(const model::Service& service,
                                                   const std::vector<std::string>& command) const;
  [[nodiscard]] Result<GuardianCommand> hook_program(const model::HookCommand& command) const;
  // Runs it to its end or until `give_up`; its wait status.
  Result<int> run_to_end(GuardianCommand command, const std::function<bool()>& give_up);
  void take_news();
  void take_report(const GuardianReport& report);
  [[nodiscard]] std::optional<int> exit_of(const Process& process);
  [[nodiscard]] bool stop_requested() const;
  [[nodiscard]] Error exited_early(const Process& process, int wait_status) const;
  [[nodiscard]] std::string quoted_log(const std::string& path) const;
  [[nodiscard]] Process* find(std::string_view process);

  ServiceOptions options_;
  std::unique_ptr<GuardianCalls> guardian_;
  // Filled by start_all(), its nodes stay; what changes in them is under the mutex.
  std::map<std::string, Process, std::less<>> processes_;  // by label
  // From fetching news to having taken them in: else one thread would not see yet what another has
  // fetched.
  std::mutex news_mutex_;
  std::mutex mutex_;
  std::map<std::uint64_t, model::HookCommand> undos_;  // left with the guardian
  std::vector<ServiceEvent> events_;
  bool guardian_loss_told_ = false;
};

}  // namespace squall::faults
