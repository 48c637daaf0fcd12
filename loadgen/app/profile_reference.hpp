// The generated parts of plans/profiles/README.md.
#pragma once

#include <string>

namespace squall::app {

// What each profile that ships declares.
[[nodiscard]] std::string profile_table();
// The keys of a profile's file, table by table.
[[nodiscard]] std::string profile_keys();
// The properties of idempotency that squall tests, by number.
[[nodiscard]] std::string property_table();

}  // namespace squall::app
