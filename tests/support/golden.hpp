// Byte-exact expectations kept in files under tests/golden. SQUALL_UPDATE_GOLDEN=1 rewrites them;
// the diff is reviewed.
#pragma once

#include <string>
#include <string_view>

namespace squall::testing {

// Fails the current test when `text` differs from tests/golden/<name>, and says how to update.
// `source_dir` is the root of the repository (SQUALL_SOURCE_DIR).
void expect_golden(std::string_view text, const std::string& source_dir, const std::string& name);

}  // namespace squall::testing
