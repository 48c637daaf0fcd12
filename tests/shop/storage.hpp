// What the small services beside the shop share: a database of their own, and answers from it.
#pragma once

#include <memory>
#include <string>

#include "tests/shop/database.hpp"
#include "tests/shop/problem.hpp"
#include "tests/shop/role.hpp"
#include "tests/shop/temporary_directory.hpp"

namespace squall::shop {

class Call;

// A service's database. Owns it, and the directory of a private one, which goes with it.
struct OwnStorage {
  TemporaryDirectory directory;  // first, so that it is removed after the database is closed
  std::unique_ptr<Database> database;
};

// `file`: shared with other processes or kept; empty: a private one. `schema`: statements that make
// the service's tables when they are missing.
[[nodiscard]] Result<OwnStorage> open_own_storage(const std::string& file, const char* schema);

// 503, counted and logged: the answer when the database refused.
[[nodiscard]] Answer database_refused(const Error& error, const Call& call, Role& role);

// {"items":[{"seq","token"}],"next"}: a page of what `select` finds, which takes the number after
// which it begins and a limit, and gives rows of a rising number and a token.
[[nodiscard]] Answer list_tokens(const Call& call, Database& database, const char* select,
                                 Role& role);

}  // namespace squall::shop
