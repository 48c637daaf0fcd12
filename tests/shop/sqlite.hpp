// SQLite as a database of the shop.
#pragma once

#include <memory>
#include <string>

#include "tests/shop/sql.hpp"

namespace squall::shop {

// What a commit survives: kProcess the death of the process (enough for a file that is deleted at
// exit), kPower the host's too.
enum class Durability { kProcess, kPower };

// In WAL mode. Statements are prepared once per connection; that another process holds the write
// lock is waited for, up to five seconds.
[[nodiscard]] Result<std::unique_ptr<Connection>> open_sqlite(const std::string& path,
                                                              Durability durability);

}  // namespace squall::shop
