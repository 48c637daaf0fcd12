// Parts of documents that squall writes itself, between marks that readers do not see:
//   <!-- generated: NAME -->
//   …
//   <!-- end -->
#pragma once

#include <string>
#include <string_view>

#include "loadgen/base/result.hpp"

namespace squall {

// `document` with what stands between the mark of `name` and the next end mark replaced by
// `section`, which brings its line breaks along. kMalformed when the marks are missing. Pure.
[[nodiscard]] Result<std::string> replace_generated_section(std::string_view document,
                                                            std::string_view name,
                                                            std::string_view section);

}  // namespace squall
