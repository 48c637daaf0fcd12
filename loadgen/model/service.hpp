// The processes that squall starts for a run, and what they may use.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loadgen/base/error.hpp"
#include "loadgen/base/time.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/model/tls_settings.hpp"

namespace squall::model {

// What the kernel lets each process of a service use (setrlimit); what is not given is as squall
// has it itself.
struct ResourceLimits {
  std::optional<ByteCount> memory;          // private writable memory of each process: RLIMIT_DATA
  std::optional<Duration> cpu_time;         // of each process, then SIGKILL: RLIMIT_CPU, seconds
  std::optional<std::uint64_t> open_files;  // of each process: RLIMIT_NOFILE
  std::optional<std::uint64_t> processes;   // of the service's user, threads too: RLIMIT_NPROC
  std::optional<int> nice;                  // 0 to 19: how much of the CPU it leaves to others

  [[nodiscard]] bool is_empty() const {
    return !memory && !cpu_time && !open_files && !processes && !nice;
  }
  // "memory 256MiB, 64 open files"; empty without any.
  [[nodiscard]] std::string text() const;
};

// A command that runs to its end before a service starts.
struct PreparedCommand {
  std::vector<std::string> command;
  Duration timeout{};  // after which it and its children are killed and the run does not begin
  SourceRef where;
};

// One process of a plan's [[service]]: each replica is one of these, with its own port in all its
// texts.
struct Service {
  std::string name;
  unsigned replica = 1;   // from 1
  unsigned replicas = 1;  // that the service has
  std::vector<std::string> command;
  std::vector<std::pair<std::string, std::string>> environment;  // added to squall's own
  std::string ready;      // "GET http://…" or "tcp host:port"; empty: ready when started
  TlsSettings ready_tls;  // for it, when it is https
  std::vector<std::string> ready_command;  // ready when it exits with 0; at most one of the two
  Duration ready_timeout{};
  std::uint16_t port = 0;
  std::vector<PreparedCommand> prepare;  // one after the other, as the service's user
  std::string directory = {};            // where it runs; empty: the plan's folder
  std::string data_directory = {};  // {{dir.NAME}}, made before it starts, removed with the run
  std::string user = {};            // that it runs as when squall is root; empty: squall's own
  ResourceLimits limits = {};
  bool moves_clock = false;  // an action moves its wall clock: it starts with one of its own
  int stop_signal = 15;
  Duration stop_timeout = std::chrono::seconds(1);  // after the stop signal; then SIGKILL
  SourceRef where;

  // What messages and logs call this process: the service's name, with "-2" behind it when it is
  // one of several.
  [[nodiscard]] std::string label() const {
    return replicas > 1 ? name + "-" + std::to_string(replica) : name;
  }
};

}  // namespace squall::model
