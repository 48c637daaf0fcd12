// Notes that are to be kept, and when their writer is told that they are.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/shop/database.hpp"
#include "tests/shop/http_service.hpp"
#include "tests/shop/log.hpp"
#include "tests/shop/role.hpp"

namespace squall::shop {

enum class NotesAck {
  kMemory,  // once the note is in memory; a thread of its own writes many at once. What it has not
            // written when the process dies is gone
  kCommit,  // once it is committed
};

struct NotesSettings {
  NotesAck ack = NotesAck::kCommit;
  Duration flush = std::chrono::milliseconds(200);  // kMemory: from one writing to the next
};

// Borrows database and role. Any thread.
class Notes {
 public:
  Notes(const NotesSettings& settings, Database& database, Role& role);
  ~Notes();
  Notes(const Notes&) = delete;
  Notes& operator=(const Notes&) = delete;

  // Makes its tables.
  static const char* schema();

  // POST /notes {"token"}: 201.
  [[nodiscard]] Answer write(const Call& call);
  // GET /notes: {"items":[{"seq","token"}],"next"}, what is committed.
  [[nodiscard]] Answer list(const Call& call);

 private:
  void work();
  // Commits all of them, or none.
  [[nodiscard]] Result<void> commit(const std::vector<std::string>& tokens);

  NotesSettings settings_;
  Database& database_;
  Role& role_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  std::vector<std::string> waiting_;  // under mutex_
  std::thread worker_;
};

struct NotesOptions {
  HttpOptions http = {};
  LogLevel log_level = LogLevel::kInfo;
  NotesSettings notes = {};
  std::string database_file = {};
};

// Runs the role until it is told to stop; the process's exit code.
[[nodiscard]] int run_notes(const NotesOptions& options);

}  // namespace squall::shop
