// Texts that several people change: read, changed, written back.
#pragma once

#include <string>

#include "tests/shop/database.hpp"
#include "tests/shop/http_service.hpp"
#include "tests/shop/log.hpp"
#include "tests/shop/role.hpp"

namespace squall::shop {

enum class DocumentsMode {
  kLastWins,   // what is written replaces what is there, whoever wrote that meanwhile
  kVersioned,  // only who names the version that is there may replace it (If-Match); 412 otherwise
};

// Borrows database and role. Any thread.
class Documents {
 public:
  Documents(DocumentsMode mode, Database& database, Role& role)
      : mode_(mode), database_(database), role_(role) {}

  // Makes its tables.
  static const char* schema();

  // GET /documents/{id}: {"id","version","text"}, the version as ETag, too; 404.
  [[nodiscard]] Answer look(const Call& call);
  // PUT /documents/{id} {"text"}: as look(). Makes it when it is missing. kVersioned: 428 without
  // If-Match when it is there, 412 when that is not its version.
  [[nodiscard]] Answer write(const Call& call);
  // GET /words: {"items":[{"document","word"}]}, each word of each document.
  [[nodiscard]] Answer words(const Call& call);

 private:
  [[nodiscard]] Result<Answer> replace(Connection& writer, const std::string& id,
                                       const std::string& text, const Call& call);

  DocumentsMode mode_;
  Database& database_;
  Role& role_;
};

struct DocumentsOptions {
  HttpOptions http = {};
  LogLevel log_level = LogLevel::kInfo;
  DocumentsMode mode = DocumentsMode::kVersioned;
  std::string database_file = {};  // empty: a private temporary file, removed at exit
};

// Runs the role until it is told to stop; the process's exit code.
[[nodiscard]] int run_documents(const DocumentsOptions& options);

}  // namespace squall::shop
