// Files that clients send in, which they may have to send again.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "tests/shop/database.hpp"
#include "tests/shop/http_service.hpp"
#include "tests/shop/log.hpp"
#include "tests/shop/role.hpp"

namespace squall::shop {

enum class UploadsMode {
  kSync,  // each request that arrives whole makes an object: 201. Who sends again makes another one
  kNamed,  // the client names the upload; the bytes are kept under that name, once: 202, and a
           // thread of its own makes the object
};

// POST /uploads?name=NAME, a form with the file as the part "file"; Upload-Id names the upload.
// Borrows database and role. Any thread.
class Uploads {
 public:
  Uploads(UploadsMode mode, Database& database, Role& role);
  ~Uploads();
  Uploads(const Uploads&) = delete;
  Uploads& operator=(const Uploads&) = delete;

  // Makes its tables.
  static const char* schema();

  // 201 {"object","bytes","digest"}, or 202 {"upload","state"}; 400 without name, file or (named)
  // Upload-Id; 422 when that upload had other bytes.
  [[nodiscard]] Answer accept(const Call& call);
  // GET /uploads/{id}: {"upload","state"}, the state one of waiting, stored. 404 otherwise.
  [[nodiscard]] Answer look(const Call& call);
  // GET /objects: {"items":[{"seq","token"}],"next"}, the token being the object's name.
  [[nodiscard]] Answer objects(const Call& call);

 private:
  [[nodiscard]] Answer store_now(const std::string& name, const std::string& bytes,
                                 const Call& call);
  [[nodiscard]] Answer keep(const std::string& id, const std::string& name,
                            const std::string& bytes, const Call& call);
  void work();
  // One upload that waits becomes an object. False: none waits.
  [[nodiscard]] Result<bool> store_next();

  UploadsMode mode_;
  Database& database_;
  Role& role_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  bool news_ = true;  // what an earlier process left counts
  std::thread worker_;
};

struct UploadsOptions {
  HttpOptions http = {};
  LogLevel log_level = LogLevel::kInfo;
  UploadsMode mode = UploadsMode::kNamed;
  std::string database_file = {};  // empty: a private temporary file, removed at exit
};

// Runs the role until it is told to stop; the process's exit code.
[[nodiscard]] int run_uploads(const UploadsOptions& options);

}  // namespace squall::shop
