// PostgreSQL as a database of the shop.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "tests/shop/sql.hpp"

namespace squall::shop {

// "postgres://…" or "postgresql://…".
[[nodiscard]] bool is_postgres_url(std::string_view place);

// Statements are given five seconds for an answer. A connection that fails is given up; it connects
// again for its next user (make_ready), never between two statements of one.
[[nodiscard]] Result<std::unique_ptr<Connection>> open_postgres(const std::string& url);

// "… WHERE a = ? AND b = ?" becomes "… WHERE a = $1 AND b = $2", ?2 becomes $2. REQUIRES: no
// question mark in a quoted text.
[[nodiscard]] std::string with_numbered_parameters(std::string_view sql);

}  // namespace squall::shop
