// The services of a plan: processes that squall starts, watches and stops.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::faults {

class GuardianLink;
struct GuardianReport;

struct ServiceOptions {
  std::string log_directory;      // NAME.log goes there (stdout and stderr); made when missing
  std::string program_directory;  // searched before PATH; empty: where the running executable is
  std::string
      guardian_program;  // empty: the running executable, whose main() calls run_as_guardian()
  // Asked every few tens of milliseconds while start_all() waits; true gives up.
  std::function<bool()> stop_requested;
  // Where services run and the relative path of a program starts; empty: squall's own.
  std::string working_directory = {};
};

// Something that happened to a service.
struct ServiceEvent {
  TimePoint at{};  // when the guardian saw it
  std::string service;
  std::string text;  // "psp exited with status 3"

  // As the run record has it. `start`: t = 0 of the run.
  [[nodiscard]] model::RunEvent as_run_event(TimePoint start) const {
    return {at - start, "service", text};
  }
};

// Runs the services under a guardian process (guardian.hpp), so that they and everything that stems
// from them end with this object, and with squall however it dies. Owns the guardian. One thread at
// a time. The destructor does what stop_all() does.
class Services {
 public:
  explicit Services(ServiceOptions options);
  ~Services();
  Services(const Services&) = delete;
  Services& operator=(const Services&) = delete;

  // Starts them in the plan's order, each once the one before is ready: an answer 2xx to its
  // `ready` request or, without one, a running program. The Error names the service and says what
  // happened: program not found, exited early (with its status), not ready within ready_timeout; it
  // quotes the last lines of the service's log. Services that were started before a failure run on
  // until stop_all(). kUnavailable when stop_requested said so. REQUIRES: called once.
  [[nodiscard]] Result<void> start_all(const std::vector<model::Service>& services);

  // What happened since the last call: exits of services that nobody told to stop, death of the
  // guardian.
  [[nodiscard]] std::vector<ServiceEvent> poll();

  // Sends a signal to a service and all processes that stem from it. kNotFound when no such service
  // runs.
  Result<void> signal(std::string_view name, int signal_number);

  // Registers a command that is run when the services end, be it by stop_all() or because squall
  // died; the youngest first, each for at most five seconds, its output in undo.log. Returns a
  // handle for forget_undo().
  Result<std::uint64_t> add_undo(const std::vector<std::string>& command);
  Result<void> forget_undo(std::uint64_t handle);

  // Ends every service and everything that stems from it: SIGTERM, SIGKILL after a second; runs the
  // undo commands. Blocks until all is gone. Returns what went wrong with that, which is worth
  // showing but nothing to act on. Idempotent.
  std::vector<ServiceEvent> stop_all();

  // Of a running service.
  [[nodiscard]] std::optional<pid_t> pid_of(std::string_view name) const;
  [[nodiscard]] std::string log_path(std::string_view name) const;

 private:
  struct Entry {
    std::string name;
    pid_t pid = 0;            // 0: not started
    std::optional<int> exit;  // wait status
    std::string problem;      // why it could not be started
  };

  Result<void> ensure_guardian();
  Result<void> start_one(const model::Service& service);
  Result<void> wait_until_started(std::uint64_t id);
  Result<void> wait_until_ready(const model::Service& service, std::uint64_t id);
  void take_reports(Duration timeout);
  void take_report(const GuardianReport& report);
  [[nodiscard]] Error exited_early(const Entry& entry) const;
  [[nodiscard]] std::string quoted_log(const std::string& name) const;
  [[nodiscard]] const Entry* running(std::string_view name, std::uint64_t& id) const;

  ServiceOptions options_;
  std::unique_ptr<GuardianLink> guardian_;
  std::map<std::uint64_t, Entry> entries_;  // by id
  std::uint64_t next_id_ = 1;               // of services and undo commands
  std::vector<ServiceEvent> events_;
  bool guardian_loss_told_ = false;
};

}  // namespace squall::faults
