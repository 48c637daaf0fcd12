// Leases by name, for whoever must be the only one to do something: a scheduler, a writer, a
// leader. Several processes may keep the same ones, each with a clock of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "loadgen/base/clock.hpp"
#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"
#include "tests/shop/database.hpp"
#include "tests/shop/http_service.hpp"
#include "tests/shop/log.hpp"

namespace squall::shop {

// When somebody else's lease is over.
enum class LeaseClock {
  kWall,      // at the time that its holder's process wrote down, by this process's wall clock
  kObserved,  // once this process has seen it unchanged for its time, by its own monotonic clock
};

struct LeaseSettings {
  LeaseClock clock = LeaseClock::kObserved;
  Duration time = std::chrono::seconds(5);  // that a lease lasts
};

struct Lease {
  bool held = false;       // by whoever asked
  std::string holder;      // who has it now
  std::int64_t token = 0;  // rises with every change of the lease: for fencing
};

// Borrows database and clock. Any thread.
class LeaseBook {
 public:
  LeaseBook(const LeaseSettings& settings, Database& database, const Clock& clock)
      : settings_(settings), database_(database), clock_(clock) {}

  // Takes a lease that nobody has or whose time is over, or makes one's own last its time from now
  // on. Else says who has it. kIo when the database refused.
  [[nodiscard]] Result<Lease> acquire(const std::string& name, const std::string& holder);

 private:
  struct Row {
    std::string holder;
    std::int64_t token = 0;
    std::int64_t expires_ms = 0;  // wall clock of the process that wrote it
  };
  // Of a lease that somebody else has, what this process has seen.
  struct Seen {
    std::int64_t token = 0;
    TimePoint since;
  };
  [[nodiscard]] static Result<bool> read(Connection& connection, const std::string& name, Row& row);
  [[nodiscard]] bool is_over(const std::string& name, const Row& row);
  [[nodiscard]] bool has_been_seen_long_enough(const std::string& name, std::int64_t token);
  void forget_old(TimePoint now);

  LeaseSettings settings_;
  Database& database_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Seen> seen_;  // under mutex_
};

struct LeasesOptions {
  HttpOptions http = {};
  LogLevel log_level = LogLevel::kInfo;
  LeaseSettings leases = {};
  std::string database_file = {};
};

// Runs the role until it is told to stop; the process's exit code.
[[nodiscard]] int run_leases(const LeasesOptions& options);

}  // namespace squall::shop
