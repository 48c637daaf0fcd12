// Work that is done later, by a scheduler that may run several times for the sake of availability.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "loadgen/base/clock.hpp"
#include "tests/shop/database.hpp"
#include "tests/shop/http_pool.hpp"
#include "tests/shop/http_service.hpp"
#include "tests/shop/leases.hpp"
#include "tests/shop/log.hpp"
#include "tests/shop/role.hpp"

namespace squall::shop {

// Whose turn it is when the clock strikes.
enum class JobTurns {
  kEach,    // every replica's: each does what it finds undone
  kLeased,  // that of the replica which holds the lease in the database
};

struct JobsSettings {
  JobTurns turns = JobTurns::kLeased;
  Duration period = std::chrono::seconds(1);      // as cron does: at whole multiples of it
  Duration lease_time = std::chrono::seconds(3);  // longer than one job takes
};

// Jobs in a database that replicas share. At each tick those that are not done yet are done, one
// after the other: {"job","token"} is posted to somebody else, with the job's id as Job-Id. What
// fails is tried again at the next tick. Borrows database, clock and role; owns the pool. Any
// thread.
class Jobs {
 public:
  struct Deps {
    Database& database;
    const Clock& clock;
    Role& role;
    std::unique_ptr<HttpPool> receiver;
  };
  Jobs(const JobsSettings& settings, Deps deps);
  ~Jobs();
  Jobs(const Jobs&) = delete;
  Jobs& operator=(const Jobs&) = delete;

  // Makes its tables.
  static const char* schema();

  // POST /jobs {"token"}: 202 {"job"}.
  [[nodiscard]] Answer accept(const Call& call);

 private:
  struct Job {
    std::int64_t id = 0;
    std::string token;
  };
  void work();
  // False: the program is about to end.
  [[nodiscard]] bool wait_for_tick();
  [[nodiscard]] Result<void> tick();
  [[nodiscard]] Result<std::vector<Job>> undone();
  [[nodiscard]] Result<bool> may_go_on();
  [[nodiscard]] bool hand_over(const Job& job);
  [[nodiscard]] Result<void> mark_done(std::int64_t id);
  [[nodiscard]] bool is_ending();

  JobsSettings settings_;
  Deps deps_;
  std::string holder_;  // this replica, for the lease
  LeaseBook leases_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  std::thread worker_;
};

struct JobsOptions {
  HttpOptions http = {};
  LogLevel log_level = LogLevel::kInfo;
  JobsSettings jobs = {};
  std::string database_file = {};
  std::string receiver_url = {};
};

// Runs the role until it is told to stop; the process's exit code.
[[nodiscard]] int run_jobs(const JobsOptions& options);

}  // namespace squall::shop
