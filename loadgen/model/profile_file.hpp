// Profiles of idempotency dialects as TOML: the files of plans/profiles, and what was learnt.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "loadgen/base/diagnostics.hpp"
#include "loadgen/expr/key_spec.hpp"
#include "loadgen/expr/table_reader.hpp"
#include "loadgen/model/idempotency_profile.hpp"

namespace squall::model {

// Every problem is reported at file:line:col, with the nearest known name or an example; nothing is
// returned when there is one. `file` is for positions. Pure.
[[nodiscard]] std::optional<IdempotencyProfile> read_profile(std::string_view text,
                                                             const std::string& file,
                                                             Diagnostics& diagnostics);

// A file that read_profile() reads back as an equal profile. REQUIRES: its name and texts could
// stand in a file (is_profile_name(), printable texts of one line).
[[nodiscard]] std::string to_toml(const IdempotencyProfile& profile);

// Letters, digits, '-', '_', beginning with a letter; at most 64.
[[nodiscard]] bool is_profile_name(std::string_view name);

// The tables of such a file, for references; static.
[[nodiscard]] const expr::TableSpec& profile_spec();
// How a request carries its key. A plan's `key` has the same keys.
[[nodiscard]] const expr::TableSpec& profile_key_spec();

// Reads such a `key` table over what `profile` says already: what the table leaves out stays.
void read_profile_key(const expr::Value& table, const expr::Scope& scope, Diagnostics& diagnostics,
                      IdempotencyProfile& profile);

}  // namespace squall::model
